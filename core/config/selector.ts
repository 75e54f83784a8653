import { z } from 'zod';
import { idSchema } from './common.ts';
import { DEVICE_KINDS, type DeviceKind } from './device-kinds.ts';

/**
 * Which devices are meant: those named, and those of a class. Of a class all that is written must hold: one of the kinds, the
 * room, every tag.
 */
export const selectorSchema = z
  .strictObject({
    devices: z.array(idSchema).optional(),
    kinds: z.array(z.enum(DEVICE_KINDS)).optional(),
    room: z.enum(['core', 'auxiliary']).optional(),
    /** Words of devices.yaml: `tags: [cold-aisle]`. */
    tags: z.array(z.string()).optional(),
    /** Not these, though they are of the class. */
    except: z.array(idSchema).optional(),
  })
  .refine((on) => (on.devices ?? on.kinds ?? on.room ?? on.tags) !== undefined, 'name devices, kinds, a room or tags');
export type Selector = z.infer<typeof selectorSchema>;

/** How the values of a class become one; `spread` is the highest less the lowest. */
export const TAKES = ['max', 'min', 'mean', 'spread'] as const;
export type Take = (typeof TAKES)[number];

interface Selected {
  readonly id: string;
  readonly kind: DeviceKind;
  readonly room?: 'core' | 'auxiliary';
  readonly tags?: readonly string[];
}

export const selectsClass = ({ kinds, room, tags }: Selector): boolean => (kinds ?? room ?? tags) !== undefined;

/** Example: `{kinds: [sensor], tags: [cold-aisle]}` selects the sensors that stand in the cold aisle. */
export function selects(on: Selector, device: Selected): boolean {
  if (on.devices?.includes(device.id) === true) return true;
  if (!selectsClass(on) || on.except?.includes(device.id) === true) return false;
  return (
    on.kinds?.includes(device.kind) !== false &&
    (on.room === undefined || on.room === (device.room ?? 'core')) &&
    (on.tags ?? []).every((tag) => device.tags?.includes(tag) === true)
  );
}
