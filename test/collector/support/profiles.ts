import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Profile, profileSchema } from '#core/config/profile.ts';
import { resolveProfile } from '#core/config/resolve-profile.ts';

const FOLDER = join(import.meta.dirname, '../../../config/profiles');

let read: readonly Profile[] | null = null;

/** The sample profiles, straight from their files; read once a test file, it takes a second or two. */
export function sampleProfiles(): Profile[] {
  read ??= readdirSync(FOLDER)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => profileSchema.parse(parse(readFileSync(join(FOLDER, name), 'utf8'), { merge: true })));
  return [...read];
}

/** One that builds on no other, without reading all the rest. */
export const profileOfFile = (id: string): Profile =>
  profileSchema.parse(parse(readFileSync(join(FOLDER, `${id}.yaml`), 'utf8'), { merge: true }));

export function sampleProfile(id: string): Profile {
  const profile = resolveProfile(id, sampleProfiles());
  if (profile === null) throw new Error(`no profile ${id}`);
  return profile;
}
