import { definePoint } from '#core/points.ts';
import type { Random } from '#core/random.ts';
import { createNutLineReader } from '#platform/nut/nut-words.ts';
import { compileNut } from '#services/collector/nut-plan.ts';
import type { PointValue } from '#services/collector/snmp-plan.ts';
import { profileOfFile } from '../collector/support/profiles.ts';
import type { FuzzRun, FuzzTarget } from './fuzz-target.ts';
import { mutateBytes } from './mutate.ts';

/** A NUT server's answer to LIST VAR, from the bytes to the points. */
export const nutTarget: FuzzTarget = { name: 'nut', begin };

const SEEDS = [
  `BEGIN LIST VAR ups
VAR ups ups.status "ALARM OL RB"
VAR ups ups.alarm "[Replace battery!] [Overload!]"
VAR ups battery.charge "100"
VAR ups battery.runtime "1530"
VAR ups device.model "Ellipse \\"PRO\\" 1600"
END LIST VAR ups
`,
  `VAR ups input.L1-N.voltage "229.8"
VAR ups input.bypass.L1-N.voltage "230"
VAR ups output.L1.power.percent "41"
VAR ups outlet.1.status "on"
VAR ups outlet.1.desc "Rack A"
VAR ups outlet.group.2.current "1.5"
VAR ups battery.capacity "9.00"
VAR ups ambient.1.temperature "23.4"
`,
  'VAR ups ups.status "OB DISCHRG LB"\r\nVAR ups battery.charge "4"\r\nVAR ups ups.load "013"\r\n',
].map((text) => new TextEncoder().encode(text));

function begin(random: Random): FuzzRun {
  const plan = compileNut(profileOfFile('nut-ups'));
  let damaged = 0;
  return {
    tryOne: () => {
      const reader = createNutLineReader(4096);
      const bytes = mutateBytes(SEEDS[random.integer(0, SEEDS.length - 1)] ?? new Uint8Array(), random);
      // In two pieces, as a network has it.
      const cut = random.integer(0, bytes.length);
      const lines = [bytes.subarray(0, cut), bytes.subarray(cut)].flatMap((part) => reader.push(part));
      const variables = new Map<string, string>();
      for (const line of lines) {
        if ('problem' in line) damaged++;
        else if (line.words[0] === 'VAR' && line.words.length > 3)
          variables.set(line.words[2] ?? '', line.words[3] ?? '');
      }
      const values = plan.read(variables);
      for (const value of values) checkValue(value, new Set(variables.keys()));
      return values.some(({ decoded }) => decoded.quality === 'good') ? 'read' : 'refused';
    },
    finish: () => `${damaged} lines were none`,
  };
}

/** A point of the registry, from a source that was there, its value of its kind and within its range when it is good. */
export function checkValue({ point, decoded, oid }: PointValue, sources: ReadonlySet<string> | null): void {
  const fail = (why: string): never => {
    throw new Error(`${why}: ${point} ${JSON.stringify(decoded)} from ${oid}`);
  };
  const definition = definePoint(point);
  if (definition === null) throw new Error(`not a point of the registry: ${point}`);
  // That there is no alarm is told by the state.
  const source = oid === 'ups.alarm' ? 'ups.status' : oid;
  if (sources !== null && (source === null || !(sources.has(source) || sources.has(oid ?? '')))) fail('no source');
  const { value, quality } = decoded;
  if (quality === 'good' && value === null) fail('good without a value');
  if (quality !== 'good' && decoded.reason === undefined) fail('no value and no reason');
  if (quality !== 'good' || value === null) return;
  const kind = { number: 'number', boolean: 'boolean', word: 'string', set: 'string' }[definition.kind];
  if (typeof value !== kind) fail('not of its kind');
  if (typeof value === 'string' && value.length > 1000) fail('a text without an end');
  if (
    definition.words !== undefined &&
    !String(value)
      .split(' ')
      .every((word) => definition.words?.includes(word))
  )
    fail('not its words');
  if (typeof value !== 'number') return;
  const [low, high] = definition.range ?? [-Infinity, Infinity];
  if (!Number.isFinite(value) || value < low || value > high) fail('outside its range');
}
