import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Profile, profileSchema } from '#core/config/profile.ts';

const FOLDER = join(import.meta.dirname, '../../../config/profiles');

/** The sample profiles that speak MQTT: a small part of all, so that nobody waits for the others. */
export const mqttProfiles = (): Profile[] =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => readFileSync(join(FOLDER, name), 'utf8'))
    .filter((text) => /^mqtt:/m.test(text))
    .map((text) => profileSchema.parse(parse(text, { merge: true })));
