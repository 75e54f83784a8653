import { z } from 'zod';
import type { Device } from '#core/config/device.ts';
import { ZhishouError } from '#core/errors.ts';
import {
  MOST_PICTURE_BYTES,
  PICTURE_TYPES,
  type PictureType,
  type PictureView,
  ROOMS,
  type RoomArrangement,
  type RoomPlanView,
} from '#core/room-layout.ts';
import { toIso } from '#core/time.ts';
import type { RoomPlanStore } from '#platform/room-plan-store.ts';
import { readPicture } from '../room/read-picture.ts';
import { problemSchema } from '../schemas/answers.ts';
import { pictureIdSchema, pictureSchema, roomArrangementSchema, roomPlanSchema } from '../schemas/room-plan.ts';
import { API, type Context, type RequestTypes, type Server } from './context.ts';

/** The rooms from above as people arrange them: who saves says which version was looked at, so nobody overwrites another unseen. */

/** The second lock beside `read-picture.ts`: opened as a page of its own, a picture is downloaded, in a box that runs and loads nothing. */
const PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox";
const ENDINGS: Readonly<Record<PictureType, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/svg+xml': 'svg',
};

const etagOf = ({ version }: RoomPlanView): string => `"room-plan-${version}"`;

/** What is kept, as pages are shown it: without devices that the configuration does not have (any more). */
export function roomPlanView(store: RoomPlanStore, devices: readonly Device[]): RoomPlanView {
  const { version, changedAt, arrangement } = store.arrangement();
  const known = new Set(devices.map(({ id }) => id));
  const used = new Set(ROOMS.map((room) => arrangement.rooms[room].picture?.id));
  return {
    rooms: arrangement.rooms,
    places: Object.fromEntries(Object.entries(arrangement.places).filter(([id]) => known.has(id))),
    version,
    changedAt: changedAt === null ? null : toIso(changedAt),
    pictures: store.pictures().filter(({ id }) => used.has(id)),
  };
}

export async function roomPlanRoutes(server: Server, context: Context): Promise<void> {
  arrangementRoutes(server, context);
  await pictureRoutes(server, context);
}

function arrangementRoutes(server: Server, context: Context): void {
  const { config, model, roomPlan: store, wall } = context;
  server.get(
    `${API}/room-plan`,
    {
      config: { access: { who: 'reader' } },
      schema: {
        tags: ['room plan'],
        summary:
          'The rooms from above: walls, racks, pictures, and where devices were dragged to; its ETag is for saving',
        response: { 200: roomPlanSchema, default: problemSchema },
      },
    },
    async ({ headers }, reply): Promise<RoomPlanView | undefined> => {
      const view = model.roomPlan();
      reply.header('etag', etagOf(view)).header('cache-control', 'no-cache');
      if (headers['if-none-match'] !== etagOf(view)) return view;
      reply.code(304);
      return undefined;
    },
  );
  server.put(
    `${API}/room-plan`,
    {
      config: { access: { who: 'operator' } },
      schema: {
        tags: ['room plan'],
        summary: 'Save the whole arrangement over the version of If-Match; 409 when somebody saved meanwhile',
        headers: z.object({ 'if-match': z.string().max(100).optional() }),
        body: roomArrangementSchema,
        response: { 200: roomPlanSchema, default: problemSchema },
      },
    },
    async (request, reply): Promise<RoomPlanView> => {
      const expected = /^(?:W\/)?"room-plan-(\d{1,15})"$/.exec(request.headers['if-match'] ?? '')?.[1];
      if (expected === undefined)
        throw new ZhishouError(
          'BAD_REQUEST',
          'if-match',
          'say which version you looked at: the ETag of GET /room-plan',
        );
      checkNames(request.body, config.devices, store);
      const before = store.arrangement();
      const next = {
        ...request.body,
        places: { ...strangers(before.arrangement, config.devices), ...request.body.places },
      };
      const { version } = store.save(next, Number(expected), { user: request.caller?.user ?? '', at: wall.now() });
      request.auditDetail = `version ${version}: ${changesIn(before.arrangement, next)}`;
      const view = roomPlanView(store, config.devices);
      model.onRoomPlan(view);
      reply.header('etag', etagOf(view));
      return view;
    },
  );
}

