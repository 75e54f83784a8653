import type { PeriodReport } from '../paperwork/period-report.ts';
import type { Text } from '../text.ts';
import { sayLength, sayMoment, sayNumber, sayPeriod, sayShare } from './say.ts';

/**
 * The paragraph on top, by rules: how the core room was, then the two or three things that matter most, and no more: the tables have
 * the rest. Where nothing matters it says so. A gap in what was recorded matters: a mean over half a week is none of the week.
 */
export type Told = Omit<PeriodReport, 'summary'>;

interface Point {
  /** The more the sooner. */
  readonly weight: number;
  readonly say: Text;
}

const MOST_POINTS = 3;

export function summarize(report: Told): Text {
  const points = [
    ...incidentPoints(report),
    ...coveragePoints(report),
    ...climatePoints(report),
    ...powerPoints(report),
    ...availabilityPoints(report),
    ...dutyPoints(report),
    ...openPoints(report),
    ...alarmPoints(report),
  ]
    .sort((a, b) => b.weight - a.weight)
    .slice(0, MOST_POINTS);
  const first = openingOf(report);
  if (points.length === 0)
    return {
      zh: `${first.zh}没有事件、超限、中断或逾期事项。`,
      en: `${first.en} No incident, nothing out of range, no outage and nothing overdue.`,
    };
  const zh = points.map(({ say }) => say.zh).join('；');
  const en = points.map(({ say }) => `${say.en.charAt(0).toUpperCase()}${say.en.slice(1)}.`).join(' ');
  return { zh: `${first.zh}${zh}。`, en: `${first.en} ${en}` };
}

function openingOf(report: Told): Text {
  const { zh, en } = sayPeriod(report);
  const running = report.final ? { zh: '', en: '' } : { zh: '（未结束）', en: ' (not over yet)' };
  const core = report.rooms.find(({ room }) => room === 'core') ?? report.rooms[0];
  const of = (quantity: string) => core?.whole.find((one) => one.quantity === quantity)?.figures.mean;
  const [temperature, humidity] = [of('temperature'), of('humidity')];
  const begin = en.charAt(0).toUpperCase() + en.slice(1);
  if (core === undefined || temperature?.value == null)
    return {
      zh: `${zh}${running.zh}没有机房温度记录。`,
      en: `${begin}${running.en}: no room temperature was recorded.`,
    };
  const change = changeOf(temperature.value, temperature.before);
  const damp = humidity?.value ?? null;
  return {
    zh: `${zh}${running.zh}${core.name.zh}平均温度 ${sayNumber(temperature.value)} ℃${change.zh}${damp === null ? '' : `，平均湿度 ${sayNumber(damp, 0)} %`}。`,
    en: `${begin}${running.en}: ${core.name.en}, mean temperature ${sayNumber(temperature.value)} °C${change.en}${damp === null ? '' : `, mean humidity ${sayNumber(damp, 0)} %`}.`,
  };
}

/** A tenth more or less is no news. */
function changeOf(value: number, before: number | null): Text {
  if (before === null || Math.abs(value - before) < 0.25) return { zh: '', en: '' };
  const by = sayNumber(Math.abs(value - before));
  return value > before
    ? { zh: `（较上期高 ${by} ℃）`, en: ` (${by} °C warmer than the period before)` }
    : { zh: `（较上期低 ${by} ℃）`, en: ` (${by} °C cooler than the period before)` };
}

const LEVELS: Readonly<Record<string, number>> = { ordinary: 0, serious: 10, major: 20 };

function incidentPoints({ incidents, timeZone }: Told): readonly Point[] {
  const worst = incidents.toSorted((a, b) => (LEVELS[b.level] ?? 0) - (LEVELS[a.level] ?? 0))[0];
  if (worst === undefined) return [];
  const at = sayMoment(worst.from, timeZone);
  const isOne = incidents.length === 1;
  return [
    {
      weight: 100 + (LEVELS[worst.level] ?? 0) + (worst.to === null ? 10 : 0),
      say: {
        zh: isOne
          ? `${at.zh}发生${worst.title.zh}：${worst.result.zh}`
          : `发生 ${incidents.length} 起事件，最要紧的是 ${at.zh}的${worst.title.zh}：${worst.result.zh}`,
        en: isOne
          ? `${at.en}, ${worst.title.en}: ${worst.result.en}`
          : `${incidents.length} incidents, foremost ${worst.title.en} on ${at.en}: ${worst.result.en}`,
      },
    },
  ];
}

