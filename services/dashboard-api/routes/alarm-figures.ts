import { z } from 'zod';
import type { AlarmFiguresView, AlarmWeek } from '#core/alarm-figures/view.ts';
import { toIso } from '#core/time.ts';
import { alarmFiguresSchema } from '../schemas/alarm-figures.ts';
import { problemSchema } from '../schemas/answers.ts';
import { API, type Context, type Server } from './context.ts';

/** The weekly figures of alarm management (ISA-18.2): this week and the eight before it. */
export function alarmFigureRoutes(server: Server, { model, config, clock }: Context): void {
  server.get(
    `${API}/alarm-figures`,
    {
      config: { access: { who: 'viewer' } },
      schema: {
        tags: ['incidents'],
        summary: 'Alarm figures of this week and the eight before it (ISA-18.2); format=csv: a line a week',
        querystring: z.strictObject({ format: z.enum(['json', 'csv']).default('json') }),
        response: { 200: z.union([alarmFiguresSchema, z.string()]), default: problemSchema },
      },
    },
    async ({ query }, reply) => {
      const none: AlarmFiguresView = { at: toIso(clock.now()), timeZone: config.site.time_zone, weeks: [] };
      const view = model.alarmFigures() ?? none;
      if (query.format === 'json') return view;
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="alarm-figures.csv"')
        .send(csvOf(view.weeks));
    },
  );
}

/** Numbers and dates alone, so that nothing needs quotes. */
const COLUMNS: readonly (readonly [string, (week: AlarmWeek) => string | number])[] = [
  ['week', ({ week }) => week],
  ['ended', ({ ended }) => (ended ? 1 : 0)],
  ['alarms', ({ alarms }) => alarms],
  ['alarms_a_day', ({ aDay }) => aDay.toFixed(2)],
  ['worst_10_min', ({ worst }) => worst.alarms],
  ['floods', ({ flood }) => flood.times],
  ['flood_share', ({ flood }) => flood.share.toFixed(5)],
  ['stale', ({ stale }) => stale.count],
  ['chattering', ({ chattering }) => chattering.count],
  ['high', ({ severities }) => severities.high],
  ['medium', ({ severities }) => severities.medium],
  ['low', ({ severities }) => severities.low],
  ['acknowledge_median_s', ({ acknowledge }) => acknowledge.medianS ?? ''],
  ['acknowledge_p90_s', ({ acknowledge }) => acknowledge.p90S ?? ''],
  ['clear_median_s', ({ clear }) => clear.medianS ?? ''],
  ['clear_p90_s', ({ clear }) => clear.p90S ?? ''],
  ['most_pages_a_person', ({ people }) => people[0]?.pages ?? 0],
  ['inhibited', ({ heldBack }) => heldBack.inhibited],
  ['in_maintenance', ({ heldBack }) => heldBack.maintenance],
];

const csvOf = (weeks: readonly AlarmWeek[]): string =>
  [COLUMNS.map(([name]) => name), ...weeks.map((week) => COLUMNS.map(([, of]) => of(week)))]
    .map((cells) => `${cells.join(',')}\r\n`)
    .join('');
