import { onMounted, ref, watch } from 'vue';
import type { BatteryTestSummary, BatteryTestsResponse } from '#core/paperwork/battery-test.ts';
import type { DutiesResponse, DutySummary } from '#core/paperwork/duty-view.ts';
import type { MeetingSummary, MeetingsResponse } from '#core/paperwork/meeting-view.ts';
import type { ArchivedReport } from '#core/paperwork/period-report.ts';
import {
  type EntriesResponse,
  type EntrySummary,
  OPEN_ENTRIES,
  type RegistersResponse,
  type RegisterView,
} from '#core/paperwork/register-view.ts';
import { ApiProblem, get } from './api.ts';
import { currentSession } from './session.ts';
import { live } from './store.ts';
import { pathOf } from './use-register.ts';

/** An entry in which the reader has the next step, and the register it is of. */
export interface WaitingEntry {
  readonly register: RegisterView;
  readonly entry: EntrySummary;
}

/** What the paperwork has for the reader. Null: this site keeps none of it, or the reader may not see it. */
export interface Paperwork {
  readonly registers: readonly RegisterView[] | null;
  readonly waiting: readonly WaitingEntry[];
  readonly duties: readonly DutySummary[] | null;
  readonly meeting: MeetingSummary | null | undefined;
  readonly report: ArchivedReport | null | undefined;
  /** The one that runs. */
  readonly battery: BatteryTestSummary | null;
  /** A battery of this site can be tested. */
  readonly batteries: boolean;
}

const MOST = 50;
const ABSENT = ['NOT_FOUND', 'FORBIDDEN', 'NOT_SIGNED_IN', 'BAD_REQUEST'];
const RUNNING: readonly BatteryTestSummary['state'][] = [
  'checking',
  'ready',
  'starting',
  'discharging',
  'stopping',
  'recharging',
];

/** A part that this site does not keep is absent; anything else that goes wrong is said. */
async function part<T>(path: string): Promise<T | null> {
  try {
    return await get<T>(path);
  } catch (thrown) {
    if (thrown instanceof ApiProblem && ABSENT.includes(thrown.code)) return null;
    throw thrown;
  }
}

/** A register's steps are told for whoever asks; those of the reader's own making wait for others. */
async function waitingIn(register: RegisterView): Promise<readonly WaitingEntry[]> {
  if (register.open === 0) return [];
  const answer = await part<EntriesResponse>(`${pathOf(register.id, 'entries')}?state=${OPEN_ENTRIES}&limit=${MOST}`);
  const toneOf = (id: string) => register.states.find((state) => state.id === id)?.tone;
  /** Refusing and taking back are open to many; what waits for the reader is led on by them. */
  const leadOn = register.moves.filter(({ to, reason }) => toneOf(to) !== 'refused' && !reason).map(({ id }) => id);
  return (answer?.entries ?? [])
    .filter(({ moves }) => moves.some((id) => leadOn.includes(id)))
    .filter(({ state, due }) => toneOf(state) === 'waiting' || due?.overdue === true)
    .map((entry) => ({ register, entry }));
}

async function gather(now: number): Promise<Paperwork> {
  const [registers, duties, meetings, reports, tests] = await Promise.all([
    part<RegistersResponse>('/registers'),
    part<DutiesResponse>('/duties?mine=true'),
    part<MeetingsResponse>('/meetings'),
    part<{ readonly reports: readonly ArchivedReport[] }>('/reports?limit=1'),
    part<BatteryTestsResponse>('/battery-tests?limit=5'),
  ]);
  const waiting = (await Promise.all((registers?.registers ?? []).map(waitingIn))).flat();
  const held = (meetings?.meetings ?? []).filter(({ state }) => state !== 'closed');
  return {
    registers: registers?.registers ?? null,
    waiting,
    duties: duties === null ? null : duties.duties.filter(({ state }) => state === 'open' || state === 'overdue'),
    meeting:
      meetings === null || meetings.meetings.length === 0
        ? undefined
        : (held.toSorted((a, b) => a.at.localeCompare(b.at)).find(({ at }) => Date.parse(at) > now - 86_400_000) ??
          null),
    report: reports === null ? undefined : (reports.reports.toSorted((a, b) => b.to.localeCompare(a.to))[0] ?? null),
    batteries: (tests?.upses.length ?? 0) > 0,
    battery: tests?.tests.find(({ state }) => RUNNING.includes(state)) ?? null,
  };
}

export function useWaiting(now: () => number) {
  const shown = ref<Paperwork | null>(null);
  const failure = ref<unknown>(null);
  let asked = 0;
  async function load(): Promise<void> {
    const mine = ++asked;
    try {
      const found = await gather(now());
      if (mine !== asked) return;
      shown.value = found;
      failure.value = null;
    } catch (thrown) {
      // What was seen stays while it cannot be asked anew.
      if (mine === asked && shown.value === null) failure.value = thrown;
    }
  }
  onMounted(load);
  watch(() => [live.registersChangedAt, live.dutiesChangedAt, currentSession.value?.user.user].join(), load);
  return { shown, failure, load };
}
