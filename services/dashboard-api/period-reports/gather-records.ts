import type { AlarmFiguresView } from '#core/alarm-figures/view.ts';
import type { AlertView } from '#core/alert.ts';
import type { Config } from '#core/config/config.ts';
import { scoreDrill } from '#core/drill-score.ts';
import type { IncidentView } from '#core/incident.ts';
import type { DeliveryView } from '#core/notification.ts';
import type { AlarmSummary, Figure, IncidentLine, PeriodReport, TaskLine } from '#core/paperwork/period-report.ts';
import { type AlarmSum, sumOfWeeks, weeksWithin } from '#core/period-report/alarm-weeks.ts';
import type { Happening } from '#core/period-report/excursions.ts';
import type { PeriodSpan } from '#core/period-report/periods.ts';
import type { Layer } from '#core/rota/layer.ts';
import type { TaskView } from '#core/task.ts';
import { sameText, type Text } from '#core/text.ts';
import { earliest, fromIso, type Instant, instant, latest, toIso } from '#core/time.ts';
import type { PastDrill } from '#platform/drill-log.ts';
import { devicesOf } from '../history-marks.ts';
import { OUTCOME_WORDS, outcomeWords } from '../reports/report-words.ts';

/** What is known by records: incidents, drills, alarms, tasks, who was on duty. Pure. */

const isDrill = ({ mode }: IncidentView): boolean => mode === 'drill' || mode === 'rehearsal';

export function incidentsOf(
  incidents: readonly IncidentView[],
  deliveries: readonly DeliveryView[],
  { from, to }: PeriodSpan,
): { readonly incidents: readonly IncidentLine[]; readonly drills: readonly IncidentLine[] } {
  const own = incidents
    .filter(({ openedAt, closedAt }) => openedAt < toIso(to) && (closedAt === null || closedAt >= toIso(from)))
    .toSorted((a, b) => a.openedAt.localeCompare(b.openedAt));
  const lineOf = (incident: IncidentView): IncidentLine => ({
    ...{ id: incident.id, title: incident.plan.title, mode: incident.mode, level: incident.level },
    ...{ from: incident.openedAt, to: incident.closedAt, path: `/incidents/${incident.id}` },
    result: incident.outcome === null ? incident.headline : outcomeWords(incident, incident.outcome),
    score: isDrill(incident) && incident.phase === 'closed' ? scoreDrill(incident, deliveries).figure : null,
  });
  return {
    incidents: own.filter((one) => !isDrill(one)).map(lineOf),
    drills: own.filter(isDrill).map(lineOf),
  };
}

/** Drills that ran beside the service (`zhishou drill`), of which no incident is here. */
export function drillLines(
  drills: readonly PastDrill[],
  known: readonly IncidentLine[],
  plans: Config['plans'],
  { from, to }: PeriodSpan,
): readonly IncidentLine[] {
  const near = (at: number): boolean =>
    known.some((one) => Date.parse(one.from) - NEAR <= at && at <= Date.parse(one.to ?? toIso(to)) + NEAR);
  return drills
    .filter(({ at }) => at >= from && at < to && !near(at))
    .map(({ at, plan, mode, scenario, outcome, score }) => ({
      ...{ id: `${plan}-${at}`, title: plans.find(({ id }) => id === plan)?.title ?? sameText(plan), mode },
      ...{ level: 'ordinary', from: toIso(instant(at)), to: null, path: '/drills', score },
      result:
        outcome === null
          ? { zh: `情景 ${scenario}，没有到达结束`, en: `scenario ${scenario}, did not reach its end` }
          : (Object.entries(OUTCOME_WORDS).find(([name]) => name === outcome)?.[1] ?? sameText(outcome)),
    }));
}
const NEAR = 10 * 60_000;

