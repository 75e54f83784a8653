import { expect, it } from 'vitest';
import { nutTarget } from './nut.ts';
import { runFuzz } from './run-fuzz.ts';

it('20,000 mutated answers of a NUT server: none throws, and nothing is read that was not said', () => {
  expect(runFuzz(nutTarget, 20_000, 'ci').read).toBeGreaterThan(5000);
});
