import { z } from 'zod';
import type { DeviceResponse, DevicesResponse, HistoryResponse, ReadingsResponse } from '#core/api.ts';
import { ZhishouError } from '#core/errors.ts';
import { MOST_HISTORY_POINTS } from '#core/history-view.ts';
import { type Instant, instant } from '#core/time.ts';
import { historyRange, readHistory, SETTLE_LIMIT, wantsNewest } from '../history.ts';
import { deviceDetailSchema, devicesSchema, historySchema, problemSchema, readingsSchema } from '../schemas/answers.ts';
import { API, type Context, type Server } from './context.ts';

/** Devices, their values now and before. */

export const idParameter = z.string().min(1).max(200);
const historyQuery = z.strictObject({
  device: idParameter,
  point: idParameter,
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  points: z.coerce.number().int().min(1).max(MOST_HISTORY_POINTS).default(300),
});

const READER = { access: { who: 'reader' } } as const;

export function readingRoutes(server: Server, context: Context): void {
  const { model } = context;
  server.get(
    `${API}/devices`,
    {
      config: READER,
      schema: {
        tags: ['readings'],
        summary: 'All devices',
        response: { 200: devicesSchema, default: problemSchema },
      },
    },
    async (): Promise<DevicesResponse> => ({ devices: model.devices() }),
  );
  server.get(
    `${API}/devices/:id`,
    {
      config: READER,
      schema: {
        tags: ['readings'],
        summary: 'One device with its readings and alerts',
        params: z.strictObject({ id: idParameter }),
        response: { 200: deviceDetailSchema, default: problemSchema },
      },
    },
    async ({ params: { id } }): Promise<DeviceResponse> => {
      const device = model.device(id);
      if (device === null) throw new ZhishouError('NOT_FOUND', id, 'no such device');
      const alerts = model.alerts().filter((alert) => alert.device === id && alert.state !== 'cleared');
      return { ...device, readings: model.readings(id), alerts };
    },
  );
  server.get(
    `${API}/readings/latest`,
    {
      config: READER,
      schema: {
        tags: ['readings'],
        summary: 'The latest value of every point, or of one device',
        querystring: z.strictObject({ device: idParameter.optional() }),
        response: { 200: readingsSchema, default: problemSchema },
      },
    },
    async ({ query: { device } }): Promise<ReadingsResponse> => {
      if (device !== undefined && model.device(device) === null) {
        throw new ZhishouError('NOT_FOUND', device, 'no such device');
      }
      return { readings: model.readings(device) };
    },
  );
  server.get(
    `${API}/readings/history`,
    {
      config: READER,
      schema: {
        tags: ['readings'],
        summary: 'The past of one point, down-sampled',
        querystring: historyQuery,
        response: { 200: historySchema, default: problemSchema },
      },
    },
    async ({ query: { device, point, points, ...range } }): Promise<HistoryResponse> => {
      if (model.device(device) === null) throw new ZhishouError('NOT_FOUND', device, 'no such device');
      const now = context.clock.now();
      const asked = { ...historyRange(toInstant(range.from), toInstant(range.to), now), points };
      if (wantsNewest(asked, now)) await context.history.settled(SETTLE_LIMIT);
      return readHistory(context.history.store, { device, point, ...asked });
    },
  );
}

const toInstant = (text: string | undefined): Instant | null => (text === undefined ? null : instant(Date.parse(text)));
