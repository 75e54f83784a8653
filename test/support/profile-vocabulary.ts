import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Profile, profileSchema } from '#core/config/profile.ts';
import { resolveProfile } from '#core/config/resolve-profile.ts';
import { definePoint } from '#core/points.ts';

/** What the sample profiles can say: every point's name, and every word that a point's value can be. */
const FOLDER = join(import.meta.dirname, '../../config/profiles');

const profiles: readonly Profile[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => profileSchema.parse(parse(readFileSync(join(FOLDER, name), 'utf8'), { merge: true })));

/** The names of each profile with all that it takes over; rows of tables with the index 1. */
export const namesByProfile: ReadonlyMap<string, readonly string[]> = new Map(
  profiles.map(({ id }) => [id, namesOf(resolveProfile(id, profiles))]),
);
export const profileNames: readonly string[] = [...new Set([...namesByProfile.values()].flat())].sort();

function numbered(name: string, which: readonly string[] = ['1']): string[] {
  return which.map((index) => name.replaceAll('{index}', index));
}

function namesOf(profile: Profile | null): readonly string[] {
  if (profile === null) return [];
  const { snmp, mqtt, ydt, traps } = profile;
  return [
    ...new Set([
      ...snmp.points.flatMap(({ point, each, combine }) => [
        ...numbered(point, each),
        ...(combine === undefined ? [] : [combine.point]),
      ]),
      ...snmp.sets.flatMap(({ point }) => numbered(point)),
      ...mqtt.points.map(({ point }) => point),
      ...ydt.commands.flatMap(({ fields }) =>
        fields.flatMap(({ points }) =>
          points.flatMap(({ point, combine }) => [
            ...numbered(point),
            ...(combine === undefined ? [] : [combine.point]),
          ]),
        ),
      ),
      ...[...ydt.shares, ...ydt.sets].map(({ point }) => point),
      ...(ydt.commands.length === 0 ? [] : ['device.alarms']),
      ...traps.flatMap(({ points }) => points.map(({ point }) => point)),
    ]),
  ];
}

/** Each word with a point that can say it; a set's value is several words, `no test yet` is one. */
export const profileWords: readonly (readonly [word: string, point: string])[] = words();

function words(): [string, string][] {
  const found = new Map<string, [string, string]>();
  const add = (point: string, word: unknown): void => {
    if (typeof word !== 'string' || word.startsWith('~')) return;
    for (const name of numbered(point)) {
      const kind = definePoint(name)?.kind;
      if (kind === 'word' || kind === 'set') found.set(`${name} ${word}`, [word, name]);
    }
  };
  for (const { snmp, mqtt, ydt, traps } of profiles) {
    for (const entry of [...snmp.points, ...mqtt.points, ...traps.flatMap(({ points }) => points)])
      for (const word of Object.values(entry.map ?? {})) add(entry.point, word);
    for (const { point, from, rules } of snmp.sets) {
      for (const source of from) {
        const tokens =
          'tokens' in source
            ? source.tokens
            : [source.map, source.bits, source.flags].flatMap((table) => Object.values(table ?? {}).flat());
        for (const token of tokens) add(point, token);
      }
      for (const { add: more } of rules) for (const token of more) add(point, token);
    }
    for (const { fields } of ydt.commands) {
      for (const { points, alarm, limits } of fields) {
        for (const entry of points) for (const word of Object.values(entry.map ?? {})) add(entry.point, word);
        if (alarm === undefined) continue;
        for (const behind of limits ? ['-low', '-high', '-bad'] : ['']) add('device.alarms', `${alarm}${behind}`);
      }
    }
    for (const { point, from, rules } of ydt.sets) {
      for (const source of from) {
        const tokens = 'tokens' in source ? source.tokens : Object.values(source.map).flat();
        for (const token of tokens) add(point, token);
      }
      for (const { add: more } of rules) for (const token of more) add(point, token);
    }
  }
  return [...found.values()].sort(([a], [b]) => (a < b ? -1 : 1));
}
