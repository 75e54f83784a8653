import type { Figure, PeriodReport, RoomClimate } from '../paperwork/period-report.ts';
import { quantityName, unitName } from './climate-tables.ts';
import { ENOUGH_COVERAGE, type KeyFigure } from './document.ts';
import { type PaperWriter, sayChange } from './writer.ts';

/** Five figures that stand large at the top: who reads nothing else has read the week. */
export function keyFigures(writer: PaperWriter): readonly KeyFigure[] {
  const { say, report, number, percent } = writer;
  const room = mainRoom(report);
  const climate = (['temperature', 'humidity'] as const).flatMap((quantity): KeyFigure[] => {
    const whole = room?.whole.find((one) => one.quantity === quantity);
    if (whole === undefined) return [];
    const { mean, outsideS, coverage } = whole.figures;
    const thin = coverage < ENOUGH_COVERAGE ? say(`覆盖 ${percent(coverage)}`, `${percent(coverage)} covered`) : '';
    return [
      {
        label: say(`平均${quantityName(quantity, writer)}`, `Mean ${quantityName(quantity, writer).toLowerCase()}`),
        value: mean.value === null ? '—' : `${number(mean.value, 1)} ${unitName(whole.unit, writer)}`,
        change: [sayChange(mean, (size) => number(size, 1)), thin].filter((part) => part !== '').join(' · '),
        pressing: (outsideS.value ?? 0) > 0,
      },
    ];
  });
  const outside = outsideOf(report);
  const done = dutiesDone(report);
  const incidents = report.incidents.length;
  return [
    ...climate,
    {
      label: say('温湿度超限', 'Out of limits'),
      value: outside.value === null ? '—' : inHours(outside.value, writer),
      change: sayChange(outside, (size) => inHours(size, writer)),
      pressing: (outside.value ?? 0) > 0,
    },
    {
      label: say('事件', 'Incidents'),
      value: String(incidents),
      change:
        report.drills.length === 0 ? '' : say(`演练 ${report.drills.length} 次`, `${report.drills.length} drills`),
      pressing: incidents > 0,
    },
    {
      label: say('报警', 'Alarms'),
      value:
        report.alarms?.alarms.value === null || report.alarms === null ? '—' : number(report.alarms.alarms.value, 0),
      change: report.alarms === null ? '' : sayChange(report.alarms.alarms, (size) => number(size, 0)),
      pressing: false,
    },
    {
      label: say('工作按时', 'Duties in time'),
      value: done === null || done.due === 0 ? '—' : `${done.inTime} / ${done.due}`,
      change: done === null || done.due === 0 ? '' : percent(done.inTime / done.due),
      pressing: done !== null && done.missed > 0,
    },
  ];
}

/** Short enough to stand large: `11.5 h`. */
const inHours = (lengthS: number, { say, number, length }: PaperWriter): string =>
  lengthS === 0 ? '0' : lengthS < 3600 ? length(lengthS) : `${number(lengthS / 3600, 1)} ${say('小时', 'h')}`;

/** The core room, or the first that is told of. */
export const mainRoom = ({ rooms }: PeriodReport): RoomClimate | undefined =>
  rooms.find(({ room }) => room === 'core') ?? rooms[0];

/** The longest of the quantities: what is too hot and too damp at once is out of limits once. */
function outsideOf(report: PeriodReport): Figure {
  const all = mainRoom(report)?.whole.map(({ figures }) => figures.outsideS) ?? [];
  return { value: most(all.map(({ value }) => value)), before: most(all.map(({ before }) => before)) };
}

function most(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function dutiesDone({
  duties,
}: PeriodReport): { readonly inTime: number; readonly due: number; readonly missed: number } | null {
  if (duties.duties.length === 0) return null;
  const sum = (of: (one: PeriodReport['duties']['duties'][number]) => number): number =>
    duties.duties.reduce((total, one) => total + of(one), 0);
  return {
    inTime: sum(({ done }) => done),
    due: sum(({ done, late, missed }) => done + late + missed),
    missed: sum(({ missed }) => missed),
  };
}
