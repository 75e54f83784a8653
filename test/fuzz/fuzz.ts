import { fuzzApi } from './api-run.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { ipmiTarget } from './ipmi.ts';
import { modbusTarget } from './modbus.ts';
import { mqttTarget } from './mqtt.ts';
import { nutTarget } from './nut.ts';
import { redfishTarget } from './redfish.ts';
import { runFuzz } from './run-fuzz.ts';
import { snmpTarget } from './snmp.ts';
import { trapTarget } from './trap.ts';
import { ydtTarget } from './ydt.ts';

/**
 * `npm run fuzz -- [DECODER…] [--tries N] [--seed S]`: mutated inputs against each decoder; by default a million each.
 * `npm run fuzz -- api [--tries N] [--seed S]`: requests against every route of the HTTP interface; by default 100,000.
 */
const TARGETS: readonly FuzzTarget[] = [
  mqttTarget,
  nutTarget,
  ipmiTarget,
  redfishTarget,
  ydtTarget,
  modbusTarget,
  snmpTarget,
  trapTarget,
];

const words = process.argv.slice(2);
const optionOf = (name: string, fallback: string): string => {
  const place = words.indexOf(name);
  return place < 0 ? fallback : (words.splice(place, 2)[1] ?? fallback);
};
const isApi = words[0] === 'api';
const tries = Number(optionOf('--tries', isApi ? '100000' : '1000000'));
const seed = optionOf('--seed', '1');
if (isApi) {
  console.log(await fuzzApi(tries, Number(seed)));
  process.exit();
}
const chosen = TARGETS.filter(({ name }) => words.length === 0 || words.includes(name));
if (
  chosen.length === 0 ||
  !Number.isInteger(tries) ||
  words.some((word) => !TARGETS.some(({ name }) => name === word))
) {
  console.error(`usage: npm run fuzz -- [api|${TARGETS.map(({ name }) => name).join('|')}] [--tries N] [--seed S]`);
  process.exit(2);
}
for (const target of chosen) {
  const begun = performance.now();
  const { tried, read, slowestMs, summary } = runFuzz(target, tries, seed);
  const perSecond = Math.round(tried / ((performance.now() - begun) / 1000));
  console.log(
    `${target.name}: ${tried} inputs, ${read} gave readings, ${perSecond} a second, slowest ${slowestMs.toFixed(1)} ms; ${summary}`,
  );
}
