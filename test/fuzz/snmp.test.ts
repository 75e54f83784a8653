import { expect, it } from 'vitest';
import { runFuzz } from './run-fuzz.ts';
import { snmpTarget } from './snmp.ts';
import { trapTarget } from './trap.ts';

it('20,000 mutated answers of an SNMP agent: none throws, each question is settled once, and nothing is read that was not asked', () => {
  expect(runFuzz(snmpTarget, 20_000, 'ci').read).toBeGreaterThan(5000);
});

it('20,000 mutated traps and informs (v1, v2c, v3): none throws, and only those of known senders are told', () => {
  expect(runFuzz(trapTarget, 20_000, 'ci').read).toBeGreaterThan(2000);
});
