import type { HistoryResponse } from '#core/api.ts';
import type { Config } from '#core/config/config.ts';
import type { IncidentView, TimelineEntry } from '#core/incident.ts';
import { definePoint } from '#core/points.ts';
import type { SeriesStore } from '#core/ports.ts';
import type { SeriesKey } from '#core/series.ts';
import type { Language } from '#core/text.ts';
import { type Instant, instant, minutes, plus } from '#core/time.ts';
import { readHistory } from '../history.ts';

/** The report's charts (O-RPT-1): battery, load and temperature over the incident, with the moments that mattered. */
export interface ReportChart {
  readonly id: ChartId;
  readonly title: string;
  readonly unit: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly lines: readonly { readonly name: string; readonly values: readonly (readonly [number, number | null])[] }[];
  readonly marks: readonly { readonly at: Instant; readonly label: string }[];
}

export const CHART_IDS = ['battery', 'load', 'temperature'] as const;
export type ChartId = (typeof CHART_IDS)[number];

export interface ChartSource {
  readonly incident: IncidentView;
  readonly series: Pick<SeriesStore, 'series' | 'buckets' | 'changes'>;
  readonly devices: Config['devices'];
  readonly timeZone: string;
  readonly language: Language;
  readonly now: Instant;
}

const CHARTS: Readonly<Record<ChartId, { zh: string; en: string; points: readonly string[] }>> = {
  battery: { zh: '电池电量', en: 'Battery charge', points: ['battery.charge'] },
  load: { zh: '负载', en: 'Load', points: ['ups.realpower', 'ups.load'] },
  temperature: { zh: '温度', en: 'Temperature', points: ['ambient.temperature'] },
};
/** More lines than this nobody tells apart on paper. */
const MOST_LINES = 4;
const BUCKETS = 240;
const BEFORE = minutes(-10);
const AFTER = minutes(5);

/** Charts with data only, in the order of CHART_IDS. */
export async function collectCharts(source: ChartSource): Promise<readonly ReportChart[]> {
  const { incident, series, language } = source;
  const from = plus(instant(Date.parse(incident.openedAt)), BEFORE);
  const end = incident.closedAt === null ? source.now : plus(instant(Date.parse(incident.closedAt)), AFTER);
  const to = instant(Math.min(end, Math.max(source.now, from + 1000)));
  if (to <= from) return [];
  const kept = await series.series();
  const marks = marksOf(incident, language);
  const charts: ReportChart[] = [];
  for (const id of CHART_IDS) {
    const { points, ...title } = CHARTS[id];
    // The first of the points that has anything: watts before percent.
    for (const point of points) {
      const found = kept.filter((one) => one.point === point && one.lastAt >= from && one.firstAt <= to);
      const lines = await linesOf(source, found.slice(0, MOST_LINES), from, to);
      if (lines.length === 0) continue;
      charts.push({ id, title: title[language], unit: definePoint(point)?.unit ?? '', from, to, lines, marks });
      break;
    }
  }
  return charts;
}

async function linesOf(
  { series, devices, language }: ChartSource,
  keys: readonly SeriesKey[],
  from: Instant,
  to: Instant,
): Promise<ReportChart['lines']> {
  const lines = await Promise.all(
    keys.map(async ({ device, point }) => {
      const history = await readHistory(series, { device, point, from, to, points: BUCKETS });
      const name = devices.find((one) => one.id === device)?.name[language] ?? device;
      return { name, values: valuesOf(history) };
    }),
  );
  return withoutCommonHead(lines.filter(({ values }) => values.length >= 2));
}

/** `Sensor: cold aisle`, `Sensor: hot aisle` → `cold aisle`, `hot aisle`: a legend has one line. */
function withoutCommonHead(lines: ReportChart['lines']): ReportChart['lines'] {
  const heads = lines.map(({ name }) => /^.+?(?:[:：]\s*|\s)(?=\S)/.exec(name)?.[0] ?? '');
  const [head = ''] = heads;
  if (lines.length < 2 || head === '' || heads.some((one) => one !== head)) return lines;
  return lines.map((line) => ({ ...line, name: line.name.slice(head.length) }));
}

function valuesOf({ buckets, stepS }: HistoryResponse): readonly (readonly [number, number | null])[] {
  const values: [number, number | null][] = [];
  let before: number | null = null;
  for (const bucket of buckets) {
    const at = Date.parse(bucket.at);
    // A gap stays a gap: how long a value holds, the store knows by the series.
    if (before !== null && at - before > stepS * 1500) values.push([before + stepS * 1000, null]);
    values.push([at, bucket.mean]);
    before = at;
  }
  return values;
}

/** The few moments that explain the curves. */
function marksOf(incident: IncidentView, language: Language): ReportChart['marks'] {
  const zh = language === 'zh';
  const marks = [{ at: incident.openedAt, label: zh ? '开始' : 'began' }];
  const started = incident.timeline.find(isSequenceStart);
  if (started !== undefined) marks.push({ at: started.at, label: zh ? '开始关机流程' : 'sequence' });
  if (incident.pointOfNoReturn !== null)
    marks.push({ at: incident.pointOfNoReturn.passedAt, label: zh ? '不可逆点' : 'no return' });
  const returned = incident.timeline.findLast(isReturn);
  if (returned !== undefined) marks.push({ at: returned.at, label: zh ? '来电' : 'mains back' });
  if (incident.closedAt !== null) marks.push({ at: incident.closedAt, label: zh ? '结束' : 'ended' });
  return marks.map(({ at, label }) => ({ at: instant(Date.parse(at)), label }));
}

const isSequenceStart = ({ kind, what }: TimelineEntry): boolean =>
  kind === 'decision' && /^The shutdown sequence starts/.test(what.en);
const isReturn = ({ kind, what }: TimelineEntry): boolean => kind === 'power' && /^Mains is back/.test(what.en);