const WHOLE = 0.98;

function coveragePoints({ rooms, from, to, generatedAt }: Told): readonly Point[] {
  const lengthS = (Math.min(Date.parse(to), Date.parse(generatedAt)) - Date.parse(from)) / 1000;
  return rooms.flatMap(({ name, whole }) => {
    const figures = whole.find(({ quantity }) => quantity === 'temperature')?.figures;
    if (figures === undefined || figures.coverage >= WHOLE) return [];
    const lost = sayLength((1 - figures.coverage) * lengthS);
    const share = sayShare(figures.coverage);
    return [
      {
        weight: 60 + 50 * (1 - figures.coverage),
        say: {
          zh: `${name.zh}温度记录只覆盖 ${share}（每个传感器平均缺 ${lost.zh}），平均值请据此看待`,
          en: `the temperature of the ${name.en.toLowerCase()} is recorded for ${share} only (${lost.en} missing a sensor), so read the mean with care`,
        },
      },
    ];
  });
}

function climatePoints({ excursions, rooms, timeZone }: Told): readonly Point[] {
  const [worst] = excursions;
  if (worst === undefined) return [];
  const of = worst.unit === '%' ? 'humidity' : worst.point.endsWith('dewpoint') ? 'dew-point' : 'temperature';
  const outsideS = Math.max(
    0,
    ...rooms.flatMap(({ whole }) =>
      whole.filter(({ quantity }) => quantity === of).map(({ figures }) => figures.outsideS.value ?? 0),
    ),
  );
  const above = worst.worst > worst.limit;
  const unit = worst.unit === '°C' ? { zh: '℃', en: '°C' } : { zh: worst.unit, en: worst.unit };
  const [length, at] = [sayLength(outsideS), sayMoment(worst.worstAt, timeZone)];
  const [limit, value] = [sayNumber(worst.limit), sayNumber(worst.worst)];
  return [
    {
      weight: Math.min(95, 55 + 10 * Math.log2(1 + worst.degreeHours)),
      say: {
        zh: `${worst.pointName.zh}超出标准限值共 ${length.zh}，最严重的是${worst.name.zh} ${at.zh}${above ? '高达' : '低至'} ${value} ${unit.zh}（限值 ${limit} ${unit.zh}）`,
        en: `${worst.pointName.en.toLowerCase()} was outside the standard for ${length.en}, at worst ${value} ${unit.en} at ${worst.name.en} on ${at.en} (limit ${limit} ${unit.en})`,
      },
    },
  ];
}

const HEALTHY = 0.8;

function powerPoints({ ups, batteryTests }: Told): readonly Point[] {
  const points: Point[] = ups.flatMap(({ name, onBatteryS, transfers }) => {
    const [seconds, times] = [onBatteryS.value ?? 0, transfers.value ?? 0];
    if (seconds <= 0) return [];
    const length = sayLength(seconds);
    return [
      {
        weight: 65 + Math.min(20, seconds / 180),
        say: {
          zh: `${name.zh}由电池供电 ${Math.max(1, times)} 次，共 ${length.zh}`,
          en: `${name.en} was on battery ${Math.max(1, times) === 1 ? 'once' : `${times} times`}, for ${length.en} in all`,
        },
      },
    ];
  });
  for (const { name, health } of batteryTests)
    if (health !== null && health < HEALTHY)
      points.push({
        weight: 90,
        say: {
          zh: `${name.zh}电池试验：容量只剩额定的 ${sayShare(health)}，应更换`,
          en: `battery test of ${name.en}: ${sayShare(health)} of the rated capacity is left, it should be replaced`,
        },
      });
  return points;
}

