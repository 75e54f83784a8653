import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { resolveProfile } from '#core/config/resolve-profile.ts';
import { instant, minutes } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { loadConfig } from '#platform/config/load-config.ts';
import { createProfileLibrary } from '#platform/config/profile-library.ts';
import { makeSite, removeSites, type SiteCopy } from './fixture.ts';

afterEach(removeSites);

const NOW = instant(Date.UTC(2026, 10, 21));
const SAMPLE = join(import.meta.dirname, '../../../config');
const secretsFrom = ({ file }: { readonly file?: string }) =>
  file?.includes('host-key') ? `SHA256:${'A'.repeat(43)}` : 'made up';
const load = (copy: SiteCopy, profiles: 'all' | 'named') => loadConfig(copy.directory, { now: NOW, profiles });
/** Each of its devices says what it is. */
const namedSite = (): SiteCopy =>
  makeSite().edit(
    'devices.yaml',
    '    mqtt: { topic: sensors/th-1 }',
    '    profile: some-ups\n    mqtt: { topic: sensors/th-1 }',
  );
const ids = (copy: SiteCopy): string[] => (load(copy, 'named').config?.profiles ?? []).map(({ id }) => id).sort();

describe('the profiles that a start reads', () => {
  it('are those that the sample devices name with all they build on, each the same as when every one is read', () => {
    const all = loadConfig(SAMPLE, { secretsFrom }).config!;
    const named = loadConfig(SAMPLE, { secretsFrom, profiles: 'named' });
    expect(named.problems).toEqual([]);
    const { devices, profiles } = named.config!;
    expect(profiles.length).toBeLessThan(all.profiles.length / 4);
    for (const { profile } of devices)
      if (profile !== undefined)
        expect(resolveProfile(profile, profiles)).toEqual(resolveProfile(profile, all.profiles));
  });

  it('are all of them where a device must be recognised', () => {
    const copy = namedSite();
    const everyone = load(copy, 'all').config!.profiles.length;
    expect(ids(copy).length).toBeLessThan(everyone);
    copy.edit('devices.yaml', /^ *profile: some-ups\n/m, '');
    expect(ids(copy)).toHaveLength(everyone);
  });

  it('are all of them where a file has another name than its profile, and none is told twice', () => {
    const copy = namedSite();
    const everyone = load(copy, 'all').config!.profiles.length;
    copy
      .edit('profiles/some-pdu.yaml', 'id: some-pdu', 'id: my-pdu')
      .edit('devices.yaml', 'profile: some-pdu', 'profile: my-pdu');
    expect(ids(copy)).toHaveLength(everyone);
  });

  it.each(['all', 'named'] as const)('tell once of a device whose profile is not there (%s)', (profiles) => {
    const copy = namedSite().edit('devices.yaml', 'profile: some-ups', 'profile: some-upz');
    const { problems } = load(copy, profiles);
    expect(problems.map(({ message }) => message)).toEqual([expect.stringMatching(/some-upz/)]);
  });

  it('are not judged where no device names them: a start goes on, and check tells the mistake', () => {
    const copy = namedSite().write('profiles/stranger.yaml', 'id: stranger\nnonsense: true\n');
    expect(load(copy, 'named').problems).toEqual([]);
    expect(load(copy, 'all').problems).not.toEqual([]);
  });
});

describe('the library of every profile', () => {
  it('has all that can be read, in one reading for all who ask, and lets them go after a while', async () => {
    const copy = makeSite().write('profiles/stranger.yaml', 'id: stranger\nnonsense: true\n');
    const clock = createVirtualClock(NOW);
    const library = createProfileLibrary(copy.directory, clock);
    const [one, other] = await Promise.all([library(), library()]);
    expect(one).toBe(other);
    const read = (list: typeof one) => list.map(({ id }) => id).sort();
    expect(read(one)).toEqual(
      makeSite()
        .load()
        .config!.profiles.map(({ id }) => id)
        .sort(),
    );
    clock.advanceBy(minutes(11));
    const later = await library();
    expect(later).not.toBe(one);
    expect(read(later)).toEqual(read(one));
  });
});
