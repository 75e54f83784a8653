import { describe, expect, it } from 'vitest';
import type { Config, ConfigProblem } from '#core/config/config.ts';
import { instant } from '#core/time.ts';
import { crossChecks } from '#platform/config/checks/cross-checks.ts';
import type { Collection, Located, Parts } from '#platform/config/parts.ts';
import type { YamlSource } from '#platform/config/yaml-source.ts';
import { buildCase } from '#simulators/swarm/build-case.ts';
import { drawBlueprint, generateCase } from '#simulators/swarm/generate.ts';
import { sample } from './small-site.ts';

const SEEDS = Array.from({ length: 300 }, (_, seed) => seed);

/** The configuration as the checks across files see it. Where a mistake would stand is its path. */
function partsOf(config: Config): Parts {
  const source = {
    problem: (path: readonly PropertyKey[], message: string, mend: string): ConfigProblem => ({
      file: path.map(String).join('/'),
      line: 1,
      column: 1,
      message,
      mend,
    }),
  } as unknown as YamlSource;
  const one = <T>(value: T): Located<T> => ({ value, source, path: [] });
  const all = <T extends { id: string }>(items: readonly T[]): Collection<T> => ({
    items: items.map((value) => ({ value, source, path: [value.id] })),
    ids: new Set(items.map(({ id }) => id)),
    duplicates: [],
  });
  return {
    site: one(config.site),
    devices: all(config.devices),
    people: all(config.people.people),
    peopleFile: one(config.people),
    rota: one(config.rota),
    calendar: one(config.calendar),
    rules: all(config.rules),
    plans: all(config.plans),
    profiles: all(config.profiles),
    registers: all(config.registers),
    duties: all(config.duties ?? []),
  };
}

describe('the swarm’s generator', () => {
  it('I8: draws the same case for the same seed, and another for another', () => {
    for (const seed of [0, 1, 77, 12345]) {
      expect(generateCase(seed, sample)).toEqual(generateCase(seed, sample));
      expect(drawBlueprint(seed, sample)).not.toEqual(drawBlueprint(seed + 1, sample));
    }
  });

  it('makes configurations that the product’s own check accepts', () => {
    for (const seed of SEEDS.slice(0, 40)) {
      const { config, startsAt } = generateCase(seed, sample);
      const problems = crossChecks(partsOf(config), instant(startsAt)).map((one) => `${one.file}: ${one.message}`);
      expect({ seed, problems }).toEqual({ seed, problems: [] });
    }
  });

  it('freezes what it makes', () => {
    const { config, simulation } = generateCase(3, sample);
    for (const part of [config, config.devices, config.devices[0], config.plans[0]?.power, simulation.ups])
      expect(Object.isFrozen(part)).toBe(true);
  });

  it('spans the issue’s ranges: 1 to 40 devices, 1 to 3 UPSes, every mode, kills at effects and journal writes, redundant feeds', () => {
    const drafts = SEEDS.map((seed) => drawBlueprint(seed, sample));
    const sizes = drafts.map((draft) => draft.machines.length);
    expect(Math.min(...sizes)).toBeLessThanOrEqual(2);
    expect(Math.max(...sizes)).toBeGreaterThanOrEqual(30);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(40);
    expect(new Set(drafts.map((draft) => draft.upses.length))).toEqual(new Set([1, 2, 3]));
    expect(new Set(drafts.map((draft) => draft.mode))).toEqual(new Set(['armed', 'unarmed', 'drill', 'rehearsal']));
    const kills = new Set(drafts.flatMap((draft) => draft.kills.map(({ at, part }) => `${part} ${at}`)));
    expect(kills).toEqual(new Set(['alerts effect', 'alerts journal', 'collector effect', 'collector journal']));
    const machines = drafts.flatMap((draft) => draft.machines);
    expect(machines.some((one) => one.feeds.length === 2 && one.minFeeds === 1)).toBe(true);
    expect(machines.some((one) => one.feeds.length === 2 && one.minFeeds === 2)).toBe(true);
    const factors = drafts.flatMap((draft) => draft.upses.map((ups) => ups.firmwareFactor));
    expect(Math.min(...factors)).toBeLessThan(0.4);
    expect(Math.max(...factors)).toBeGreaterThan(2.5);
  });

  it('orders every machine after what it depends on, so that no cycle can be drawn', () => {
    for (const seed of SEEDS) {
      const known = new Set<string>();
      for (const machine of drawBlueprint(seed, sample).machines) {
        expect(machine.dependsOn.every((id) => known.has(id))).toBe(true);
        known.add(machine.id);
      }
    }
  });

  it('L1 L4 L7: draws sites fed twice that lose one feed, flags that come too early, and network cards that fall silent', () => {
    const drafts = SEEDS.map((seed) => drawBlueprint(seed, sample));
    const ofHosts = (draft: (typeof drafts)[number]) =>
      draft.machines.filter((one) => one.kind === 'server' || one.kind === 'storage');
    const lost = (draft: (typeof drafts)[number]) =>
      new Set(draft.scenario.flatMap(({ do: one }) => (one.kind === 'ups-input' ? [one.device] : [])));
    const redundant = drafts.filter(
      (draft) =>
        draft.upses.length > 1 && ofHosts(draft).every((host) => host.feeds.length > 1) && lost(draft).size === 1,
    );
    expect(redundant.length).toBeGreaterThan(SEEDS.length / 50);
    const early = drafts.filter((draft) =>
      draft.upses.some((ups) => ups.lowBatteryMinutes > 6 && ups.lowBatteryMinutes * 60 > 0.25 * ups.runtimeS),
    );
    expect(early.length).toBeGreaterThan(SEEDS.length / 20);
    const silent = drafts.filter((draft) =>
      draft.scenario.some(
        ({ do: one }) => one.kind === 'network' && one.down === true && one.device?.startsWith('ups-'),
      ),
    );
    expect(silent.length).toBeGreaterThan(SEEDS.length / 20);
  });

  it('reaches every fault of EMERGENCY.md', () => {
    const reached = new Set(
      Array.from({ length: 3000 }, (_, seed) => drawBlueprint(seed, sample).scenario)
        .flat()
        .map(({ do: command }) =>
          command.kind === 'fault' || command.kind === 'sensor' ? `${command.kind} ${command.fault}` : command.kind,
        ),
    );
    for (const name of [
      ...['mains', 'mains-voltage', 'phase', 'flapping', 'planned-cut', 'ups-input', 'self-test', 'bypass'],
      ...['battery-health', 'charger', 'firmware', 'extra-load', 'outlet-stuck', 'outlet', 'network', 'disk', 'clock'],
      ...['cooling', 'smoke', 'leak', 'door', 'crash', 'motion', 'panic', 'fire', 'bmc'],
      ...['backup-fails', 'backup-hangs', 'shutdown-hangs', 'shutdown-slow', 'boot-fails'].map(
        (fault) => `fault ${fault}`,
      ),
      ...['login-refused', 'silent', 'ssh-hangs'].map((fault) => `fault ${fault}`),
      ...['stuck', 'dropout', 'duplicate', 'late', 'lossy', 'drift', 'noisy', 'flat-battery'].map(
        (fault) => `sensor ${fault}`,
      ),
    ])
      expect(reached, name).toContain(name);
  });

  it('builds every blueprint into what the schemas accept', () => {
    for (const seed of SEEDS) expect(() => buildCase(drawBlueprint(seed, sample), sample)).not.toThrow();
  });
});
