import { computed, ref, watch } from 'vue';
import type { ChecklistItem } from '#core/paperwork/duty-view.ts';
import type { SignatureGiven } from '#core/paperwork/register-view.ts';
import { type Answers, confirmable, doneItems, type Given, type Group, offered } from '../model/checklist.ts';
import { addDays, dateAt } from '../model/rota-calendar.ts';
import { epochOf, instantAt } from '../model/time-format.ts';
import { type Draft, draftOf, dropDraft, keepDraft, type Sent, sendDuty } from './duty-drafts.ts';
import { currentSession } from './session.ts';
import { siteNow } from './site-clock.ts';
import { useDutyView } from './use-duty-view.ts';

/** Findings are mended within three days (O-SAF-1), unless the duty says otherwise. */
const MEND_DAYS = 3;

/** One duty in somebody's hands: what was answered here, and how it is delivered. */
export function useDuty(occurrence: () => string, zone: () => string) {
  const busy = ref(false);
  const { view, failure, oldSince, seenAt, kept, load, take } = useDutyView(occurrence, busy);

  const draft = computed(() => (kept.value ? draftOf(occurrence()) : null));
  // It went out by itself meanwhile: what became of it is what is to be seen.
  watch(draft, (now, before) => void (now === null && before !== null && !busy.value && load()));
  const answers = computed<Answers>(() => draft.value?.answers ?? {});
  const note = computed(() => draft.value?.note ?? '');
  const isMineToFill = computed(() => view.value?.mayDo === true && view.value.doneBy === null);
  const conflict = computed(() => draft.value !== null && view.value !== null && view.value.doneBy !== null);

  const put = (change: Partial<Draft>): void => {
    const now = view.value;
    const user = currentSession.value?.user.user;
    if (now === null || user === undefined) return;
    keepDraft({
      ...{ occurrence: now.id, user, title: now.title, answers: {}, note: '', ready: null, problem: null },
      ...draft.value,
      ...change,
      state: 'filling',
      at: Date.now(),
    });
  };
  /** The last day on which a finding is to be mended. */
  const lastDay = computed(() => {
    const by = epochOf(view.value?.mendBy);
    return by === null ? addDays(dateAt(zone(), siteNow.value), MEND_DAYS) : dateAt(zone(), by - 1);
  });
  const at = (): string => new Date(siteNow.value).toISOString();
  const fresh = (item: ChecklistItem): Given => ({
    ...{ verdict: null, value: offered(item), note: '', owner: '', due: lastDay.value, at: at() },
  });
  const answer = (item: ChecklistItem, change: Partial<Given>): void =>
    put({
      answers: { ...answers.value, [item.id]: { ...fresh(item), ...answers.value[item.id], ...change, at: at() } },
    });
  const confirmGroup = (group: Group): void => {
    const all = confirmable(group, answers.value).map((item) => [item.id, { ...fresh(item), verdict: 'ok' as const }]);
    put({ answers: { ...answers.value, ...Object.fromEntries(all) } });
  };
  const dueAt = (date: string): string | null => {
    const end = instantAt(zone(), `${date}T18:00`);
    return end === null ? null : new Date(end).toISOString();
  };

  async function finish(signature: SignatureGiven | null): Promise<Sent | null> {
    const now = view.value;
    if (now === null || busy.value) return null;
    if (draft.value === null) put({});
    if (draft.value === null) return null;
    busy.value = true;
    const ready = {
      items: doneItems(now.checklist, answers.value, dueAt),
      drawn: signature?.kind === 'drawn' ? signature : null,
      again: signature?.kind === 'password',
    };
    const sent = await sendDuty(draft.value, ready, signature);
    busy.value = false;
    if (sent.kind === 'done') take(sent.view);
    else void load();
    return sent;
  }

  return {
    ...{ view, failure, oldSince, seenAt, busy, draft, answers, note, isMineToFill, conflict, lastDay },
    ...{ load, take, answer, confirmGroup, finish },
    writeNote: (text: string) => put({ note: text }),
    discard: () => dropDraft(occurrence()),
  };
}
