import type { Profile } from '#core/config/profile.ts';
import { resolveProfile } from '#core/config/resolve-profile.ts';
import { definePoint } from '#core/points.ts';
import type { Random } from '#core/random.ts';
import { crc16, findRtuAnswer, rtuFrame, takeTcpFrames, tcpFrame } from '#platform/modbus/frames.ts';
import { identityAnswer, identityQuestion, readAnswer, readQuestion } from '#platform/modbus/pdu.ts';
import { compileModbus, evaluateModbus, type ModbusPlan, readsOf } from '#services/collector/modbus-plan.ts';
import { nothingLearned, type Read, Registers } from '#services/collector/modbus-reads.ts';
import type { PointValue } from '#services/collector/snmp-plan.ts';
import { profileOfFile } from '../collector/support/profiles.ts';
import type { FuzzRun, FuzzTarget } from './fuzz-target.ts';
import { mutateBytes } from './mutate.ts';

/**
 * Answers of Modbus devices in both framings, damaged: no exception, and no value that was not in a frame of the right unit,
 * function, length, transaction and checksum.
 */
export const modbusTarget: FuzzTarget = { name: 'modbus', begin };

const MAPS = [
  'renke-rs-ws',
  'xy-md02',
  'eastron-sdm630',
  'huawei-ups2000-modbus',
  'apc-smart-ups-modbus',
  'tripplite-modbuscard',
];
const UNIT = 5;

interface Map {
  readonly plan: ModbusPlan;
  readonly reads: readonly Read[];
}

function begin(random: Random): FuzzRun {
  const maps = MAPS.map((id): Map => {
    const profile: Profile | null = resolveProfile(id, [profileOfFile(id)]);
    if (profile === null) throw new Error(`no profile ${id}`);
    const plan = compileModbus(profile);
    return { plan, reads: readsOf(plan, nothingLearned()) };
  });
  const counts = { answers: 0, exceptions: 0, refused: 0, values: 0, identities: 0 };
  return {
    tryOne: () => {
      if (random.chance(0.1)) return tryIdentity(random, counts);
      const { plan, reads } = maps[random.integer(0, maps.length - 1)] as Map;
      const registers = new Registers();
      const damaged = random.integer(0, reads.length - 1);
      let refused = false;
      for (const [i, read] of reads.entries()) {
        const given = Array.from({ length: read.length }, () => word(random));
        const values = i === damaged ? through(read, given, random, counts) : given;
        if (values === null) refused = true;
        else registers.put(read, values);
      }
      for (const value of evaluateModbus(plan, registers)) {
        check(value);
        counts.values++;
      }
      return refused ? 'refused' : 'read';
    },
    finish: () =>
      `${counts.answers} answers, ${counts.exceptions} exceptions, ${counts.refused} refused, ${counts.values} values, ${counts.identities} identifications`,
  };
}

/** Registers as devices have them, and those that hurt. */
const word = (random: Random): number =>
  random.chance(0.3) ? random.pick([0, 1, 0x7fff, 0x8000, 0xffff, 0x7fc0, 0x7f80]) : random.integer(0, 0xffff);

/** What comes of registers over a damaged line; null when it is refused. */
function through(
  read: Read,
  given: readonly number[],
  random: Random,
  counts: { answers: number; exceptions: number; refused: number },
): readonly number[] | null {
  const question = readQuestion(read.table, read.at, read.length);
  const code = question[0] ?? 0;
  const pdu = random.chance(0.1)
    ? Uint8Array.of(code | 0x80, random.integer(0, 255))
    : Uint8Array.of(code, 2 * given.length, ...given.flatMap((value) => [value >> 8, value & 0xff]));
  const found = random.chance(0.5) ? overRtu(question, pdu, random) : overTcp(pdu, random);
  if (found === null) {
    counts.refused++;
    return null;
  }
  const answer = readAnswer(question, read.table, read.length, found);
  if (typeof answer === 'string') counts.refused++;
  else if ('exception' in answer) {
    counts.exceptions++;
    if (answer.exception < 1 || answer.exception > 255) throw new Error(`exception ${answer.exception}`);
  } else {
    counts.answers++;
    if (answer.values.length !== read.length) throw new Error(`${answer.values.length} values for ${read.length}`);
    if (answer.values.some((value) => !(value >= 0 && value <= 0xffff))) throw new Error('no register');
    return answer.values;
  }
  return null;
}

/** A device that says nonsense in a good frame, or a line that damages what is said. */
function damaged(pdu: Uint8Array, frame: (pdu: Uint8Array) => Uint8Array, random: Random): Uint8Array {
  const said = random.chance(0.4) ? mutateBytes(pdu, random, 253) : pdu;
  return random.chance(0.5) ? mutateBytes(frame(said), random, 1024) : frame(said);
}

function overRtu(question: Uint8Array, pdu: Uint8Array, random: Random): Uint8Array | null {
  const bytes = damaged(pdu, (own) => rtuFrame(UNIT, own), random);
  const found = findRtuAnswer(UNIT, question, bytes);
  if ('not' in found) return null;
  const frame = Uint8Array.of(UNIT, ...found.pdu);
  const crc = crc16(frame);
  const whole = Buffer.from(Uint8Array.of(...frame, crc & 0xff, crc >> 8));
  if (!Buffer.from(bytes).includes(whole)) throw new Error(`not among the bytes: ${whole.toString('hex')}`);
  return found.pdu;
}

function overTcp(pdu: Uint8Array, random: Random): Uint8Array | null {
  const bytes = damaged(pdu, (own) => tcpFrame(0x1234, UNIT, own), random);
  const { frames, rest } = takeTcpFrames(bytes);
  if (rest.length > 260) throw new Error(`${rest.length} bytes kept`);
  return frames.find(({ transaction, unit }) => transaction === 0x1234 && unit === UNIT)?.pdu ?? null;
}

function tryIdentity(random: Random, counts: { identities: number; refused: number }): 'read' | 'refused' {
  const question = identityQuestion(1, 0);
  const texts = ['Made Up', 'UPS-33', '1.0'].flatMap((text, id) => [id, text.length, ...Buffer.from(text)]);
  const good = Uint8Array.of(0x2b, 0x0e, 1, 1, random.pick([0, 0xff]), 3, 3, ...texts);
  const found = random.chance(0.5) ? overRtu(question, good, random) : mutateBytes(good, random, 253);
  const answer = found === null ? '' : identityAnswer(question, found);
  if (typeof answer === 'string' || 'exception' in answer) {
    counts.refused++;
    return 'refused';
  }
  counts.identities++;
  if (answer.objects.some(([id, text]) => id > 255 || text.length > 255)) throw new Error('no object');
  return 'read';
}

/** A value exactly when it is good, of its point's kind and within its range, and where it was read. */
function check({ point, decoded, oid }: PointValue): void {
  const definition = definePoint(point);
  if (definition === null) throw new Error(`not a point of the registry: ${point}`);
  if (oid === null) throw new Error(`${point} without a source`);
  const { value, quality, reason } = decoded;
  if (quality !== 'good') {
    if (reason === undefined) throw new Error(`${point} is ${quality} without a reason`);
    return;
  }
  const kind = { number: 'number', boolean: 'boolean', word: 'string', set: 'string' }[definition.kind];
  if (typeof value !== kind) throw new Error(`${point} is ${String(value)}`);
  const [low, high] = definition.range ?? [-Infinity, Infinity];
  if (typeof value === 'number' && !(value >= low && value <= high && Number.isFinite(value)))
    throw new Error(`${point} ${value} outside its range`);
}
