import type { Parts } from '../parts.ts';
import { checkKnown, type Teller } from './references.ts';

/** site.yaml, `watched_changes` and `meeting`: devices that exist, somebody who leads. */
export function checkChanges({ site, devices, people }: Parts, tell: Teller): void {
  const watched = site?.value.watched_changes;
  if (site === null || site === undefined) return;
  for (const [i, id] of (watched?.except ?? []).entries())
    checkKnown(tell, site, ['watched_changes', 'except', i], id, devices.ids, 'device');
  const chair = site.value.meeting?.chair;
  const known = people.ids !== null;
  if (chair !== undefined && known && !people.items.some(({ value }) => value.functions.includes(chair)))
    tell(
      site,
      ['meeting', 'chair'],
      `nobody has the function ${chair}: the meeting has nobody to lead it`,
      `name a function that somebody has, or give somebody in people.yaml the function ${chair}`,
    );
}
