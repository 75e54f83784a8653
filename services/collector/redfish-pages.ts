import { ZhishouError } from '#core/errors.ts';
import type { RedfishGet } from '#platform/redfish/redfish-reader.ts';

/** Which resources of a Redfish service tell of one server, found by its links; bounded in number. */
export interface RedfishLayout {
  readonly system: string;
  readonly pages: readonly RedfishPage[];
}

/**
 * `thermal`, `power`: the older resources, which tell all in two answers (DSP2046 Thermal, Power) · `sensors`: a Sensors collection
 * with its members in it · `metrics`: ThermalMetrics · `environment`: EnvironmentMetrics · `supply`: a PowerSupply.
 */
export type RedfishKind = 'system' | 'thermal' | 'power' | 'sensors' | 'metrics' | 'environment' | 'supply';
export interface RedfishPage {
  readonly kind: RedfishKind;
  readonly path: string;
}

const ROOT = '/redfish/v1';
/** A blade's chassis, its enclosure's and some drive bays. */
const MOST_CHASSIS = 6;
const MOST_SUPPLIES = 8;
const MOST_PAGES = 40;

export type Fields = Readonly<Record<string, unknown>>;

export const asObject = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
export const asList = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.map(asObject) : []);
export const linkIn = (value: unknown): string | null => {
  const path = asObject(value)['@odata.id'];
  return typeof path === 'string' && path !== '' ? path : null;
};
const membersOf = (collection: unknown): string[] =>
  asList(asObject(collection).Members).flatMap((member) => linkIn(member) ?? []);

/** `system`: below /redfish/v1, where there is more than one. Rejects with BAD_ANSWER, and with what `get` rejects with. */
export async function findPages(get: RedfishGet, device: string, system?: string): Promise<RedfishLayout> {
  const root = asObject(await get(`${ROOT}/`));
  const path = system === undefined ? await onlySystem(get, root, device) : `${ROOT}/${system}`;
  const body = await get(path);
  if (body === null) throw new ZhishouError('BAD_ANSWER', device, `there is no ${path}`);
  const own = asList(asObject(asObject(body).Links).Chassis).flatMap((one) => linkIn(one) ?? []);
  const chassis = own.length > 0 ? own : membersOf(await get(linkIn(root.Chassis) ?? `${ROOT}/Chassis`));
  const expands = asObject(asObject(root.ProtocolFeaturesSupported).ExpandQuery).NoLinks === true;
  const pages: RedfishPage[] = [{ kind: 'system', path }];
  for (const one of [...new Set(chassis)].slice(0, MOST_CHASSIS)) pages.push(...(await pagesOf(get, one, expands)));
  return { system: path, pages: pages.slice(0, MOST_PAGES) };
}

async function onlySystem(get: RedfishGet, root: Fields, device: string): Promise<string> {
  const [only, ...others] = membersOf(await get(linkIn(root.Systems) ?? `${ROOT}/Systems`));
  if (only === undefined) throw new ZhishouError('BAD_ANSWER', device, 'the service knows no system');
  if (others.length === 0) return only;
  const names = [only, ...others].slice(0, 8).map((path) => path.replace(`${ROOT}/`, ''));
  throw new ZhishouError('BAD_ANSWER', device, `it has several systems: ${names.join(', ')}; name one as system:`);
}

async function pagesOf(get: RedfishGet, path: string, expands: boolean): Promise<RedfishPage[]> {
  const chassis = asObject(await get(path));
  const page = (kind: RedfishKind, value: unknown): RedfishPage[] => {
    const link = linkIn(value);
    return link === null ? [] : [{ kind, path: link }];
  };
  const older = [...page('thermal', chassis.Thermal), ...page('power', chassis.Power)];
  const environment = page('environment', chassis.EnvironmentMetrics);
  // Where the older resources are, they tell the same and their names.
  if (older.length === 2) return older;
  const sensors = page('sensors', chassis.Sensors);
  const expanded = sensors.map((one): RedfishPage => ({ ...one, path: `${one.path}?$expand=.($levels=1)` }));
  const thermal = older.some(({ kind }) => kind === 'thermal')
    ? []
    : expands && expanded.length > 0
      ? expanded
      : page('metrics', asObject(await getLink(get, chassis.ThermalSubsystem)).ThermalMetrics);
  const supplies = older.some(({ kind }) => kind === 'power') ? [] : await suppliesOf(get, chassis.PowerSubsystem);
  return [...older, ...thermal, ...environment, ...supplies];
}

async function suppliesOf(get: RedfishGet, link: unknown): Promise<RedfishPage[]> {
  const subsystem = asObject(await getLink(get, link));
  const members = membersOf(await getLink(get, subsystem.PowerSupplies));
  return members.slice(0, MOST_SUPPLIES).map((path) => ({ kind: 'supply', path }));
}

const getLink = async (get: RedfishGet, link: unknown): Promise<unknown> => {
  const path = linkIn(link);
  return path === null ? null : await get(path);
};
