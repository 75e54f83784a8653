import type { Device } from '../config/device.ts';
import type { Rule } from '../config/rule.ts';
import { conditionsOf } from '../config/rule-for.ts';
import { selects } from '../config/selector.ts';
import { readsElsewhere, readsOwn } from './bind-rule.ts';

/**
 * Which rules read a point of a device, and for which device each is judged. Made in one pass over the rules; what a reading
 * costs depends on the rules that read its point of its device and on no others.
 */
export interface RuleIndex {
  /** In the order of the rules. */
  reading(device: string, point: string): readonly Concern[];
  /** Every device that a rule is judged for. */
  concerned(rule: Rule): readonly string[];
  concerns(rule: Rule, device: string): boolean;
}

export interface Concern {
  readonly rule: Rule;
  /** The device that the rule is judged for. */
  readonly device: string;
}

interface OfPoint {
  readonly byDevice: Map<string, Ranked[]>;
  readonly byKind: Map<string, Ranked[]>;
  /** By room and tags. */
  readonly byClass: Ranked[];
  /** Read of a device by rules that are judged for another one. */
  readonly elsewhere: Map<string, RankedConcern[]>;
}

interface Ranked {
  readonly rank: number;
  readonly rule: Rule;
}
interface RankedConcern extends Ranked {
  readonly device: string;
}

const NONE: readonly Concern[] = [];

/** `rules` with their classes bound. */
export function indexRules(rules: readonly Rule[], devices: readonly Device[]): RuleIndex {
  const byId = new Map(devices.map((device) => [device.id, device]));
  const byKind = new Map<string, Device[]>();
  for (const device of devices) listIn(byKind, device.kind).push(device);
  const points = new Map<string, OfPoint>();

  const ofPoint = (point: string): OfPoint => {
    const known = points.get(point);
    if (known !== undefined) return known;
    const made: OfPoint = { byDevice: new Map(), byKind: new Map(), byClass: [], elsewhere: new Map() };
    points.set(point, made);
    return made;
  };

  /** A device that the configuration does not have is concerned where it is named: its readings never come. */
  function concerned({ on }: Rule): readonly string[] {
    const named = on.devices ?? [];
    const wide = on.kinds === undefined ? devices : on.kinds.flatMap((kind) => byKind.get(kind) ?? []);
    const found = new Set(named);
    if ((on.kinds ?? on.room ?? on.tags) !== undefined)
      for (const device of wide) if (selects(on, device)) found.add(device.id);
    return [...found];
  }

  for (const [rank, rule] of rules.entries()) {
    const { on } = rule;
    const conditions = conditionsOf(rule);
    for (const point of new Set(conditions.flatMap(readsOwn))) {
      const entry = ofPoint(point);
      for (const device of on.devices ?? []) listIn(entry.byDevice, device).push({ rank, rule });
      const plain = on.room === undefined && on.tags === undefined && on.except === undefined;
      if (on.kinds !== undefined && plain) for (const kind of on.kinds) listIn(entry.byKind, kind).push({ rank, rule });
      else if ((on.kinds ?? on.room ?? on.tags) !== undefined) entry.byClass.push({ rank, rule });
    }
    const others = conditions.flatMap(readsElsewhere);
    if (others.length === 0) continue;
    for (const device of concerned(rule))
      for (const other of others) listIn(ofPoint(other.point).elsewhere, other.device).push({ rank, rule, device });
  }

  return {
    concerned,
    concerns({ on }, device) {
      const own = byId.get(device);
      return own === undefined ? on.devices?.includes(device) === true : selects(on, own);
    },
    reading(device, point) {
      const entry = points.get(point);
      if (entry === undefined) return NONE;
      const own = byId.get(device);
      const found: RankedConcern[] = [
        ...(entry.byDevice.get(device) ?? []),
        ...(own === undefined ? [] : (entry.byKind.get(own.kind) ?? [])),
        ...(own === undefined ? [] : entry.byClass.filter(({ rule }) => selects(rule.on, own))),
      ].map((one) => ({ ...one, device }));
      found.push(...(entry.elsewhere.get(device) ?? []));
      return found.sort((a, b) => a.rank - b.rank);
    },
  };
}

function listIn<K, V>(lists: Map<K, V[]>, key: K): V[] {
  const known = lists.get(key);
  if (known !== undefined) return known;
  const made: V[] = [];
  lists.set(key, made);
  return made;
}
