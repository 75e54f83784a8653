import { z } from 'zod';
import { idSchema } from '#core/config/common.ts';
import {
  FARTHEST_METRES,
  MOST_PLACES,
  MOST_RACKS,
  MOST_WALLS,
  PICTURE_TYPES,
  type PictureView,
  type RoomArrangement,
  type RoomPlanView,
} from '#core/room-layout.ts';

/** The rooms' arrangement as people send it and as pages are shown it. Types: core/room-layout.ts. */

const coordinate = z.number().min(-FARTHEST_METRES).max(FARTHEST_METRES);
const length = z.number().min(0.1).max(FARTHEST_METRES);
const turn = z.literal([0, 90, 180, 270]);
export const pictureIdSchema = z.string().regex(/^[0-9a-f]{32}$/);

const roomSchema = z.strictObject({
  walls: z.array(z.strictObject({ x: coordinate, y: coordinate, width: length, height: length })).max(MOST_WALLS),
  racks: z
    .array(
      z.strictObject({
        id: idSchema,
        name: z.string().trim().max(40),
        x: coordinate,
        y: coordinate,
        width: length.max(20),
        depth: length.max(20),
        turn,
      }),
    )
    .max(MOST_RACKS),
  picture: z.strictObject({ id: pictureIdSchema, x: coordinate, y: coordinate, width: length }).nullable(),
});
const placesSchema = z
  .record(idSchema, z.strictObject({ x: coordinate, y: coordinate, turn }).nullable())
  .refine((places) => Object.keys(places).length <= MOST_PLACES, 'too many devices');

export const roomArrangementSchema = z.strictObject({
  rooms: z.strictObject({ core: roomSchema, auxiliary: roomSchema }),
  places: placesSchema,
}) satisfies z.ZodType<RoomArrangement>;

export const pictureSchema = z.object({
  id: pictureIdSchema,
  type: z.enum(PICTURE_TYPES),
  width: z.number(),
  height: z.number(),
  bytes: z.number().int(),
}) satisfies z.ZodType<PictureView>;

export const roomPlanSchema = z
  .object({
    rooms: z.object({ core: roomSchema, auxiliary: roomSchema }),
    places: placesSchema,
    version: z.number().int(),
    changedAt: z.iso.datetime().nullable(),
    pictures: z.array(pictureSchema),
  })
  .meta({ id: 'RoomPlan' }) satisfies z.ZodType<RoomPlanView>;
