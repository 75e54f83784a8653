import { isWarmPlace } from '#core/warm-place.ts';
import { type Band, bandOf } from '../model/bands.ts';
import { live } from './store.ts';

/** The band of a device's point: where it stands and what the site's rules say of it. */
export function bandAt(device: string, point: string): Band | null {
  const found = live.devices.get(device);
  return found === undefined ? bandOf(point) : bandOf(point, { warm: isWarmPlace(found), limits: found.limits });
}
