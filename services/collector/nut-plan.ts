import type { Profile } from '#core/config/profile.ts';
import { definePoint, UPS_STATUS_TOKENS } from '#core/points.ts';
import { type Decoded, type Decoder, decoderOf, type Raw } from './decode.ts';
import type { PointValue } from './snmp-plan.ts';

/**
 * From a NUT server's variables (name → text) to points. Pure; never throws, whatever the server says.
 *
 * A variable that the profile names is decoded as it says; any other is a point when it has a point's name and is a number. Example:
 * `battery.charge: 100`, `ups.status: ALARM OL RB` and `ups.alarm: Replace battery!` give `battery.charge` 100,
 * `ups.status` `OL RB ALARM` and `device.alarms` `replace-battery`.
 */
export interface NutPlan {
  read(variables: ReadonlyMap<string, string>): readonly NutValue[];
}

export interface NutValue extends PointValue {
  /** What people have named it on the device. */
  readonly label?: string;
}

interface Entry {
  /** Null: the name has an index. */
  readonly exact: string | null;
  readonly pattern: RegExp;
  readonly point: string;
  readonly label: string | null;
  readonly decode: Decoder;
  readonly isNumber: boolean;
}

/** The words of the state; and the alarms, which have no words of their own in NUT. */
const STATUS = 'ups.status';
const ALARM = 'ups.alarm';
const ALARMS = 'device.alarms';

/** A PDU of 48 outlets has some 1,200 variables. */
const MOST_VALUES = 3000;

export function compileNut(profile: Profile): NutPlan {
  const entries = profile.nut.points.map((spec): Entry => {
    const indexed = spec.variable.includes('{index}');
    return {
      exact: indexed ? null : spec.variable,
      pattern: new RegExp(`^${spec.variable.replaceAll('.', '\\.').replace('{index}', '([A-Za-z0-9_-]{1,40})')}$`),
      point: spec.point,
      label: spec.label ?? null,
      decode: decoderOf(spec),
      isNumber: definePoint(spec.point.replaceAll('{index}', '1'))?.kind === 'number',
    };
  });
  const named = new Map<string, Entry[]>();
  for (const entry of entries)
    if (entry.exact !== null) named.set(entry.exact, [...(named.get(entry.exact) ?? []), entry]);
  const indexed = entries.filter((entry) => entry.exact === null);
  const { ignore } = profile.nut;
  return {
    read: (variables) => {
      const values = new Map<string, NutValue>();
      const take = (value: NutValue): void => {
        const known = values.get(value.point);
        // The first source wins; a later one only when it is good and the first is not.
        const better = known === undefined || (known.decoded.quality !== 'good' && value.decoded.quality === 'good');
        if (better && (known !== undefined || values.size < MOST_VALUES)) values.set(value.point, value);
      };
      for (const [variable, text] of variables) {
        if (variable === STATUS || variable === ALARM || ignore.some((prefix) => variable.startsWith(prefix))) continue;
        const own = named.get(variable) ?? [];
        for (const entry of own) take(decoded(entry, entry.point, null, variable, text));
        const found = own.length > 0 || takeIndexed(indexed, variable, text, variables, take);
        const plain = found ? null : plainValue(variable, text);
        if (plain !== null) take(plain);
      }
      for (const value of stateOf(variables)) take(value);
      return inProfileOrder(values, entries);
    },
  };
}

function takeIndexed(
  entries: readonly Entry[],
  variable: string,
  text: string,
  variables: ReadonlyMap<string, string>,
  take: (value: NutValue) => void,
): boolean {
  let found = false;
  for (const entry of entries) {
    const index = entry.pattern.exec(variable)?.[1];
    if (index === undefined) continue;
    const point = entry.point.replaceAll('{index}', index);
    if (definePoint(point) === null) continue;
    found = true;
    const label = entry.label === null ? undefined : variables.get(entry.label.replaceAll('{index}', index));
    take(decoded(entry, point, label === undefined || label === '' ? null : label, variable, text));
  }
  return found;
}

function decoded(entry: Entry, point: string, label: string | null, variable: string, text: string): NutValue {
  const raw = entry.isNumber ? numberOr(text) : text;
  const value = { point, decoded: entry.decode(raw), oid: variable, raw };
  return label === null ? value : { ...value, label: label.slice(0, MOST_LABEL) };
}

const MOST_LABEL = 100;

