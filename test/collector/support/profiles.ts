import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Profile, profileSchema } from '#core/config/profile.ts';
import { resolveProfile } from '#core/config/resolve-profile.ts';

const FOLDER = join(import.meta.dirname, '../../../config/profiles');

/** The sample profiles, straight from their files. */
export const sampleProfiles = (): Profile[] =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => profileSchema.parse(parse(readFileSync(join(FOLDER, name), 'utf8'), { merge: true })));

export function sampleProfile(id: string): Profile {
  const profile = resolveProfile(id, sampleProfiles());
  if (profile === null) throw new Error(`no profile ${id}`);
  return profile;
}
