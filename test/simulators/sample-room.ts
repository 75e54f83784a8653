import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Config } from '#core/config/config.ts';
import { devicesFileSchema } from '#core/config/device.ts';
import { siteSchema } from '#core/config/site.ts';
import type { Log } from '#core/ports.ts';
import { seededRandom } from '#core/random.ts';
import { Secret } from '#core/secret.ts';
import { instant } from '#core/time.ts';
import { createVirtualClock, type VirtualClock } from '#platform/clock/virtual-clock.ts';
import { createRoom, type Room, type RoomOptions } from '#simulators/room.ts';
import { type SimulationSpec, simulationSchema } from '#simulators/world/spec.ts';

/** The sample site's room for tests, read straight from config/ without the loader, so that these tests need nothing else. */

const CONFIG = join(import.meta.dirname, '../../config');
export const START = instant(Date.parse('2026-11-23T01:00:00Z'));

const HOST_KEY = `SHA256:${'A'.repeat(43)}`;

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silentLog };

/** `${NAME:-default}` from the given variables; `{file: …}` and `{env: …}` become secrets. */
export function sampleConfig(
  variables: Readonly<Record<string, string>> = {},
  readSecret: (file: string) => string = (file) => (file.endsWith('.fingerprint') ? HOST_KEY : 'sample'),
): Pick<Config, 'site' | 'devices'> {
  const fill = (text: string): string =>
    text.replaceAll(/\$\{(\w+)(?::-([^}]*))?\}/g, (_, name: string, fallback = '') => variables[name] ?? fallback);
  const secrets = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(secrets);
    if (typeof value !== 'object' || value === null) return value;
    if ('file' in value && typeof value.file === 'string') return new Secret(readSecret(value.file).trim());
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, secrets(inner)]));
  };
  const load = (file: string): unknown => secrets(parse(fill(readFileSync(join(CONFIG, file), 'utf8'))));
  return {
    site: siteSchema.parse(load('site.yaml')),
    devices: devicesFileSchema.parse(load('devices.yaml')).devices,
  };
}

const SPEC = simulationSchema.parse(parse(readFileSync(join(CONFIG, 'simulation.yaml'), 'utf8')));
/** A copy, so that a test may change it. */
export const sampleSpec = (): SimulationSpec => structuredClone(SPEC);

const defaultConfig: { known: Pick<Config, 'site' | 'devices'> | null } = { known: null };
function sampleConfigOnce(): Pick<Config, 'site' | 'devices'> {
  defaultConfig.known ??= sampleConfig();
  return defaultConfig.known;
}

/** The sample room on a virtual clock. */
export function sampleRoom(options: Partial<RoomOptions> & { seed?: number | string; clock?: VirtualClock } = {}): {
  room: Room;
  clock: VirtualClock;
} {
  const { seed = 1, ...rest } = options;
  const clock = options.clock ?? createVirtualClock(START);
  const room = createRoom({
    config: sampleConfigOnce(),
    simulation: sampleSpec(),
    random: seededRandom(seed),
    log: silentLog,
    ...rest,
    clock,
  });
  return { room, clock };
}
