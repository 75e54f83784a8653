import { beforeAll, describe, expect, test } from 'vitest';
import type { Notice } from '#core/notice.ts';
import type { DutySummary } from '#core/paperwork/duty-view.ts';
import { fromIso, hours, type Instant, minus, minutes, plus } from '#core/time.ts';
import { openDutyStore } from '#platform/duty-store.ts';
import { at } from './support.ts';
import { answers, LIN, sampleConfig, startWalk, type Walk } from './walk.ts';

/**
 * The sample's duties through the whole of 2026, looked at every half hour, by people who do most in time, some late, some never.
 * Who does what is drawn from the duty's name, and everything is counted here once more from what was heard and done.
 */
const FROM = at('2026-01-01T00:00:00+08:00');
const TO = at('2027-01-01T00:00:00+08:00');
/** Everything in the sample falls on a half hour. */
const EVERY = minutes(30);

type Manner = 'in time' | 'late' | 'never' | 'waived';
const mannerOf = (id: string): Manner => {
  const draw = [...id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 997, 7) % 20;
  return draw < 15 ? 'in time' : draw < 17 ? 'late' : draw < 19 ? 'never' : 'waived';
};

interface Done {
  readonly at: Instant;
  readonly kind: 'done' | 'waived';
}
interface Year {
  readonly walk: Walk;
  readonly done: ReadonlyMap<string, Done>;
  readonly heard: readonly (Notice & { readonly at: Instant })[];
  readonly all: readonly DutySummary[];
}

async function live(): Promise<Year> {
  const store = openDutyStore(':memory:');
  const walk = await startWalk(FROM, { store });
  const { clock, duties } = walk;
  const done = new Map<string, Done>();
  const heard: (Notice & { at: Instant })[] = [];
  for (let now = FROM; now < TO; now = plus(now, EVERY)) {
    clock.advanceTo(now);
    // As if it had looked each minute between: nothing happens there, and it was never down.
    store.look(minus(now, minutes(1)));
    await duties.look();
    await walk.bus.drained();
    heard.push(...walk.heard.slice(heard.length).map((notice) => ({ ...notice, at: now })));
    // People look each hour.
    if (((now - FROM) / EVERY) % 2 === 0) for (const one of duties.open()) answer(walk, one, now, done);
  }
  return { walk, done, heard, all: duties.occurrences(FROM, TO) };
}

function answer({ duties }: Walk, one: DutySummary, now: Instant, done: Map<string, Done>): void {
  const manner = mannerOf(one.id);
  if (manner === 'never' || (manner === 'late' && one.state !== 'overdue')) return;
  if (manner === 'waived') duties.waive(one.id, '机房停用', LIN);
  else {
    const view = duties.get(one.id, LIN);
    const findings = view.checklist.slice(0, Number(one.id.length % 3 === 0)).map(({ id }) => id);
    const signed = view.signature === null ? null : ({ how: 'password', drawing: null } as const);
    duties.done(one.id, { items: answers(view, now, findings), note: null, signed }, LIN);
  }
  done.set(one.id, { at: now, kind: manner === 'waived' ? 'waived' : 'done' });
}

let year: Year;
beforeAll(async () => {
  year = await live();
}, 300_000);

const due = (one: DutySummary): Instant => fromIso(one.dueAt) as Instant;
const of = (duty: string): readonly DutySummary[] => year.all.filter((one) => one.duty === duty);
const toldOf = (id: string): readonly string[] =>
  year.heard
    .filter(({ conversation }) => conversation === `duty/${id}`)
    .map(({ key }) => key.slice(`duty/${id}/`.length));

