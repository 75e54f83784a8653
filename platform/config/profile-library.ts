import { join } from 'node:path';
import type { Profile } from '#core/config/profile.ts';
import type { Cancel, Clock } from '#core/ports.ts';
import { type Duration, minutes } from '#core/time.ts';
import { yamlFiles } from '../environment.ts';
import { answerOnThread, workOnThreads } from '../worker-pool.ts';
import { loadYaml } from './load-yaml.ts';

/**
 * Every profile of a folder, for whoever must recognise a device. Reading them takes seconds of CPU, so it is done in a thread of
 * its own, and what was read is let go when nobody has asked for a while.
 */
export type ProfileLibrary = () => Promise<readonly Profile[]>;

const KEPT_FOR: Duration = minutes(10);

export function createProfileLibrary(directory: string, clock: Clock): ProfileLibrary {
  let kept: Promise<readonly Profile[]> | null = null;
  let forget: Cancel = () => {};
  return () => {
    forget();
    forget = clock.after(KEPT_FOR, () => {
      kept = null;
    });
    const reading = kept ?? readOnThread(join(directory, 'profiles'));
    kept = reading;
    // What failed is tried again by the next who asks.
    reading.catch(() => {
      kept = null;
    });
    return reading;
  };
}

async function readOnThread(folder: string): Promise<readonly Profile[]> {
  const all: Profile[] = [];
  const files = yamlFiles(folder).map((name) => join(folder, name));
  await workOnThreads<string, Profile | null>(new URL(import.meta.url), files, 1, (profile) => {
    if (profile !== null) all.push(profile);
  });
  return all;
}

answerOnThread(async (file: string): Promise<Profile | null> => {
  const { profileSchema } = await import('#core/config/profile.ts');
  return loadYaml(file, profileSchema).value;
});
