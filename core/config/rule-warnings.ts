import type { Text } from '../text.ts';
import { type Condition, partsOf } from './condition.ts';
import type { Config } from './config.ts';
import type { Device } from './device.ts';
import { resolveProfile } from './resolve-profile.ts';
import { conditionsOf } from './rule-for.ts';

/** What may be meant so and is worth a look all the same: `check` shows it and goes on. */
export interface RuleWarning {
  readonly rule: string;
  readonly message: Text;
}

type Slice = Pick<Config, 'devices' | 'rules' | 'profiles'>;

/**
 * Points that a device does not have by its profile, of rules that name the device: it can never fire there. A rule for a kind is
 * for what there may be one day as well.
 */
export function ruleWarnings({ devices, rules, profiles }: Slice): readonly RuleWarning[] {
  const known = new Map<string, readonly RegExp[] | null>();
  const namesOf = (device: Device): readonly RegExp[] | null => {
    const profile =
      device.profile === undefined || device.nut !== undefined ? null : resolveProfile(device.profile, profiles);
    if (profile === null) return null;
    const made = known.get(profile.id) ?? pointsIn(profile).map(asPattern);
    known.set(profile.id, made);
    return made;
  };
  const has = (device: Device, point: string): boolean => {
    const names = namesOf(device);
    // What is recognised at the start, or names its points itself, may have anything.
    return (
      names === null || EVERYWHERE.test(point) || names.some((name) => name.test(point)) || isDerived(point, names)
    );
  };
  const warnings: RuleWarning[] = [];
  for (const rule of rules) {
    for (const device of devices.filter(({ id }) => rule.on.devices?.includes(id) === true)) {
      const missing = [...new Set(conditionsOf(rule).flatMap(ownPoints))].filter((point) => !has(device, point));
      if (missing.length === 0) continue;
      const list = missing.join(', ');
      warnings.push({
        rule: rule.id,
        message: { zh: `${device.id} 的配置文件里没有 ${list}`, en: `${device.id} has no ${list} by its profile` },
      });
    }
  }
  return warnings;
}

/** The points of the device that the rule is judged for. */
function ownPoints(condition: Condition): readonly string[] {
  if ('count' in condition) return [];
  if (!('point' in condition)) return partsOf(condition).flatMap(ownPoints);
  return condition.device === undefined && condition.of === undefined ? [condition.point] : [];
}

/** Told by the collector itself, or by nobody at all. */
const EVERYWHERE = /^(calendar\..*|register\..*|device\.responding|host\.reachable|service\..*)$/;

/** Out of others, in `services/collector/derived/`. */
function isDerived(point: string, names: readonly RegExp[]): boolean {
  const all = (...inputs: string[]): boolean => inputs.every((input) => names.some((name) => name.test(input)));
  if (/^ambient\.(.*\.)?(dewpoint|absolutehumidity)$/.test(point)) {
    const place = point.replace(/\.[a-z]+$/, '');
    return all(`${place}.temperature`, `${place}.humidity`);
  }
  if (point === 'cooling.temperature.difference')
    return all('cooling.supply.temperature', 'cooling.return.temperature');
  if (point === 'output.powerfactor') return all('ups.realpower', 'ups.power');
  const side = /^(input|output)\.current\.unbalance$/.exec(point)?.[1];
  return side !== undefined && all(`${side}.L1.current`, `${side}.L2.current`, `${side}.L3.current`);
}

/** Every name under the key `point`, wherever a section of a profile has it. */
function pointsIn(part: unknown, key = ''): string[] {
  if (typeof part === 'string') return key === 'point' ? [part] : [];
  if (typeof part !== 'object' || part === null) return [];
  if (Array.isArray(part)) return part.flatMap((one) => pointsIn(one, key));
  return Object.entries(part).flatMap(([name, one]) => pointsIn(one, name));
}

const asPattern = (name: string): RegExp =>
  new RegExp(`^${name.replaceAll('.', '\\.').replaceAll('{index}', '[A-Za-z0-9_.-]+')}$`);