export function happeningsOf(
  incidents: readonly IncidentView[],
  alerts: readonly AlertView[],
  { from, to }: PeriodSpan,
): readonly Happening[] {
  const [first, last] = [toIso(from), toIso(to)];
  const ofIncidents = incidents
    .filter(({ openedAt, closedAt }) => openedAt < last && (closedAt === null || closedAt >= first))
    .map(
      (incident): Happening => ({
        ...{ kind: 'incident', id: incident.id, title: incident.plan.title, path: `/incidents/${incident.id}` },
        ...{ from: moment(incident.openedAt), to: incident.closedAt === null ? null : moment(incident.closedAt) },
        devices: devicesOf(incident, alerts),
      }),
    );
  const ofAlerts = alerts.flatMap(({ id, title, device, firedAt, clearedAt }): Happening[] =>
    firedAt === null || firedAt >= last || (clearedAt !== null && clearedAt < first)
      ? []
      : [
          {
            ...{ kind: 'alert', id, title, path: '/alerts', devices: [device] },
            ...{ from: moment(firedAt), to: clearedAt === null ? null : moment(clearedAt) },
          },
        ],
  );
  return [...ofIncidents, ...ofAlerts];
}

const moment = (iso: string): Instant => fromIso(iso) ?? instant(0);

/** Of the whole weeks that lie in the period; `told`: which ones of it are there. */
export function alarmsOf(
  view: AlarmFiguresView | null,
  spans: { readonly span: PeriodSpan; readonly before: PeriodSpan },
  names: { readonly person: (id: string) => Text },
): { readonly alarms: AlarmSummary | null; readonly missing: boolean } {
  const own = weeksWithin(view?.weeks ?? [], spans.span);
  const sum = sumOfWeeks(own.weeks);
  if (sum === null) return { alarms: null, missing: true };
  const then = sumOfWeeks(weeksWithin(view?.weeks ?? [], spans.before).weeks);
  const figure = (of: (one: AlarmSum) => number): Figure => ({
    value: of(sum),
    before: then === null ? null : of(then),
  });
  return {
    missing: own.missing,
    alarms: {
      alarms: figure(({ alarms }) => alarms),
      perDay: figure(({ perDay }) => perDay),
      worstTenMinutes: sum.worstTenMinutes,
      floodShare: figure(({ floodShare }) => floodShare),
      ...{ stale: sum.stale, chattering: sum.chattering, bySeverity: sum.bySeverity },
      pagesPerPerson: sum.pages.map(({ person, pages }) => ({ person, name: names.person(person), pages })),
      mostFrequent: sum.mostFrequent,
    },
  };
}

/** Open ones whenever they were written, and those that were done or dropped in the period. */
export function tasksOf(
  tasks: readonly TaskView[],
  { from, to }: PeriodSpan,
  person: (id: string) => Text,
): readonly TaskLine[] {
  const [first, last] = [toIso(from), toIso(to)];
  const endedIn = ({ history }: TaskView): boolean =>
    history.some(({ at, change }) => change.includes('state:') && at >= first && at < last);
  return tasks
    .filter((task) => task.createdAt < last && (task.state === 'open' || endedIn(task)))
    .map((task) => ({
      ...{ id: task.id, title: task.title, owner: task.owner === null ? null : person(task.owner), dueAt: task.dueAt },
      state: task.state === 'open' && task.dueAt < last && task.overdue ? ('overdue' as const) : task.state,
    }))
    .sort((a, b) => Number(b.state === 'overdue') - Number(a.state === 'overdue') || a.dueAt.localeCompare(b.dueAt));
}

const MOST_TURNS = 500;

export function onDutyOf(
  layers: readonly Layer[],
  { from, to }: PeriodSpan,
  person: (id: string) => Text,
): PeriodReport['onDuty'] {
  return layers.flatMap((layer) =>
    layer.spans(from, to, MOST_TURNS).flatMap((span) =>
      span.person === null
        ? []
        : [
            {
              ...{ function: layer.role, person: span.person, name: person(span.person) },
              ...{ from: toIso(latest(span.from, from)), to: toIso(earliest(span.until, to)) },
            },
          ],
    ),
  );
}