/** `042.7` and `024` are numbers here, so that `0.00` is the `0` that a profile calls none. */
const numberOr = (text: string): Raw => {
  const trimmed = text.trim();
  return /^[-+]?\d{1,15}(\.\d{1,12})?$/.test(trimmed) ? Number(trimmed) : text;
};

/** A variable that no profile names: a number under its own name. */
function plainValue(variable: string, text: string): NutValue | null {
  if (definePoint(variable)?.kind !== 'number') return null;
  const raw = numberOr(text);
  if (typeof raw !== 'number') return null;
  return {
    point: variable,
    decoded: decoderOf({ point: variable, inverted: false, sentinels: {} })(raw),
    oid: variable,
    raw,
  };
}

/** `ups.status` and the alarms, which belong together: NUT says ALARM in the one while the other has a text. */
function stateOf(variables: ReadonlyMap<string, string>): NutValue[] {
  const status = variables.get(STATUS);
  const alarm = variables.get(ALARM)?.trim() ?? '';
  if (status === undefined) return alarm === '' ? [] : [alarmsValue(alarmNames(alarm), alarm)];
  const state: NutValue = {
    point: STATUS,
    decoded: readStatus(status),
    oid: STATUS,
    raw: status.slice(0, MOST_STATUS),
  };
  const names = alarm === '' && wordsOf(status).includes('ALARM') ? ['not-named'] : alarmNames(alarm);
  // While the driver says nothing at all, it says nothing of alarms either.
  return state.decoded.quality === 'good' || names.length > 0 ? [state, alarmsValue(names, alarm)] : [state];
}

const alarmsValue = (names: readonly string[], alarm: string): NutValue => ({
  point: ALARMS,
  decoded: { value: names.length === 0 ? 'none' : names.join(' '), quality: 'good' },
  oid: ALARM,
  raw: alarm.slice(0, MOST_STATUS),
});

const MOST_STATUS = 200;
const KNOWN: ReadonlySet<string> = new Set(UPS_STATUS_TOKENS);

const wordsOf = (status: string): string[] => status.slice(0, MOST_STATUS).trim().toUpperCase().split(/\s+/);

/**
 * NUT's words of the state in the registry's order. Words that we do not know are left out: newer drivers have more, and an OB
 * beside them stays an OB. Without any that is known nothing is.
 */
export function readStatus(status: string): Decoded {
  const said = wordsOf(status);
  const missing = (reason: string): Decoded => ({ value: null, quality: 'missing', reason });
  if (said.length === 1 && said[0] === '') return missing("the UPS's driver tells no state");
  if (said.includes('WAIT')) return missing("WAIT: the UPS's driver has not read it yet");
  const tokens = said.filter((word) => KNOWN.has(word));
  const shown = JSON.stringify(status.slice(0, 40));
  if (tokens.length === 0) return { value: null, quality: 'implausible', reason: `${shown} has no word of ups.status` };
  if (tokens.includes('OL') && tokens.includes('OB'))
    return { value: null, quality: 'implausible', reason: `${shown}: on line and on battery at once` };
  return { value: UPS_STATUS_TOKENS.filter((token) => tokens.includes(token)).join(' '), quality: 'good' };
}

const MOST_ALARMS = 20;
const MOST_ALARM_NAME = 40;

/** `[Replace battery!] [Shutdown imminent!]`, `Replace battery! Overload!` or one text: names without blanks, by the alphabet. */
export function alarmNames(alarm: string): string[] {
  const text = alarm.slice(0, 2000);
  const bracketed = [...text.matchAll(/\[([^\]]*)\]/g)].map((match) => match[1] ?? '');
  const parts = bracketed.length > 0 ? bracketed : text.split(/[!;,\n]+/);
  const names = parts.map((part) =>
    part
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, MOST_ALARM_NAME),
  );
  return [...new Set(names.filter((name) => name !== ''))].sort().slice(0, MOST_ALARMS);
}

/** The same order at each poll, whatever the order of the server's list: state first, then as the profile has it, then by name. */
function inProfileOrder(values: ReadonlyMap<string, NutValue>, entries: readonly Entry[]): NutValue[] {
  const ranks = new Map<string, number>([
    [STATUS, -2],
    [ALARMS, -1],
  ]);
  for (const [rank, { point }] of entries.entries()) if (!ranks.has(point)) ranks.set(point, rank);
  const rankOf = ({ point }: NutValue): number => ranks.get(point) ?? entries.length;
  return [...values.values()].sort((a, b) => rankOf(a) - rankOf(b) || (a.point < b.point ? -1 : 1));
}
