import type { AlarmFiguresView } from '#core/alarm-figures/view.ts';
import type { AlertView } from '#core/alert.ts';
import type { Config } from '#core/config/config.ts';
import type { IncidentView } from '#core/incident.ts';
import type { OutOfService } from '#core/maintenance.ts';
import type { DeliveryView } from '#core/notification.ts';
import type { BatteryTestView } from '#core/paperwork/battery-test.ts';
import type { PeriodReport } from '#core/paperwork/period-report.ts';
import { type Interval, lengthOf, without } from '#core/period-report/intervals.ts';
import { type PeriodSpan, periodsLater } from '#core/period-report/periods.ts';
import { sayLength, sayMoment } from '#core/period-report/say.ts';
import { summarize } from '#core/period-report/summary.ts';
import type { RotaView } from '#core/rota/changes.ts';
import type { TaskView } from '#core/task.ts';
import { sameText, type Text } from '#core/text.ts';
import { earliest, type Instant, instant, latest, toIso } from '#core/time.ts';
import type { PastDrill } from '#platform/drill-log.ts';
import { layersOf } from '../rota/rota-views.ts';
import { batteryLines } from './battery-lines.ts';
import { gatherAvailability } from './gather-availability.ts';
import { gatherClimate, keptOf, standardSource } from './gather-climate.ts';
import { gatherEquipment } from './gather-equipment.ts';
import { alarmsOf, drillLines, happeningsOf, incidentsOf, onDutyOf, tasksOf } from './gather-records.ts';
import type { Measuring } from './measure.ts';
import type { DutyLines, RegisterLines, ReportSources } from './sources.ts';

/** All the figures of one period's report, out of history and records. Asynchronous, a question at a time: live comes first. */

export interface GatherInput {
  readonly config: Config;
  readonly measuring: Measuring;
  readonly records: ReportRecords;
  readonly sources: ReportSources;
  readonly now: Instant;
}

/** What the service knows besides history; a command that reads a copy of the stores has less of it. */
export interface ReportRecords {
  readonly incidents: readonly IncidentView[];
  readonly alerts: readonly AlertView[];
  readonly deliveries: readonly DeliveryView[];
  readonly alarmFigures: AlarmFiguresView | null;
  readonly batteryTests?: readonly BatteryTestView[];
  readonly outOfService: OutOfService;
  readonly rota: RotaView | null;
  readonly tasks: readonly TaskView[];
  readonly drills: readonly PastDrill[];
}

/** Rejects with STORE_DOWN when history cannot be read. */
export async function gatherReport(input: GatherInput, span: PeriodSpan): Promise<PeriodReport> {
  const { config, measuring, records, sources, now } = input;
  const { site, devices } = config;
  const before = periodsLater(span, -1, site.time_zone);
  const until = latest(span.from, earliest(span.to, now));
  const kept = keptOf(await measuring.store.series());
  const [duties, registers] = [await dutiesOf(sources, span), await registersOf(sources, span)];
  const happenings = [...happeningsOf(records.incidents, records.alerts, span), ...registers.entries];
  const person = (id: string): Text => config.people.people.find((one) => one.id === id)?.name ?? sameText(id);
  const common = { measuring, devices, kept, span, before, until };
  const climate = await gatherClimate({ ...common, standard: site.climate.standard, happenings });
  const unseen = climate.seen.length === 0 ? [] : without([[span.from, until]], climate.seen);
  const batteryTests = batteryLines(records.batteryTests ?? [], config.devices, [span.from, span.to]);
  const equipment = await gatherEquipment({ ...common, happenings, unseen, batteryTests });
  const availability = await gatherAvailability({ ...common, unseen, windows: records.outOfService.windows });
  const { incidents, drills } = incidentsOf(records.incidents, records.deliveries, span);
  const { alarms, missing } = alarmsOf(records.alarmFigures, { span, before }, { person });
  const final = now >= span.to;
  const told: Omit<PeriodReport, 'summary' | 'gaps'> = {
    ...{ id: span.id, period: span.period, name: span.name, from: toIso(span.from), to: toIso(span.to) },
    ...{ timeZone: site.time_zone, siteName: site.name, simulated: site.simulation, generatedAt: toIso(now), final },
    standard: standardOf(site.climate.standard),
    ...{ rooms: climate.rooms, excursions: climate.excursions, ...equipment, ...availability, incidents, alarms },
    drills: [...drills, ...drillLines(records.drills, drills, config.plans, span)],
    ...{ duties: duties.figures, missedDuties: duties.missed },
    ...{ repairs: registers.repairs, changes: registers.changes, batteryTests },
    tasks: tasksOf(records.tasks, span, person),
    minutes: sources.decisions?.(span.from, span.to) ?? [],
    onDuty: onDutyOf(layersOf(config, records.rota), span, person),
  };
  const gaps = gapsOf({ span, until, unseen, estimatedS: climate.estimatedS, missing, told });
  return { ...told, gaps, summary: summarize({ ...told, gaps }) };
}

