import { z } from 'zod';
import type { Config } from '#core/config/config.ts';
import type { Device } from '#core/config/device.ts';
import { deviceAddress } from '#core/config/device-address.ts';
import { ZhishouError } from '#core/errors.ts';
import {
  type DeviceAddressesResponse,
  type DeviceContextResponse,
  type HistoryManyResponse,
  type HistoryMarksResponse,
  MOST_HISTORY_POINTS,
  MOST_HISTORY_SERIES,
} from '#core/history-view.ts';
import type { SeriesKey } from '#core/series.ts';
import { hours, type Instant, instant, minus, toIso } from '#core/time.ts';
import { deviceContext } from '../device-context.ts';
import { historyRange, readHistories, SETTLE_LIMIT, wantsNewest } from '../history.ts';
import {
  alertMarks,
  incidentMarks,
  type MarkSource,
  maintenanceMarks,
  outageMarks,
  readMarks,
  ruleMarks,
} from '../history-marks.ts';
import { entryMarks } from '../registers/register-marks.ts';
import { problemSchema } from '../schemas/answers.ts';
import {
  deviceAddressesSchema,
  deviceContextSchema,
  historyManySchema,
  historyMarksSchema,
} from '../schemas/history.ts';
import { API, type Context, type Server } from './context.ts';
import { idParameter } from './readings.ts';

/** Several points over one range, what happened meanwhile, and what is known around a device. */

const MOST_DEVICES = 50;
/** A device's own page tells of the last year. */
const LOOK_BACK = hours(366 * 24);

const READER = { access: { who: 'reader' } } as const;
const instantText = z.iso.datetime({ offset: true });
/** One or many: a query with a single one comes as a text. */
const listOf = <T extends z.ZodType>(item: T, most: number) =>
  z.preprocess((given) => (typeof given === 'string' ? [given] : given), z.array(item).max(most));

/** `ups-1/battery.charge`. */
const seriesText = z
  .string()
  .max(400)
  .regex(/^[^/]{1,200}\/[^/]{1,200}$/, 'device/point')
  .transform((text): SeriesKey => {
    const [device = '', point = ''] = text.split('/');
    return { device, point };
  });

const manyQuery = z.strictObject({
  series: listOf(seriesText, MOST_HISTORY_SERIES).refine((list) => list.length > 0, 'at least one'),
  from: instantText.optional(),
  to: instantText.optional(),
  points: z.coerce.number().int().min(1).max(MOST_HISTORY_POINTS).default(600),
});
const marksQuery = z.strictObject({
  device: listOf(idParameter, MOST_DEVICES).default([]),
  from: instantText.optional(),
  to: instantText.optional(),
});

export function historyRoutes(server: Server, context: Context): void {
  const { config, clock } = context;
  const sources = sourcesOf(context);

  server.get(
    `${API}/history`,
    {
      config: READER,
      schema: {
        tags: ['readings'],
        summary: 'The past of several points over one range, down-sampled, in columns',
        querystring: manyQuery,
        response: { 200: historyManySchema, default: problemSchema },
      },
    },
    async ({ query: { series, points, ...range } }): Promise<HistoryManyResponse> => {
      for (const { device } of series) deviceOf(config, device);
      const now = clock.now();
      const asked = { ...historyRange(toInstant(range.from), toInstant(range.to), now), points };
      if (wantsNewest(asked, now)) await context.history.settled(SETTLE_LIMIT);
      return readHistories(context.history.store, series, asked);
    },
  );
  server.get(
    `${API}/history/marks`,
    {
      config: READER,
      schema: {
        tags: ['readings'],
        summary:
          'What happened meanwhile: alerts, incidents, outages, maintenance, changed rules, entries of registers',
        querystring: marksQuery,
        response: { 200: historyMarksSchema, default: problemSchema },
      },
    },
    async ({ query: { device, ...range }, caller }): Promise<HistoryMarksResponse> => {
      const devices = device.map((id) => deviceOf(config, id));
      const { from, to } = historyRange(toInstant(range.from), toInstant(range.to), clock.now());
      if (from >= to) throw new ZhishouError('BAD_REQUEST', 'from', 'must be before to');
      const ask = { from: toIso(from), to: toIso(to), devices };
      return readMarks(sources, ask, caller?.kind === 'session' || caller?.kind === 'token');
    },
  );
  deviceContextRoutes(server, context);
}

/** What is known around devices. */
function deviceContextRoutes(server: Server, context: Context): void {
  const { config, model, clock } = context;
  const sources = sourcesOf(context);
  server.get(
    `${API}/devices/:id/context`,
    {
      config: { access: { who: 'viewer' } },
      schema: {
        tags: ['readings'],
        summary: 'Who watches a device, what plans do with it, what happened to it in a year',
        params: z.strictObject({ id: idParameter }),
        response: { 200: deviceContextSchema, default: problemSchema },
      },
    },
    async ({ params: { id } }): Promise<DeviceContextResponse> => {
      const device = deviceOf(config, id);
      const now = clock.now();
      const ask = { from: toIso(minus(now, LOOK_BACK)), to: toIso(now), devices: [device] };
      const { marks } = readMarks(sources, ask, true);
      return deviceContext(device, { config, rules: model.rules(), marks });
    },
  );
  server.get(
    `${API}/device-addresses`,
    {
      config: { access: { who: 'viewer' } },
      schema: {
        tags: ['readings'],
        summary: 'Where each device is read, without credentials',
        response: { 200: deviceAddressesSchema, default: problemSchema },
      },
    },
    async (): Promise<DeviceAddressesResponse> => ({
      addresses: Object.fromEntries(config.devices.map((device) => [device.id, deviceAddress(device)])),
    }),
  );
}

const sourcesOf = ({ model, config, paperwork }: Context): readonly MarkSource[] => [
  alertMarks(model.alerts),
  incidentMarks(model.incidents, model.alerts),
  outageMarks(model.outages),
  maintenanceMarks(() => model.outOfService().windows, config.devices),
  ruleMarks(model.rules),
  paperwork.duties.marks,
  entryMarks(paperwork.registers, config.site.language),
];

function deviceOf(config: Config, id: string): Device {
  const found = config.devices.find((device) => device.id === id);
  if (found === undefined) throw new ZhishouError('NOT_FOUND', id, 'no such device');
  return found;
}

const toInstant = (text: string | undefined): Instant | null => (text === undefined ? null : instant(Date.parse(text)));
