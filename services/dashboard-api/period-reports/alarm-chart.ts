import type { AlarmFiguresView } from '#core/alarm-figures/view.ts';
import type { PeriodReport } from '#core/paperwork/period-report.ts';
import { atClock, localDate } from '#core/rota/local-days.ts';
import { type Instant, instant } from '#core/time.ts';
import type { PeriodChart } from './seams.ts';

export const ALARM_CHART = 'alarms';
/** A room should call a person less than five times a week. */
const A_DAY = 5 / 7;

/** Alarms of each day; null unless each day of the period is known: a day without a bar would read as one without alarms. */
export function alarmChart(report: PeriodReport, view: AlarmFiguresView | null): PeriodChart | null {
  const { timeZone } = report;
  const [from, to] = [instant(Date.parse(report.from)), instant(Date.parse(report.to))];
  const told = new Map((view?.weeks ?? []).flatMap(({ days }) => days.map(({ date, alarms }) => [date, alarms])));
  const noons = noonsOf(from, to, timeZone);
  const over = noons.filter((noon) => noon < Date.parse(report.generatedAt));
  const values = over.map((noon): readonly [number, number | null] => [
    noon,
    told.get(localDate(noon, timeZone).toString()) ?? null,
  ]);
  if (values.length === 0 || values.some(([, value]) => value === null)) return null;
  return {
    ...{ id: ALARM_CHART, unit: '', shape: 'bars', from, to, timeZone, marks: [] },
    title: { zh: '每天的报警', en: 'Alarms a day' },
    lines: [{ name: { zh: '报警', en: 'Alarms' }, values }],
    limits: [{ value: A_DAY, label: { zh: '每周 5 次', en: '5 a week' } }],
  };
}

const NOON = Temporal.PlainTime.from('12:00');

/** Of each day of the site, also of one that is an hour shorter. */
function noonsOf(from: Instant, to: Instant, timeZone: string): readonly Instant[] {
  const noons: Instant[] = [];
  for (let day = localDate(from, timeZone); ; day = day.add({ days: 1 })) {
    const noon = atClock(day, NOON, timeZone);
    if (noon >= to) return noons;
    noons.push(noon);
  }
}