describe('a year of the sample’s duties', () => {
  test('every row of “Running the room” that is a duty comes round', () => {
    const kept = new Set(year.all.flatMap(({ obligations }) => obligations));
    const wanted = [
      'O-PAT-1',
      'O-THU-1',
      'O-FRI-1',
      'O-WTR-1',
      'O-SAF-1',
      'O-BCK-1',
      'O-QTR-1',
      'O-BAT-1',
      'O-PWD-1',
      'O-SUP-1',
      'O-WK-1',
      'O-WK-2',
      'O-WK-3',
      'O-DRL-1',
    ];
    expect(wanted.filter((id) => !kept.has(id))).toEqual([]);
    const configured = new Set((sampleConfig().duties ?? []).flatMap(({ obligations }) => obligations));
    expect(['O-REG-6', 'O-REG-7'].filter((id) => !configured.has(id))).toEqual([]);
  });
  test('O-PAT-1: 365 patrols, one a day, holidays too', () => {
    expect(of('patrol')).toHaveLength(365);
    expect(new Set(of('patrol').map(({ dueAt }) => dueAt.slice(0, 10))).size).toBe(365);
  });
  test('O-THU-1: the Thursday of 春节 is cleaned on 24 February, that of 国庆 once, on 8 October', () => {
    const days = new Map(of('cleaning').map(({ id, dueAt }) => [id, dueAt.slice(0, 10)]));
    expect(days.get('cleaning@2026-02-19')).toBe('2026-02-24');
    expect(days.has('cleaning@2026-10-01')).toBe(false);
    expect(days.get('cleaning@2026-10-08')).toBe('2026-10-08');
  });
  test('O-SAF-1: the last working day of September comes before 国庆, that of February is a Saturday of 调休', () => {
    const days = of('monthly-safety').map(({ dueAt }) => dueAt.slice(0, 10));
    expect(days).toHaveLength(12);
    expect(days).toEqual(expect.arrayContaining(['2026-09-30', '2026-02-28']));
  });
  test('O-BAT-1: twice for the UPS', () =>
    expect(of('battery-test').map(({ id }) => id)).toEqual([
      'battery-test@2026-05-13.ups-1',
      'battery-test@2026-11-11.ups-1',
    ]));

  test('states are what was done when, reckoned here once more', () => {
    const wrong = year.all.flatMap((one) => {
      const end = year.done.get(one.id);
      const late = (sampleConfig().duties ?? []).find(({ id }) => id === one.duty)?.late_until ?? 0;
      const expected =
        end === undefined
          ? due(one) + late <= TO
            ? 'missed'
            : 'overdue'
          : end.kind === 'waived'
            ? 'waived'
            : end.at <= due(one)
              ? 'done'
              : 'done-late';
      const isStill = end === undefined && due(one) > minus(TO, hours(1));
      return one.state === expected || isStill ? [] : [`${one.id}: ${one.state}, ${expected}`];
    });
    expect(wrong).toEqual([]);
    const count = (state: string): number => year.all.filter((one) => one.state === state).length;
    expect([count('done'), count('done-late'), count('missed'), count('waived')].every((n) => n > 20)).toBe(true);
  });

  test('every notice is told exactly once, at its time', () => {
    const keys = year.heard.map(({ key }) => key);
    expect(keys).toHaveLength(new Set(keys).size);
    const late = year.heard.filter(({ key, at: heardAt }) => {
      const [, id = '', step = ''] = /^duty\/(.+)\/([a-z0-9-]+)$/.exec(key) ?? [];
      const one = year.all.find((other) => other.id === id);
      const duty = (sampleConfig().duties ?? []).find((other) => other.id === one?.duty);
      if (one === undefined || duty === undefined) return true;
      const [kind, n] = step.split('-');
      const wanted =
        kind === 'remind'
          ? Math.max(fromIso(one.from) ?? 0, due(one) - (duty.remind[Number(n) - 1] ?? 0))
          : kind === 'overdue'
            ? due(one) + (duty.escalate[Number(n) - 1]?.after ?? 0)
            : kind === 'missed'
              ? due(one) + duty.late_until
              : (year.done.get(id)?.at ?? 0);
      // What was done is told at the next look.
      return heardAt < wanted || heardAt - wanted > (kind === 'done' ? EVERY : 0);
    });
    expect(late.map(({ key }) => key)).toEqual([]);
  });
  test('O-PAT-1: a missed patrol is escalated to duty, deputy and director, and told as missed; one in time to nobody', () => {
    const patrols = of('patrol').filter(({ dueAt }) => Date.parse(dueAt) < minus(TO, hours(48)));
    const missed = patrols.filter(({ state }) => state === 'missed');
    expect(missed.length).toBeGreaterThan(10);
    for (const { id } of missed)
      expect(toldOf(id)).toEqual(['remind-1', 'overdue-1', 'overdue-2', 'overdue-3', 'missed']);
    const who = year.heard
      .filter(({ key }) => key === `duty/${missed[0]?.id}/overdue-3`)
      .flatMap(({ functions }) => functions);
    expect(who).toEqual(['director']);
    for (const { id } of patrols.filter(({ state }) => state === 'done'))
      expect(toldOf(id).filter((step) => step !== 'remind-1')).toEqual([]);
  });
  test('what is done late after people heard of it ends with a word to them', () => {
    const late = of('patrol').filter(({ state }) => state === 'done-late');
    expect(late.length).toBeGreaterThan(5);
    for (const { id } of late) expect(toldOf(id).at(-1)).toBe('done');
  });

  test('the completion rate is that of the states, duty by duty', () => {
    for (const row of year.walk.duties.figures(FROM, TO).duties) {
      const states = of(row.duty).map(({ state }) => state);
      const count = (...wanted: string[]): number => states.filter((state) => wanted.includes(state)).length;
      const asked = states.length - count('waived', 'planned', 'open');
      expect(row).toMatchObject({
        done: count('done'),
        late: count('done-late', 'overdue'),
        missed: count('missed'),
        waived: count('waived'),
      });
      expect(row.rate).toBe(asked === 0 ? null : count('done') / asked);
    }
  });
  test('O-SAF-1: every finding is a task, due within three days, of somebody', () => {
    const found = year.all.reduce((sum, { findings }) => sum + findings, 0);
    const tasks = year.walk.tasks.all();
    expect(found).toBeGreaterThan(20);
    expect(tasks).toHaveLength(found);
    for (const { createdAt, dueAt, owner } of tasks) {
      expect(Date.parse(dueAt) - Date.parse(createdAt)).toBeLessThanOrEqual(72 * 3_600_000);
      expect(owner).not.toBeNull();
    }
  });
  test('O-REG-1: every patrol that was done stands in the core-room register, signed out, and nobody is left inside', () => {
    const entries = year.walk.registers.between(FROM, TO).filter(({ register }) => register === 'core-room');
    expect(entries).toHaveLength(of('patrol').filter(({ state }) => state.startsWith('done')).length);
    expect(entries.filter(({ open }) => open)).toEqual([]);
  });
});
