import { historyStep } from '#core/history-steps.ts';
import type { DeviceContextResponse, HistoryManyResponse, HistoryMark, HistorySeries } from '#core/history-view.ts';
import { definePoint } from '#core/points.ts';
import type { SurveyState } from '#core/survey.ts';
import { begunSurvey } from '#core/survey.ts';
import { iso, quietRoom, readingsAt } from './fixture-room.ts';

/** Pasts that are the same whenever they are asked for: waves of a day and a year, with a night in which nothing was read. Made up. */
const DAY = 86_400_000;
/** Every tenth day between three and five o'clock UTC. */
const isGap = (at: number): boolean =>
  Math.floor(at / DAY) % 10 === 0 && at % DAY > 3 * 3_600_000 && at % DAY < 5 * 3_600_000;
const waveAt = (at: number): number => Math.sin(at / DAY) * 3 + Math.sin(at / (58 * DAY)) * 2 + Math.sin(at / 400_000);

export function manyAt(query: URLSearchParams): HistoryManyResponse {
  const [from, to] = [Date.parse(query.get('from') ?? ''), Date.parse(query.get('to') ?? '')];
  const step = historyStep(to - from, Number(query.get('points')));
  const series = query.getAll('series').map((key) => seriesAt(key, from, to, step));
  return { from: iso(from), to: iso(to), stepS: step / 1000, series };
}

function seriesAt(key: string, from: number, to: number, step: number): HistorySeries {
  const [device = '', point = ''] = key.split('/');
  const definition = definePoint(point);
  const base = readingsAt(to, quietRoom()).find((one) => one.device === device && one.point === point)?.value;
  const kind = definition?.kind === 'number' ? 'number' : 'word';
  const empty = { at: [], mean: [], min: [], max: [], count: [], coverage: [], changes: [], truncated: false };
  const head = { device, point, unit: definition?.unit ?? ('' as const), kind } as const;
  if (kind === 'word') {
    const changes = Array.from({ length: 6 }, (_, i) => ({
      at: iso(from + (i * (to - from)) / 6),
      value: typeof base === 'boolean' ? i % 2 === 1 : i % 2 === 0 ? 'OL' : 'OB DISCHRG',
      quality: i === 4 ? 'stale' : 'good',
    }));
    return { ...head, ...empty, changes };
  }
  const middle = typeof base === 'number' ? base : 20;
  const at = [];
  for (let start = Math.floor(from / step) * step; start < Math.min(to, Date.now()); start += step) {
    if (!isGap(start) || step >= DAY / 4) at.push(start);
  }
  const mean = at.map((start) => Math.round((middle + waveAt(start)) * 100) / 100);
  const depth = Math.min(4, 0.1 + step / DAY);
  return {
    ...head,
    ...empty,
    at: at.map((start) => start / 1000),
    mean,
    min: mean.map((one) => one - depth),
    max: mean.map((one) => one + depth),
    count: at.map(() => Math.max(1, step / 10_000)),
    coverage: at.map(() => 1),
  };
}

export function marksAt(now: number): HistoryMark[] {
  return [
    {
      ...{ id: 'w-1', kind: 'maintenance', at: iso(now - 7_200_000), to: iso(now - 5_400_000), open: false },
      ...{ title: { zh: '维护', en: 'Maintenance' }, note: '更换滤网', devices: ['ac-1', 'ups-1'], severity: null },
    },
    {
      ...{ id: 'on-battery.ups-1', kind: 'alert', at: iso(now - 3_600_000), to: iso(now - 2_700_000), open: false },
      ...{ title: { zh: '市电中断', en: 'Mains lost' }, note: null, devices: ['ups-1'], severity: 'high' },
    },
    {
      ...{ id: '20261121-1', kind: 'incident', at: iso(now - 3_590_000), to: iso(now - 2_000_000), open: false },
      ...{ title: { zh: '停电应急预案：一号 UPS 市电中断', en: 'Power outage plan: UPS 1 lost its mains' } },
      ...{ note: null, devices: ['ups-1'], severity: 'high' },
    },
    {
      ...{ id: 'temperature-high', kind: 'rule', at: iso(now - 1_200_000), to: null, open: false, severity: null },
      ...{ title: { zh: '温度高', en: 'Temperature high' }, note: '夏季', devices: ['th-1'] },
    },
  ];
}

export const contextAt = (now: number): DeviceContextResponse => ({
  device: 'ups-1',
  rules: [
    {
      ...{ id: 'on-battery', title: { zh: '市电中断', en: 'Mains lost' }, severity: 'high', safety: false },
      ...{ points: ['ups.status'], off: false, changed: false },
    },
    {
      ...{ id: 'battery-low', title: { zh: '电池电量低', en: 'Battery low' }, severity: 'high', safety: false },
      ...{ points: ['battery.charge'], off: false, changed: true },
    },
  ],
  steps: [],
  marks: marksAt(now).toReversed(),
  opens: [{ plan: 'power-outage', title: { zh: '停电应急预案', en: 'Power outage plan' }, rules: ['on-battery'] }],
});

export function diagnosisAt(now: number): SurveyState {
  const oid = '1.3.6.1.2.1.33.1.2.4.0';
  const point = { name: 'battery.charge', value: 100, unit: '%', quality: 'good', oid, raw: 100 };
  return {
    ...begunSurvey('survey-1'),
    diagnosis: {
      ...{ device: 'ups-1', way: 'snmp', address: '10.1.2.5:161, SNMP 2c', profile: 'rfc1628-ups', intervalS: 10 },
      points: [
        { ...point, source: 'UPS-MIB::upsEstimatedChargeRemaining' },
        {
          ...{ name: 'battery.runtime', value: null, unit: 's', quality: 'implausible', reason: 'not measured' },
          ...{ oid: '1.3.6.1.2.1.33.1.2.3.0', raw: 65535, source: 'UPS-MIB::upsEstimatedMinutesRemaining' },
        },
      ],
      messages: [],
      polls: [
        { at: iso(now - 1000), tookMs: 42, cause: 'command', outcome: 'ok', detail: null, points: 24 },
        {
          ...{ at: iso(now - 11_000), tookMs: 4001, cause: 'schedule', outcome: 'TIMED_OUT', points: 0 },
          detail: 'No answer in time (10.1.2.5)',
        },
      ],
      counts: { polls: 812, failed: 3, timedOut: 3, refused: 0, overdue: 1, doubtful: 1 },
    },
  };
}