/** In a scope of its own: nowhere else does a body of these types mean anything. */
async function pictureRoutes(server: Server, { roomPlan: store, wall }: Context): Promise<void> {
  await server.register(async (inner) => {
    const scope = inner.withTypeProvider<RequestTypes>();
    scope.addContentTypeParser(
      [...PICTURE_TYPES],
      { parseAs: 'buffer' },
      async (_request: unknown, body: Buffer) => body,
    );
    scope.post(
      `${API}/room-plan/pictures`,
      {
        config: { access: { who: 'operator' } },
        bodyLimit: MOST_PICTURE_BYTES,
        schema: {
          tags: ['room plan'],
          summary: 'A picture of a room to be laid under its plan: PNG, JPEG or SVG, 4 MB; unused it is kept for a day',
          response: { 201: pictureSchema, default: problemSchema },
        },
      },
      async (request, reply): Promise<PictureView> => {
        const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
        const known = PICTURE_TYPES.find((one) => one === type);
        if (known === undefined || !Buffer.isBuffer(request.body))
          throw new ZhishouError('BAD_REQUEST', 'picture', 'send a PNG, JPEG or SVG with its content type');
        const picture = store.addPicture(
          request.body,
          { type: known, ...readPicture(request.body, known) },
          wall.now(),
        );
        request.auditDetail = `${picture.type}, ${picture.bytes} bytes, ${picture.id}`;
        reply.code(201);
        return picture;
      },
    );
    scope.get(
      `${API}/room-plan/pictures/:id`,
      {
        // What is on the wall's plan is for a screen on the wall too.
        config: { access: { who: 'reader', wall: true } },
        schema: {
          tags: ['room plan'],
          summary: 'The picture itself, for an image element; its id is its content',
          params: z.strictObject({ id: pictureIdSchema }),
          response: { 200: z.string(), default: problemSchema },
        },
      },
      async ({ params: { id } }, reply) => {
        const picture = store.picture(id);
        if (picture === null) throw new ZhishouError('NOT_FOUND', id, 'no such picture');
        // Past the serializer, which writes JSON.
        return reply
          .header('content-security-policy', PICTURE_POLICY)
          .header('content-disposition', `attachment; filename="room-plan.${ENDINGS[picture.type]}"`)
          .header('cache-control', 'private, max-age=31536000, immutable')
          .type(picture.type)
          .send(picture.content);
      },
    );
  });
}

/** All at once: devices that the site does not have, pictures that were never sent, two racks of one name tag. */
function checkNames({ rooms, places }: RoomArrangement, devices: readonly Device[], store: RoomPlanStore): void {
  const known = new Set(devices.map(({ id }) => id));
  const pictures = new Set(store.pictures().map(({ id }) => id));
  const racks = ROOMS.flatMap((room) => rooms[room].racks.map(({ id }) => id));
  const wrong = [
    ...Object.keys(places).flatMap((id) => (known.has(id) ? [] : [`there is no device ${id}`])),
    ...ROOMS.flatMap((room) => rooms[room].picture?.id ?? []).flatMap((id) =>
      pictures.has(id) ? [] : [`there is no picture ${id}; send it first`],
    ),
    ...racks.filter((id, index) => racks.indexOf(id) !== index).map((id) => `two racks have the id ${id}`),
  ];
  if (wrong.length > 0) throw new ZhishouError('BAD_REQUEST', 'room plan', wrong.slice(0, 20).join('; '));
}

/** Devices that are not in the configuration now keep their place: they may come back. */
const strangers = ({ places }: RoomArrangement, devices: readonly Device[]): RoomArrangement['places'] => {
  const known = new Set(devices.map(({ id }) => id));
  return Object.fromEntries(Object.entries(places).filter(([id]) => !known.has(id)));
};

/** For the audit log: `server-1 to 3.2, 2; th-4 as in devices.yaml; core: walls, picture`. */
function changesIn(before: RoomArrangement, after: RoomArrangement): string {
  const ids = [...new Set([...Object.keys(before.places), ...Object.keys(after.places)])].sort();
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
  const moved = ids.flatMap((id) => {
    const place = after.places[id];
    if (same(before.places[id], place)) return [];
    if (place === undefined) return [`${id} as in devices.yaml`];
    return [place === null ? `${id} off the plan` : `${id} to ${place.x}, ${place.y}`];
  });
  const rooms = ROOMS.flatMap((room) => {
    const parts = (['walls', 'racks', 'picture'] as const).filter(
      (part) => !same(before.rooms[room][part], after.rooms[room][part]),
    );
    return parts.length === 0 ? [] : [`${room}: ${parts.join(', ')}`];
  });
  return [...moved, ...rooms].join('; ') || 'nothing else';
}