function availabilityPoints({ network, services }: Told): readonly Point[] {
  const worst = [...network, ...services].filter(({ downS }) => downS > 0).sort((a, b) => b.downS - a.downS);
  const [first] = worst;
  if (first === undefined) return [];
  const length = sayLength(first.downS);
  const others = worst.length - 1;
  return [
    {
      weight: 50 + Math.min(30, first.downS / 600),
      say: {
        zh: `${first.name.zh}中断共 ${length.zh}${others === 0 ? '' : `，另有 ${others} 项也有中断`}`,
        en: `${first.name.en} was down for ${length.en}${others === 0 ? '' : `, ${others} more were down for a while`}`,
      },
    },
  ];
}

function dutyPoints({ duties }: Told): readonly Point[] {
  const missed = duties.duties.filter(({ missed }) => missed > 0).sort((a, b) => b.missed - a.missed);
  const late = duties.duties.reduce((sum, one) => sum + one.late, 0);
  const [first] = missed;
  if (first !== undefined) {
    const all = missed.reduce((sum, one) => sum + one.missed, 0);
    return [
      {
        weight: 62 + Math.min(20, all * 2),
        say: {
          zh: `有 ${all} 次职责没有做（${first.title.zh} ${first.missed} 次${missed.length > 1 ? '等' : ''}）`,
          en: `${all === 1 ? 'one duty was' : `${all} duties were`} not done (${first.title.en} ${first.missed}×${missed.length > 1 ? ' and others' : ''})`,
        },
      },
    ];
  }
  if (late === 0) return [];
  return [
    {
      weight: 35 + Math.min(10, late),
      say: { zh: `有 ${late} 次职责做得迟了`, en: `${late === 1 ? 'one duty was' : `${late} duties were`} done late` },
    },
  ];
}

/** What was assigned and is not done (O-WK-3). */
function openPoints({ tasks, repairs, minutes, to }: Told): readonly Point[] {
  const overdue =
    tasks.filter(({ state }) => state === 'overdue').length + minutes.filter(({ state }) => state === 'overdue').length;
  const waiting = repairs.filter(({ open, dueAt }) => open && dueAt !== null && dueAt < to).length;
  const points: Point[] = [];
  if (overdue > 0)
    points.push({
      weight: 52 + Math.min(10, overdue),
      say: { zh: `${overdue} 项任务逾期`, en: `${overdue === 1 ? 'one task is' : `${overdue} tasks are`} overdue` },
    });
  if (waiting > 0)
    points.push({
      weight: 50 + Math.min(10, waiting),
      say: {
        zh: `${waiting} 项维修过期未办结`,
        en: `${waiting === 1 ? 'one repair is' : `${waiting} repairs are`} past the deadline`,
      },
    });
  return points;
}

/** Goals: ISA-18.2 and EEMUA 191; core/alarm-figures/view.ts. */
const FLOOD_SHARE = 0.01;
const PAGES_A_WEEK = 5;

function alarmPoints({ alarms, from, to }: Told): readonly Point[] {
  if (alarms === null) return [];
  const weeks = Math.max(1, (Date.parse(to) - Date.parse(from)) / (7 * 86_400_000));
  const [most] = alarms.pagesPerPerson;
  if (most !== undefined && most.pages / weeks > PAGES_A_WEEK)
    return [
      {
        weight: 40,
        say: {
          zh: `${most.name.zh}被呼叫 ${most.pages} 次，超过每周 ${PAGES_A_WEEK} 次的目标`,
          en: `${most.name.en} was called ${most.pages} times, more than the goal of ${PAGES_A_WEEK} a week`,
        },
      },
    ];
  if ((alarms.floodShare.value ?? 0) <= FLOOD_SHARE) return [];
  const share = sayShare(alarms.floodShare.value ?? 0);
  return [
    {
      weight: 38,
      say: { zh: `告警洪水占时间的 ${share}`, en: `alarm floods took ${share} of the time` },
    },
  ];
}