async function dutiesOf({ duties }: ReportSources, { from, to }: PeriodSpan): Promise<DutyLines> {
  const none: DutyLines = { figures: { from: toIso(from), to: toIso(to), duties: [] }, missed: [] };
  return (await duties?.(from, to)) ?? none;
}

async function registersOf({ registers }: ReportSources, { from, to }: PeriodSpan): Promise<RegisterLines> {
  return (await registers?.(from, to)) ?? { repairs: [], changes: [], entries: [] };
}

function standardOf(id: Config['site']['climate']['standard']): PeriodReport['standard'] {
  const [family = '', year = '', grade = ''] = id.split('-');
  const name =
    family === 'gb50174'
      ? { zh: `GB 50174-${year} ${grade.toUpperCase()} 级`, en: `GB 50174-${year} grade ${grade.toUpperCase()}` }
      : { zh: `ASHRAE ${year} ${grade.toUpperCase()} 类`, en: `ASHRAE ${year} class ${grade.toUpperCase()}` };
  return { id, name, source: standardSource(id) };
}

const MOST_GAPS = 20;
/** A restart of the monitor takes less. */
const SHORTEST_GAP_MS = 15 * 60_000;

interface GapInput {
  readonly span: PeriodSpan;
  readonly until: Instant;
  readonly unseen: readonly Interval[];
  readonly estimatedS: number;
  readonly missing: boolean;
  readonly told: Pick<PeriodReport, 'rooms' | 'final' | 'timeZone'>;
}

function gapsOf({ span, until, unseen, estimatedS, missing, told }: GapInput): readonly Text[] {
  const gaps: Text[] = [];
  if (!told.final)
    gaps.push({ zh: '本期还没有结束，数字只到现在。', en: 'The period is not over: figures are up to now.' });
  if (told.rooms.length === 0 && until > span.from)
    gaps.push({ zh: '没有任何温湿度记录。', en: 'No temperature or humidity was recorded at all.' });
  for (const [from, to] of unseen.filter(([from, to]) => to - from >= SHORTEST_GAP_MS).slice(0, MOST_GAPS)) {
    const [begin, end] = [sayMoment(toIso(instant(from)), told.timeZone), sayMoment(toIso(instant(to)), told.timeZone)];
    const length = sayLength((to - from) / 1000);
    gaps.push({
      zh: `${begin.zh} 至 ${end.zh}（${length.zh}）没有任何传感器的记录：这段时间不算正常，也不算故障。`,
      en: `${begin.en} to ${end.en} (${length.en}): no sensor was recorded; that time counts neither as good nor as bad.`,
    });
  }
  const more = unseen.slice(MOST_GAPS);
  if (more.length > 0) {
    const length = sayLength(lengthOf(more) / 1000);
    gaps.push({
      zh: `另有 ${more.length} 段无记录，共 ${length.zh}。`,
      en: `${more.length} more gaps, ${length.en} in all.`,
    });
  }
  for (const { device, name, pointName, figures } of told.rooms.flatMap(({ sensors }) => sensors))
    if (figures.coverage === 0 && gaps.length < 2 * MOST_GAPS)
      gaps.push({
        zh: `${name.zh}（${device}）${pointName.zh}：本期没有记录。`,
        en: `${name.en} (${device}), ${pointName.en.toLowerCase()}: nothing was recorded.`,
      });
  if (estimatedS > 0) {
    const length = sayLength(estimatedS);
    gaps.push({
      zh: `超限时间和度时在 ${length.zh}内按时段的均值和极值估算：逐条读数已按保存期限清除或数量过大。`,
      en: `Time out of range and degree-hours are estimated from means and extremes over ${length.en}: single readings are no longer kept, or too many.`,
    });
  }
  if (missing)
    gaps.push({
      zh: '告警统计只按整周保存九周：本期没有或不全。',
      en: 'Alarm figures are kept for nine whole weeks: there are none of this period, or not all.',
    });
  return gaps;
}
