import type { RegisterLine } from '#core/paperwork/period-report.ts';
import type { RegisterItem } from '#core/paperwork/register-line.ts';
import type { Happening } from '#core/period-report/excursions.ts';
import { fromIso, instant, toIso } from '#core/time.ts';
import type { Duties } from '../duties/duties.ts';
import type { Registers } from '../registers/register-book.ts';
import type { ReportSources } from './sources.ts';

/** Registers and duties as a report takes them. */
export function reportSources({
  registers,
  duties,
}: {
  readonly registers: Pick<Registers, 'openOnes' | 'between'>;
  readonly duties: Pick<Duties, 'figures' | 'missed'>;
}): Pick<ReportSources, 'duties' | 'registers'> {
  return {
    duties: (from, to) => ({
      figures: duties.figures(from, to),
      missed: duties.missed(from, to).map(({ id, title, dueAt, state }) => ({ id, title, dueAt, state })),
    }),
    registers(from, to) {
      const within = registers.between(from, to);
      const open = registers.openOnes().filter(({ createdAt }) => createdAt < toIso(to));
      const all = [...new Map([...open, ...within].map((item) => [item.key, item])).values()];
      const of = (id: string, obligation: string): readonly RegisterLine[] =>
        all
          .filter(({ register, obligations }) => register === id || obligations.includes(obligation))
          .sort((a, b) => Number(b.open) - Number(a.open) || a.createdAt.localeCompare(b.createdAt))
          .map(lineOf);
      return {
        repairs: of('repairs', 'O-REG-6'),
        changes: of('changes', 'O-CHG-1'),
        entries: within.map(happeningOf),
      };
    },
  };
}

const lineOf = ({ key, register, title, stateLabel, open, dues, path }: RegisterItem): RegisterLine => ({
  ...{ entry: key, register, title, state: stateLabel, open, dueAt: dues[0]?.at ?? null, path },
});

/** From when it was written until it last changed: somebody was in the room, or at the equipment. */
const happeningOf = (item: RegisterItem): Happening => ({
  ...{ kind: 'entry', id: item.key, path: item.path, devices: item.devices },
  title: {
    zh: `${item.registerTitle.zh}：${item.title.zh}`,
    en: `${item.registerTitle.en}: ${item.title.en}`,
  },
  from: fromIso(item.createdAt) ?? instant(0),
  to: item.waiting ? null : (fromIso(item.changedAt) ?? instant(0)),
});
