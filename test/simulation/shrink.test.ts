import { describe, expect, it } from 'vitest';
import type { Blueprint } from '#simulators/swarm/blueprint.ts';
import { drawBlueprint } from '#simulators/swarm/generate.ts';
import { shrink } from '#simulators/swarm/shrink.ts';
import { sample } from './small-site.ts';

const large = (() => {
  for (let seed = 0; ; seed++) {
    const draft = drawBlueprint(seed, sample);
    if (draft.machines.length > 12 && draft.kills.length > 1 && draft.scenario.length > 3 && draft.upses.length > 1)
      return draft;
  }
})();

describe('shrinking', () => {
  it('leaves only what the failure needs: one machine, one happening, no kill', async () => {
    const needed = large.scenario[2];
    const culprit = large.machines.find((machine) => machine.kind === 'server')?.id;
    const fails = async (draft: Blueprint): Promise<boolean> =>
      draft.machines.some((one) => one.id === culprit) && draft.scenario.some((one) => one.do.kind === needed?.do.kind);
    const { blueprint } = await shrink(large, fails, 2000);
    expect(blueprint.machines.map((one) => one.id)).toEqual([culprit]);
    expect(blueprint.scenario.map((one) => one.do.kind)).toEqual([needed?.do.kind]);
    expect(blueprint.kills).toEqual([]);
    expect(blueprint.people.orders).toEqual([]);
    expect(blueprint.upses).toHaveLength(1);
    expect(blueprint.upses[0]).toMatchObject({ chargeNoise: 0, ageYears: 0, firmwareFactor: 1 });
  });

  it('keeps what is needed together, and never offers the same case twice in a row', async () => {
    const [first, second] = large.kills;
    const seen: string[] = [];
    const { blueprint } = await shrink(
      large,
      async (draft) => {
        seen.push(JSON.stringify(draft));
        return [first, second].every((kill) => draft.kills.some((one) => one.nth === kill?.nth && one.at === kill?.at));
      },
      2000,
    );
    expect(blueprint.kills.map((kill) => kill.nth)).toEqual([first?.nth, second?.nth]);
    for (let n = 1; n < seen.length; n++) expect(seen[n]).not.toBe(seen[n - 1]);
  });

  it('gives the case back as it was when nothing smaller fails, within its budget', async () => {
    let tried = 0;
    const { blueprint, tried: told } = await shrink(
      large,
      async () => {
        tried++;
        return false;
      },
      50,
    );
    expect(blueprint).toEqual(large);
    expect(tried).toBe(told);
    expect(tried).toBeLessThanOrEqual(50);
  });

  it('drops the dependencies and the faults of the machines that it leaves out', async () => {
    const { blueprint } = await shrink(large, async (draft) => draft.machines.length >= 2, 2000);
    const ids = new Set(blueprint.machines.map((one) => one.id));
    expect(blueprint.machines.every((one) => one.dependsOn.every((id) => ids.has(id)))).toBe(true);
  });
});
