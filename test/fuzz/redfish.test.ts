import { expect, it } from 'vitest';
import { seededRandom } from '#core/random.ts';
import { followDamaged, redfishTarget } from './redfish.ts';
import { runFuzz } from './run-fuzz.ts';

it('20,000 mutated Redfish resources: none throws, no reading is none', () => {
  expect(runFuzz(redfishTarget, 20_000, 'ci').read).toBeGreaterThan(5000);
});

it('damaged links are followed no further than a bound', async () => {
  const random = seededRandom('links');
  let found = 0;
  for (let i = 0; i < 3000; i++) {
    const { pages, asked } = await followDamaged(random);
    expect(pages).toBeLessThanOrEqual(40);
    expect(asked).toBeLessThanOrEqual(40);
    if (pages > 1) found++;
  }
  expect(found).toBeGreaterThan(500);
});
