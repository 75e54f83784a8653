import { type Action, OPERATIONS } from '#core/config/device.ts';
import type { Site } from '#core/config/site.ts';
import { mendWord } from '../nearest.ts';
import type { Located, Parts } from '../parts.ts';
import { checkKnown, type Teller } from './references.ts';

/** The UPSes that we serve to NUT clients, and the acts that speak to those clients. */
export function checkNut(parts: Parts, tell: Teller): void {
  const { site } = parts;
  if (site === null) return;
  checkServer(site, parts, tell);
  const served = site.value.nut_server?.upses.map(({ id }) => id) ?? [];
  const mayLogIn = (site.value.nut_server?.users.length ?? 0) > 0;
  for (const at of parts.devices.items) {
    for (const name of OPERATIONS) {
      const operation = at.value[name];
      const ways: [PropertyKey[], Action][] = [
        ...(operation === undefined ? [] : [[['by'], operation.by] as [PropertyKey[], Action]]),
        ...(operation?.otherwise ?? []).map((way, i): [PropertyKey[], Action] => [['otherwise', i], way]),
      ];
      for (const [within, way] of ways) {
        if (!('nut_serve' in way)) continue;
        const path = [name, ...within, 'nut_serve', 'ups'];
        const { ups } = way.nut_serve;
        if (served.length === 0) {
          tell(at, path, 'site.yaml serves no UPS to NUT clients', `add nut_server: with ${ups} among its upses`);
        } else if (!served.includes(ups)) {
          tell(at, path, `nut_server serves no UPS ${ups}`, mendWord(ups, served, 'UPS'));
        } else if (!mayLogIn) {
          const mend = 'give nut_server a user, e.g. { name: monuser, password: { env: NUT_PASSWORD } }';
          tell(at, path, `no client can log in to ${ups}: nut_server has no users`, mend);
        }
      }
    }
  }
}

function checkServer(site: Located<Site>, { devices }: Parts, tell: Teller): void {
  const seen = new Set<string>();
  for (const [i, { id, of }] of (site.value.nut_server?.upses ?? []).entries()) {
    const path = ['nut_server', 'upses', i];
    if (seen.has(id)) tell(site, [...path, 'id'], `the UPS ${id} is served twice`, 'give one of them another id');
    seen.add(id);
    if (!checkKnown(tell, site, [...path, 'of'], of, devices.ids, 'device')) continue;
    const device = devices.items.find((one) => one.value.id === of)?.value;
    if (device === undefined || device.kind === 'ups') continue;
    const upses = devices.items.flatMap((one) => (one.value.kind === 'ups' ? [one.value.id] : []));
    tell(site, [...path, 'of'], `${of} is a ${device.kind} and no UPS`, mendWord(of, upses, 'UPS'));
  }
}
