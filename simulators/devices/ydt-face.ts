import type { Room } from '../room.ts';
import { coolingFigures } from '../world/cooling-figures.ts';
import { upsFigures } from '../world/firmware.ts';
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
  own: (cid2: number) => number[] | null,
): YdtFace => ({
  ...base,
  version: VERSION,
  info: (cid2) => {
    const bytes = ofEveryKind(cid2, name) ?? own(cid2);
    return bytes === null ? null : Uint8Array.from(bytes);
  },
});

/** CID1 2AH: 41H measurements, 43H states, 44H alarms. */
export function ydtUpsFace(room: Room, device: string, address: number): YdtFace {
  const index = room.look().plan.upses.findIndex((ups) => ups.id === device);
  const spec = room.look().plan.upses[index];
  if (spec === undefined) throw new RangeError(`the world has no UPS ${device}`);
  const phases = (of: (line: number) => number): number[] =>
    [0, 1, 2].flatMap((line) => f32(line < spec.lines.length ? of(line) : null));
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
      const now = upsFigures(room.look(), index);
      const amperes = now.outputVolts === 0 ? 0 : now.loadWatts / spec.lines.length / now.outputVolts;
      if (cid2 === 0x41)
        return [
          DATAFLAG,
          ...phases((line) => now.inputVolts[line] ?? 0),
          ...phases(() => now.outputVolts),
          ...phases(() => amperes),
          ...f32(now.batteryVolts),
          ...f32(now.outputOn ? 50 : 0),
          // m cells, n temperatures, p of the maker's own: none.
          BLANK,
          BLANK,
          0,
        ];
      if (cid2 === 0x43) return [DATAFLAG, now.onBypass ? 2 : 1, 0];
      if (cid2 !== 0x44) return null;
      return [
        DATAFLAG,
        NORMAL,
        now.inputGood ? NORMAL : BELOW,
        now.chargerFailed ? OTHER : NORMAL,
        NORMAL,
        now.bypassFault ? OTHER : NORMAL,
        now.lowBattery ? BELOW : NORMAL,
        BLANK,
        0,
      ];
    },
  );
}

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
