import { definePoint } from '#core/points.ts';
import type { Random } from '#core/random.ts';
import { createFrameReader } from '#platform/ydt/frame-reader.ts';
import { decodeFrame, encodeFrame, MOST_INFO_BYTES, type YdtFrame } from '#platform/ydt/ydt-frame.ts';
import type { PointValue } from '#services/collector/snmp-plan.ts';
import { compileYdt, type YdtPlan } from '#services/collector/ydt-plan.ts';
import { profileOfFile } from '../collector/support/profiles.ts';
import { KNOWN_FRAMES } from '../platform/ydt/known-frames.ts';
import type { FuzzRun, FuzzTarget } from './fuzz-target.ts';
import { mutateBytes } from './mutate.ts';

/**
 * Streams, frames and INFO of YD/T 1363.3: no exception, no frame that was not one, no reading that is none or has no source. Half of the
 * inputs are damaged on the line, where the checksums must stop them; half are damaged inside of frames that are whole.
 */
export const ydtTarget: FuzzTarget = { name: 'ydt', begin };

const PROFILES = ['ydt-ups', 'ydt-liebert-gxe', 'ydt-air-conditioner', 'ydt-pylontech', 'ydt-dc-power'];

/** Answers of each kind, from recordings and by the layouts of the profiles. */
const SEEDS: readonly Uint8Array[] = [
  ...KNOWN_FRAMES.map(({ text }) => Uint8Array.from(Buffer.from(text, 'latin1'))),
  ...[
    [0x2a, 1 + 11 * 4 + 3],
    [0x2a, 43],
    [0x2a, 24],
    [0x60, 6],
    [0x60, 12],
    [0x46, 61],
    [0x42, 40],
    [0x40, 19],
  ].map(([cid1 = 0, length = 0]) =>
    Uint8Array.from(encodeFrame({ version: 0x21, address: 1, cid1, code: 0, info: new Uint8Array(length).fill(3) })),
  ),
];

function begin(random: Random): FuzzRun {
  const plans = PROFILES.map((id) => compileYdt(profileOfFile(id), 1));
  const points = new Set<string>();
  let refused = 0;
  return {
    tryOne: () => {
      const seed = SEEDS[random.integer(0, SEEDS.length - 1)] ?? new Uint8Array();
      const stream = random.chance(0.5) ? mutateBytes(seed, random, 8192) : mutateInside(seed, random);
      const reader = createFrameReader();
      const cut = random.integer(0, stream.length);
      const frames = [...reader.push(stream.subarray(0, cut)), ...reader.push(stream.subarray(cut))];
      let good = false;
      for (const bytes of frames) {
        const frame = decodeFrame(bytes);
        if ('problem' in frame) refused++;
        else if (readAll(frame, bytes, plans, points)) good = true;
      }
      return good ? 'read' : 'refused';
    },
    finish: () => {
      if (points.size > 400) throw new Error(`${points.size} points`);
      return `${points.size} points reached, ${refused} frames refused`;
    },
  };
}

/** Another INFO in a frame that is whole. */
function mutateInside(seed: Uint8Array, random: Random): Uint8Array {
  const frame = decodeFrame(seed);
  if ('problem' in frame) throw new Error(`a seed that is no frame: ${frame.problem}`);
  const info = mutateBytes(frame.info, random, MOST_INFO_BYTES);
  return Uint8Array.from(encodeFrame({ ...frame, info, code: random.chance(0.9) ? 0 : random.integer(0, 255) }));
}

function readAll(frame: YdtFrame, bytes: Uint8Array, plans: readonly YdtPlan[], points: Set<string>): boolean {
  // What was accepted says the same when it is written again: its sums were right.
  const again = Buffer.from(encodeFrame(frame)).toString('latin1');
  if (again.toUpperCase() !== Buffer.from(bytes).toString('latin1').toUpperCase() && !hasSmallLetters(bytes))
    throw new Error(`a frame that was not one: ${Buffer.from(bytes).toString('base64')}`);
  let good = false;
  for (const plan of plans) {
    for (const { cid1, name } of plan.asks) {
      if (cid1 !== frame.cid1) continue;
      const { values, misfits } = plan.read(new Map([[name, frame.info]]), new Map());
      for (const value of values) {
        checkValue(value);
        if (value.decoded.quality !== 'good') continue;
        if (misfits.size > 0) throw new Error(`a reading of an answer that did not fit: ${value.point}`);
        points.add(value.point);
        good = true;
      }
    }
  }
  return good;
}

/** Their checksum is over the small letters. */
const hasSmallLetters = (bytes: Uint8Array): boolean => bytes.some((byte) => byte >= 0x61 && byte <= 0x66);

function checkValue({ point, decoded, oid }: PointValue): void {
  const { value, quality, reason } = decoded;
  const fail = (why: string): never => {
    throw new Error(`${why}: ${point} ${JSON.stringify(decoded)}`);
  };
  const definition = definePoint(point);
  if (definition === null) throw new Error(`not a point of the registry: ${point}`);
  if (quality === 'good' && (value === null || oid === null)) fail('good without a value or a source');
  if (quality !== 'good' && reason === undefined) fail('no reason');
  if (quality !== 'good') return;
  if (typeof value === 'number') {
    const [low, high] = definition.range ?? [-Infinity, Infinity];
    if (!Number.isFinite(value) || value < low || value > high) fail('outside its range');
  }
  const kind = definition.kind === 'set' ? 'word' : definition.kind;
  if ({ number: 'number', boolean: 'boolean', word: 'string' }[kind] !== typeof value) fail('not of its kind');
}
