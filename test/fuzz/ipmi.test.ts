import { expect, it } from 'vitest';
import { ipmiTarget } from './ipmi.ts';
import { runFuzz } from './run-fuzz.ts';

it('20,000 mutated outputs of ipmitool: none throws, no reading is none', () => {
  expect(runFuzz(ipmiTarget, 20_000, 'ci').read).toBeGreaterThan(5000);
});
