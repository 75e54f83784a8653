import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PeriodReport } from '#core/paperwork/period-report.ts';
import type { Who } from '#core/paperwork/register-rights.ts';
import { periodAt } from '#core/period-report/periods.ts';
import { seededRandom } from '#core/random.ts';
import { fromIso, hours, type Instant, instant, minus, minutes, plus, toIso } from '#core/time.ts';
import { openDutyStore } from '#platform/duty-store.ts';
import { createMemorySeriesStore } from '#platform/series/memory-series-store.ts';
import { gatherReport } from '#services/dashboard-api/period-reports/gather.ts';
import { reportSources } from '#services/dashboard-api/period-reports/report-sources.ts';
import { answers, LIN, sampleConfig, startWalk, type Walk } from '../duties/walk.ts';

/**
 * Progress of what was assigned (O-WK-3): ten weeks of the sample's duties, repairs and tasks through their own machinery, by people who
 * forget; each Monday's report is held against what the test itself has written down.
 */
const FROM = instant(Date.UTC(2026, 2, 1, 16));
const WEEKS = 10;
const ZONE = 'Asia/Shanghai';
const DIRECTOR: Who = { user: 'zhou', name: '周敏', role: 'director', person: 'zhou-min', functions: ['director'] };
const random = seededRandom('people forget');

interface Own {
  /** Occurrence → when it was done, or 'waived'. */
  readonly done: Map<string, Instant | 'waived'>;
  readonly repairs: Map<string, { readonly at: Instant; endedAt: Instant | null }>;
  readonly tasks: Map<string, { readonly at: Instant; readonly dueAt: Instant; endedAt: Instant | null }>;
}
const own: Own = { done: new Map(), repairs: new Map(), tasks: new Map() };
const reports: PeriodReport[] = [];
let walk: Walk;

beforeAll(async () => {
  const store = openDutyStore(':memory:');
  walk = await startWalk(FROM, { store });
  for (let now = FROM; now <= plus(FROM, hours(24 * 7 * WEEKS + 8)); now = plus(now, hours(1))) {
    walk.clock.advanceTo(now);
    // As if it had looked each minute between.
    store.look(minus(now, minutes(1)));
    await walk.duties.look();
    await walk.bus.drained();
    work(now);
    const week = periodAt('weekly', minus(now, hours(24)), ZONE);
    if (week.from >= FROM && now === plus(week.to, hours(7))) reports.push(await reportAt(now));
  }
}, 300_000);
afterAll(() => walk.stop());

