import { describe, expect, it } from 'vitest';
import { discharging, makeRig } from './rig.ts';

/** A guided battery test of the simulated room from its preparation to its result (O-BAT-1). */

describe('a battery test by the UPS’s own order (O-BAT-1)', () => {
  it('discharges to its line, stops by itself, is proven back on mains and recharging, finds the battery’s health', async () => {
    const rig = await makeRig({ health: 0.8 });
    await discharging(rig);
    await rig.until('it is over', () => ['done', 'failed', 'abandoned'].includes(rig.test().state));
    const test = rig.test();
    expect(test).toMatchObject({ state: 'done', way: 'ups' });
    expect(test.result?.health).toBeGreaterThan(0.77);
    expect(test.result?.health).toBeLessThan(0.83);
    console.log(
      JSON.stringify(test.result),
      rig.orders(),
      [...rig.deliveries.values()].map((d) => d.subject),
    );
    await rig.stop();
  }, 60_000);
});
