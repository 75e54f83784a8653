import type { Room } from '../room.ts';
import { coolingFigures } from '../world/cooling-figures.ts';
import { type UpsFigures, upsFigures } from '../world/firmware.ts';
import { outputOn, upsInputGood } from '../world/supply.ts';
import type { YdtFace } from './ydt-line.ts';

/** The room's UPSes and air conditioners as devices of YD/T 1363.3 (电总协议), in the layouts that config/profiles/ydt-*.yaml read. */

const VERSION = 0x21;
const DATAFLAG = 0;
/** Alarm bytes. */
const NORMAL = 0;
const BELOW = 1;
const OTHER = 0xf0;
/** What a device lacks is filled with it. */
const BLANK = 0x20;

const u16 = (value: number): number[] => [(value >> 8) & 0xff, value & 0xff];
const hundredths = (value: number | null): number[] => (value === null ? [BLANK, BLANK] : u16(Math.round(value * 100)));
const tenths = (value: number): number[] => u16(Math.round(value * 10));

function f32(value: number | null): number[] {
  if (value === null) return [BLANK, BLANK, BLANK, BLANK];
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return [...bytes];
}

const text = (value: string, length: number): number[] => [
  ...Buffer.from(value.slice(0, length).padEnd(length, ' '), 'latin1'),
];

/** 4FH and 50H are answered without INFO, 51H with name, software and maker. */
function ofEveryKind(cid2: number, name: string): number[] | null {
  if (cid2 === 0x4f || cid2 === 0x50) return [];
  return cid2 === 0x51 ? [...text(name, 10), 1, 0, ...text('Zhishou (simulated)', 20)] : null;
}

const face = (
  base: Omit<YdtFace, 'info' | 'version'>,
  name: string,
  own: (cid2: number) => readonly number[] | null,
): YdtFace => ({
  ...base,
  version: VERSION,
  info: (cid2) => {
    const bytes = ofEveryKind(cid2, name) ?? own(cid2);
    return bytes === null ? null : Uint8Array.from(bytes);
  },
});

/**
 * CID1 2AH: 41H and 42H measurements, 43H states, 44H alarms. What lies behind the standard's own bytes is Liebert GXE's, so that the
 * profile of that UPS reads it too.
 */
export function ydtUpsFace(room: Room, device: string, address: number): YdtFace {
  const index = room.look().plan.upses.findIndex((ups) => ups.id === device);
  const spec = room.look().plan.upses[index];
  if (spec === undefined) throw new RangeError(`the world has no UPS ${device}`);
  const lines = spec.lines.length;
  return face(
    {
      device,
      address,
      cid1: 0x2a,
      alive: () => {
        const ups = room.look().world.upses[index];
        return ups !== undefined && (outputOn(ups) || upsInputGood(room.look(), index));
      },
    },
    'SIM-UPS',
    (cid2) => {
      const layout = UPS_ANSWERS[cid2];
      return layout === undefined ? null : [DATAFLAG, ...layout(upsFigures(room.look(), index), lines)];
    },
  );
}

type UpsAnswer = (now: UpsFigures, lines: number) => readonly number[];

/** Three phases, of which a device may have one. */
const phases = (write: (value: number | null) => number[], lines: number, of: (line: number) => number): number[] =>
  [0, 1, 2].flatMap((line) => write(line < lines ? of(line) : null));

const amperes = ({ outputVolts, loadWatts }: UpsFigures, lines: number): number =>
  outputVolts === 0 ? 0 : loadWatts / lines / outputVolts;

const elevenMeasurements = (write: (value: number | null) => number[], now: UpsFigures, lines: number): number[] => [
  ...phases(write, lines, (line) => now.inputVolts[line] ?? 0),
  ...phases(write, lines, () => now.outputVolts),
  ...phases(write, lines, () => amperes(now, lines)),
  ...write(now.batteryVolts),
  ...write(now.outputOn ? now.inputHertz || 50 : 0),
];

const UPS_ANSWERS: Readonly<Record<number, UpsAnswer>> = {
  // m cells, n temperatures, p of the maker's own: none.
  65: (now, lines) => [...elevenMeasurements(f32, now, lines), BLANK, BLANK, 0],
  66: (now, lines) => [
    ...elevenMeasurements(hundredths, now, lines),
    ...[BLANK, BLANK, 0, 0],
    ...hundredths(now.inputHertz),
    ...[0, 0, 0, 0],
    ...hundredths(now.loadWatts / 1000),
    ...hundredths(now.loadWatts / 1000),
    ...[0, 0, 0, 0],
    ...hundredths(Math.min(600, now.runtimeMinutes)),
  ],
  67: (now) => [
    now.onBypass ? 2 : 1,
    0,
    now.onBattery || now.testing ? 0xe2 : now.inputGood ? 0xe1 : 0xe0,
    now.onBattery || now.testing ? 0xe3 : now.chargePercent < 100 ? 0xe1 : 0xe0,
    now.testing ? 0xe0 : 0xe1,
  ],
  68: (now) => [
    NORMAL,
    now.inputGood ? NORMAL : BELOW,
    NORMAL,
    NORMAL,
    now.bypassFault ? OTHER : NORMAL,
    now.lowBattery ? BELOW : NORMAL,
    BLANK,
    15,
    ...[NORMAL, NORMAL, NORMAL, NORMAL],
    now.chargerFailed ? OTHER : NORMAL,
    now.depleted ? OTHER : NORMAL,
    NORMAL,
    now.loadPercent > 100 ? OTHER : NORMAL,
    ...Array.from({ length: 7 }, () => NORMAL),
  ],
};

/** CID1 60H: 42H measurements, 43H on or off, 47H parameters. */
export function ydtCoolingFace(room: Room, device: string, address: number): YdtFace {
  const index = room.look().plan.cooling.findIndex((cooling) => cooling.id === device);
  const spec = room.look().plan.cooling[index];
  if (spec === undefined) throw new RangeError(`the world has no air conditioner ${device}`);
  return face(
    {
      device,
      address,
      cid1: 0x60,
      // The unit hangs on mains, its card on the UPS.
      alive: () => room.look().world.upses.some(outputOn),
    },
    'SIM-COOL',
    (cid2) => {
      const now = coolingFigures(room.look(), index);
      // No probe outside.
      if (cid2 === 0x42) return [...tenths(now.returnC), ...tenths(now.returnHumidity), BLANK, BLANK];
      if (cid2 === 0x43) return [now.powered ? 1 : 0];
      if (cid2 !== 0x47) return null;
      return [spec.setpoint + 2, 40, spec.setpoint, spec.hysteresis, 45, 5].flatMap(tenths);
    },
  );
}
