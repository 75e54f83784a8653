import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { profileSchema } from '#core/config/profile.ts';
import { profileProblems, resolveProfile } from '#core/config/resolve-profile.ts';

const FOLDER = join(import.meta.dirname, '../../config/profiles');
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));

describe('the sample profiles', () => {
  it.each(files)('%s satisfies the schema and is named after its id', (name) => {
    const profile = profileSchema.parse(parse(readFileSync(join(FOLDER, name), 'utf8'), { merge: true }));
    expect(`${profile.id}.yaml`).toBe(name);
  });

  it('build on one another without gaps or circles', () => {
    const profiles = files.map((name) =>
      profileSchema.parse(parse(readFileSync(join(FOLDER, name), 'utf8'), { merge: true })),
    );
    expect(profileProblems(profiles)).toEqual([]);
    const climate = resolveProfile('zigbee2mqtt-climate', profiles);
    expect(climate?.mqtt.points.map((entry) => entry.point)).toContain('sensor.battery');
    expect(climate?.mqtt.availability?.topic).toBe('{topic}/availability');
  });
});
