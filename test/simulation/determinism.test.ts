import { beforeAll, describe, expect, it } from 'vitest';
import { runCase } from '#commands/simulate/run-case.ts';
import { loadSample } from '#commands/simulate/sample.ts';
import { minutes } from '#core/time.ts';
import type { Kill, SwarmCase } from '#simulators/swarm/case.ts';
import { generateCase } from '#simulators/swarm/generate.ts';
import type { SampleSite } from '#simulators/swarm/sample-site.ts';
import { threeHourCase } from '../bench/simulate-case.ts';

let sample: SampleSite;
beforeAll(() => {
  sample = loadSample();
});

const kill = (at: Kill['at'], nth: number, part: Kill['part'] = 'alerts'): Kill => ({
  at,
  nth,
  part,
  downMs: minutes(0.5),
});

/** Two whole nights in one test, on a machine that does other things besides. */
const LONG = { timeout: 120_000 };

describe('one case', LONG, () => {
  const cases: readonly (readonly [why: string, kills: readonly Kill[]])[] = [
    ['a calm run', []],
    ['killed directly after a record was durable', [kill('journal', 9), kill('journal', 200)]],
    ['killed directly after a driver was called', [kill('effect', 30), kill('effect', 31)]],
    ['the collector killed', [kill('effect', 5000, 'collector')]],
  ];
  it.each(cases)('I8: gives the same journal bytes each time, also when %s', async (_why, kills) => {
    const swarmCase: SwarmCase = { ...threeHourCase(sample.config, sample.simulation), kills };
    const first = await runCase(swarmCase);
    const second = await runCase(swarmCase);
    expect(second.journal()).toBe(first.journal());
    expect(first.ended).toBe(true);
    expect(first.records().length).toBeGreaterThan(100);
    expect(first.evidence.downs).toHaveLength(kills.length);
  });

  it('I8: of the generator gives the same journal bytes for the same seed, and others for another', async () => {
    const hashes = new Map<number, string>();
    for (const seed of [12, 15, 17, 12, 15, 17]) {
      const { journalHash } = await runCase(generateCase(seed, sample));
      expect(hashes.get(seed) ?? journalHash).toBe(journalHash);
      hashes.set(seed, journalHash);
    }
    expect(new Set(hashes.values()).size).toBe(3);
  });
});

describe('a life that was ended by a kill', LONG, () => {
  it('does nothing more: what was under way never records, sends or orders anything in the time that it is down', async () => {
    const { config, simulation } = sample;
    const nth = 60;
    const swarmCase: SwarmCase = {
      ...threeHourCase(config, simulation),
      kills: [{ ...kill('journal', nth), downMs: minutes(20) }],
    };
    const result = await runCase(swarmCase);
    const [down] = result.evidence.downs ?? [];
    if (down === undefined) throw new Error('it was not killed');
    const inside = (at: number): boolean => at > down.from && at < down.until;
    expect(result.records().filter(({ at }) => inside(at))).toEqual([]);
    expect(result.evidence.deliveries.filter(({ queuedAt }) => inside(Date.parse(queuedAt)))).toEqual([]);
    expect(result.evidence.truth.commands.filter(({ at }) => inside(at))).toEqual([]);
    // And it goes on where it was.
    expect(result.records()[nth]?.kind).toBe('incident.restarted');
  });

  it('reads after the restart exactly what was durable: each life sees the journal of the ones before', async () => {
    const { config, simulation } = sample;
    const seen: number[] = [];
    const kills = [kill('journal', 20), kill('journal', 40)];
    await runCase(
      { ...threeHourCase(config, simulation), kills },
      {
        journal: (journal) => {
          seen.push([...journal.read()].length);
          return journal;
        },
      },
    );
    expect(seen).toEqual([0, 20, 40]);
  });
});
