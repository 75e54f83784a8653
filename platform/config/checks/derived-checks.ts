import { selects } from '#core/config/selector.ts';
import type { Parts } from '../parts.ts';
import { checkKnown, type Teller } from './references.ts';

/** Devices that are figures of others: those others are there, and are equipment. */
export function checkDerived({ devices }: Parts, tell: Teller): void {
  if (devices.ids === null) return;
  const all = devices.items.map(({ value }) => value);
  for (const at of devices.items) {
    const { id, derived } = at.value;
    if (derived === undefined) continue;
    const { of } = derived;
    for (const list of ['devices', 'except'] as const)
      for (const [i, device] of (of[list] ?? []).entries())
        checkKnown(tell, at, ['derived', 'of', list, i], device, devices.ids, 'device');
    if (!all.some((other) => other.id !== id && other.derived === undefined && selects(of, other)))
      tell(
        at,
        ['derived', 'of'],
        `${id} has figures of no device at all`,
        'name devices, kinds, a room or tags that are there',
      );
  }
}