/** What people get to in an hour. */
function work(now: Instant): void {
  const { duties, registers, tasks } = walk;
  for (const one of duties.open()) {
    if (random.chance(0.6)) continue;
    // One in eight is never thought of.
    if ([...one.id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 8 === 0) continue;
    if (random.chance(0.04)) {
      duties.waive(one.id, '机房停用', LIN);
      own.done.set(one.id, 'waived');
      continue;
    }
    const view = duties.get(one.id, LIN);
    const signed = view.signature === null ? null : ({ how: 'password', drawing: null } as const);
    duties.done(one.id, { items: answers(view, now), note: null, signed }, LIN);
    own.done.set(one.id, now);
  }
  if (random.chance(0.01)) {
    const values = { device: 'ups-1', asset: 'A-1', reason: '风扇异响', 'reported-by': 'lin-hao' };
    own.repairs.set(registers.add('repairs', { values }, LIN).id, { at: now, endedAt: null });
  }
  for (const [id, repair] of own.repairs) {
    if (repair.endedAt !== null || !random.chance(0.002)) continue;
    registers.move('repairs', id, { move: 'refuse', values: {}, reason: '不需要' }, DIRECTOR);
    repair.endedAt = now;
  }
  if (random.chance(0.02)) {
    const dueAt = plus(now, hours(random.integer(24, 240)));
    const task = tasks.add(
      { title: { zh: '整改', en: 'Mend' }, owner: 'lin-hao', dueAt: toIso(dueAt), incident: null },
      'lin',
    );
    own.tasks.set(task.id, { at: now, dueAt, endedAt: null });
  }
  for (const [id, task] of own.tasks) {
    if (task.endedAt !== null || !random.chance(0.004)) continue;
    tasks.change(id, { state: 'done' }, 'lin');
    task.endedAt = now;
  }
}

function reportAt(now: Instant): Promise<PeriodReport> {
  const config = sampleConfig();
  const none = { incidents: [], alerts: [], deliveries: [], alarmFigures: null, rota: null, drills: [] };
  return gatherReport(
    {
      config,
      measuring: {
        store: createMemorySeriesStore(),
        settings: { hold: () => minutes(5), band: () => null },
        timeZone: ZONE,
      },
      records: { ...none, outOfService: { windows: [], shelved: [] }, tasks: walk.tasks.all() },
      sources: reportSources(walk),
      now,
    },
    periodAt('weekly', minus(now, hours(24)), ZONE),
  );
}

test('O-WK-3 duties of each week: done, late, missed and waived as people really did them', () => {
  let [late, missed] = [0, 0];
  expect(reports).toHaveLength(WEEKS);
  for (const report of reports) {
    const [from, to, now] = [report.from, report.to, report.generatedAt].map(moment) as [Instant, Instant, Instant];
    const counts = { done: 0, late: 0, missed: 0, waived: 0 };
    for (const { done, late, missed, waived } of report.duties.duties) {
      counts.done += done;
      counts.late += late;
      counts.missed += missed;
      counts.waived += waived;
    }
    const due = walk.duties.occurrences(from, to);
    const doneBy = (id: string): Instant | 'waived' | null => {
      const at = own.done.get(id) ?? null;
      return at === 'waived' || at === null || at <= now ? at : null;
    };
    const inTime = due.filter(({ id, dueAt }) => {
      const at = doneBy(id);
      return at !== null && at !== 'waived' && at <= moment(dueAt);
    });
    const waived = due.filter(({ id }) => doneBy(id) === 'waived');
    expect(counts.done, report.id).toBe(inTime.length);
    expect(counts.waived, report.id).toBe(waived.length);
    expect(counts.late + counts.missed, report.id).toBe(due.length - inTime.length - waived.length);
    const open = due.filter(({ id }) => doneBy(id) === null).map(({ id }) => id);
    expect(report.missedDuties.map(({ id }) => id).sort(), report.id).toEqual(open.sort());
    late += counts.late;
    missed += counts.missed;
  }
  expect(late).toBeGreaterThan(10);
  expect(missed).toBeGreaterThan(10);
});

test('O-WK-3 repairs that are open, and those that ended in the week', () => {
  let open = 0;
  for (const report of reports) {
    const [from, now] = [moment(report.from), moment(report.generatedAt)];
    const wanted = [...own.repairs]
      .filter(([, { at }]) => at < moment(report.to))
      .filter(([, { endedAt }]) => endedAt === null || endedAt > now || endedAt >= from);
    const told = report.repairs.map(({ entry }) => entry.split('/')[1]);
    expect(told.sort(), report.id).toEqual(wanted.map(([id]) => id).sort());
    for (const line of report.repairs) {
      const repair = own.repairs.get(line.entry.split('/')[1] ?? '');
      expect(line.open, `${report.id} ${line.entry}`).toBe(repair?.endedAt === null || (repair?.endedAt ?? 0) > now);
      if (line.open) open++;
    }
  }
  expect(open).toBeGreaterThan(5);
});

test('O-WK-3 tasks: open, overdue, or done in the week', () => {
  let overdue = 0;
  for (const report of reports) {
    const [from, to, now] = [report.from, report.to, report.generatedAt].map(moment) as [Instant, Instant, Instant];
    const wanted = [...own.tasks]
      .filter(([, { at }]) => at < to)
      .flatMap(([id, { dueAt, endedAt }]) => {
        const isOpen = endedAt === null || endedAt > now;
        if (!isOpen && !(endedAt >= from && endedAt < to)) return [];
        return [`${id} ${isOpen ? (dueAt < to && dueAt < now ? 'overdue' : 'open') : 'done'}`];
      });
    expect(report.tasks.map(({ id, state }) => `${id} ${state}`).sort(), report.id).toEqual(wanted.sort());
    overdue += wanted.filter((one) => one.endsWith('overdue')).length;
  }
  expect(overdue).toBeGreaterThan(3);
});

const moment = (iso: string): Instant => fromIso(iso) ?? instant(0);
