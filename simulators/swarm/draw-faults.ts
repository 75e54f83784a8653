import type { Random } from '#core/random.ts';
import { milliseconds } from '#core/time.ts';
import type { MachineDraft, UpsDraft } from './blueprint.ts';
import { outletsOf } from './build-devices.ts';
import type { Kill, TimedCommand } from './case.ts';
import { event } from './draw-night.ts';
import { weighted } from './weighted.ts';

/** What else goes wrong: machines, UPSes, sensors, the network, the monitor's own disk and clock, and its sudden deaths. */

export interface FaultSite {
  readonly machines: readonly MachineDraft[];
  readonly upses: readonly UpsDraft[];
  readonly sensors: boolean;
  /** When mains goes; about here things go wrong. */
  readonly lostS: number;
  readonly outageS: number;
}

type Draw = (random: Random, site: FaultSite, atS: number) => TimedCommand[];

export function drawFaults(random: Random, site: FaultSite): TimedCommand[] {
  const number = weighted(random, [
    [4, () => 0],
    [4, () => 1],
    [3, () => 2],
    [2, () => random.integer(3, 6)],
  ]);
  const drawn = Array.from({ length: number }, (_, nth) => {
    const own = random.fork(`fault-${nth}`);
    // Before the outage, at its very beginning, somewhere in it, or after its end.
    const atS = weighted(own, [
      [2, () => own.integer(1, site.lostS)],
      [1, () => site.lostS + own.integer(0, 30)],
      [4, () => site.lostS + own.between(0, 1) * site.outageS],
      [1, () => site.lostS + site.outageS + own.integer(0, 900)],
    ]);
    return weighted(
      own,
      FAULTS.map(([weight, draw]) => [weight, () => draw(own, site, atS)] as const),
    );
  }).flat();
  return [...drawn, ...silentCard(random.fork('card'), site)];
}

/** A UPS's network card hangs or is restarted, with mains or without: the UPS goes on, nobody hears of it (L1). */
function silentCard(random: Random, { upses, lostS, outageS }: FaultSite): TimedCommand[] {
  const ups = pickFrom(random, upses);
  if (ups === undefined || !random.chance(0.1)) return [];
  const from = random.chance(0.5) ? random.integer(1, lostS) : lostS + random.between(0, 1.3) * outageS;
  return [
    event(from, { kind: 'network', device: ups.id, down: true }),
    event(from + random.integer(60, 1800), { kind: 'network', device: ups.id }),
  ];
}

const pickFrom = <T>(random: Random, items: readonly T[]): T | undefined => items[random.integer(0, items.length - 1)];

function machineFault(random: Random, { machines }: FaultSite, atS: number): TimedCommand[] {
  const machine = pickFrom(
    random,
    machines.filter((one) => one.kind !== 'display'),
  );
  if (machine === undefined) return [];
  const fault = random.pick([
    'backup-fails',
    'backup-hangs',
    'shutdown-hangs',
    'shutdown-slow',
    'boot-fails',
    'login-refused',
    'silent',
    'ssh-hangs',
  ] as const);
  const begun = event(atS, { kind: 'fault', device: machine.id, fault });
  if (random.chance(0.6)) return [begun];
  return [begun, event(atS + random.integer(30, 1800), { kind: 'fault', device: machine.id, fault: 'none' })];
}

function machineCrash(random: Random, { machines }: FaultSite, atS: number): TimedCommand[] {
  const machine = pickFrom(
    random,
    machines.filter((one) => one.kind === 'server'),
  );
  return machine === undefined ? [] : [event(atS, { kind: 'crash', device: machine.id })];
}

const upsOf = (random: Random, upses: readonly UpsDraft[]): { device?: string } => {
  const ups = random.chance(0.5) ? undefined : pickFrom(random, upses);
  return ups === undefined ? {} : { device: ups.id };
};

/** A battery that is worse than anybody knows; a charger that does not charge. */
const upsBattery: Draw = (random, { upses, lostS }, atS) =>
  random.chance(0.7)
    ? [
        event(Math.min(atS, lostS - 1), {
          kind: 'battery-health',
          ...upsOf(random, upses),
          share: random.between(0.3, 0.95),
          shown: random.chance(0.5),
        }),
      ]
    : [event(atS, { kind: 'charger', ...upsOf(random, upses), working: false })];

const upsFirmware: Draw = (random, { upses }, atS) => [
  event(atS, { kind: 'firmware', ...upsOf(random, upses), runtimeFactor: random.between(0.3, 3) }),
];

const upsSelfTest: Draw = (random, { upses }, atS) => {
  const ups = pickFrom(random, upses);
  return ups === undefined ? [] : [event(atS, { kind: 'self-test', device: ups.id })];
};

const upsBypass: Draw = (random, { upses, lostS }, atS) => {
  const device = upsOf(random, upses);
  const from = Math.max(1, atS - lostS);
  return [
    event(from, { kind: 'bypass', ...device, bypass: random.pick(['manual', 'fault'] as const) }),
    event(from + random.integer(20, 600), { kind: 'bypass', ...device, bypass: 'none' }),
  ];
};

const upsExtraLoad: Draw = (random, { upses }, atS) => {
  const ups = pickFrom(random, upses);
  if (ups === undefined) return [];
  const watts = Math.round(ups.ratedWatts * random.between(0.05, 0.25));
  return [event(atS, { kind: 'extra-load', device: ups.id, watts })];
};

/** The relay of an outlet sticks: the last resort and the cut after a shutdown do nothing. */
const stuckOutlet: Draw = (random, { upses }, atS) => [
  event(atS, {
    kind: 'outlet-stuck',
    device: `pdu-${random.integer(1, upses.length)}`,
    outlet: random.integer(1, 2),
    stuck: true,
  }),
];

function network(random: Random, { machines, upses }: FaultSite, atS: number): TimedCommand[] {
  const targets = [
    ...upses.map((ups) => ups.id),
    ...upses.map((_, index) => `pdu-${index + 1}`),
    ...machines.map((one) => one.id),
  ];
  const target = random.chance(0.3) ? undefined : pickFrom(random, targets);
  const device = target === undefined ? {} : { device: target };
  const trouble = weighted<object>(random, [
    [3, () => ({ down: true })],
    [2, () => ({ loss: random.between(0.05, 0.7) })],
    [1, () => ({ delayMs: random.integer(100, 4000) })],
    [1, () => ({ duplicate: random.between(0.05, 0.8) })],
  ]);
  return [
    event(atS, { kind: 'network', ...device, ...trouble }),
    event(atS + random.integer(10, 1200), { kind: 'network', ...device }),
  ];
}

/** Somebody has switched screens or a switch off by hand: not ours to switch on again (L22). */
const outletByHand: Draw = (random, { machines, upses }) => {
  const machine = pickFrom(
    random,
    machines.filter((one) => (one.kind === 'display' || one.kind === 'network') && one.feeds.length === 1),
  );
  const plug = machine === undefined ? undefined : outletsOf({ machines, upses, monitor: false }).get(machine.id)?.[0];
  if (plug === undefined) return [];
  const [device = '', outlet = '1'] = plug.split('/');
  return [event(random.integer(1, 30), { kind: 'outlet', device, outlet: Number(outlet), on: false })];
};

const SENSORS = ['th-1', 'th-2', 'smoke-1', 'leak-1', 'door-1'] as const;

const sensor: Draw = (random, { sensors }, atS) =>
  sensors
    ? [
        event(atS, {
          kind: 'sensor',
          device: random.pick(SENSORS),
          fault: random.pick([
            'stuck',
            'dropout',
            'duplicate',
            'late',
            'lossy',
            'drift',
            'noisy',
            'flat-battery',
          ] as const),
        }),
      ]
    : [];

const clockStep: Draw = (random, _site, atS) => [
  event(atS, {
    kind: 'clock',
    offsetS: random.chance(0.5) ? random.integer(-7200, 7200) : random.integer(-120, 120),
  }),
];

const diskFull: Draw = (random, _site, atS) => [
  event(atS, { kind: 'disk', full: true }),
  event(atS + random.integer(5, 600), { kind: 'disk', full: false }),
];

const coolingFault: Draw = (random, { sensors }, atS) =>
  sensors
    ? [
        event(atS, { kind: 'cooling', working: false }),
        event(atS + random.integer(600, 7200), { kind: 'cooling', working: true }),
      ]
    : [];

/** A fire that is put out, or a press of a button: people are asked, and two of them may cut the supply. */
const emergency: Draw = (random, { sensors }, atS) => {
  if (!sensors) return [];
  if (random.chance(0.5))
    return [event(atS, { kind: 'panic', device: random.pick(['button-fire', 'button-shock'] as const) })];
  return [
    event(atS, { kind: 'fire', device: random.pick(['smoke-1', 'smoke-2'] as const), burning: true }),
    event(atS + random.integer(60, 900), { kind: 'fire', burning: false }),
  ];
};

/** Its management controller is gone, or does not press the soft button. */
const controllerFault: Draw = (random, { machines }, atS) => {
  const machine = pickFrom(
    random,
    machines.filter((one) => one.kind === 'server' || one.kind === 'storage'),
  );
  const fault = random.pick(['unreachable', 'refuses-soft', 'ignores-soft'] as const);
  return machine === undefined ? [] : [event(atS, { kind: 'bmc', device: machine.id, fault })];
};

/** Dust in a detector, a leak, an open door: nothing of it may disturb the outage's course. */
const alarm: Draw = (random, { sensors }, atS) => {
  if (!sensors) return [];
  const lastsS = random.integer(20, 1800);
  const both = (on: TimedCommand['do'], off: TimedCommand['do']): TimedCommand[] => [
    event(atS, on),
    event(atS + lastsS, off),
  ];
  return weighted(random, [
    [
      1,
      () =>
        both({ kind: 'smoke', device: 'smoke-1', present: true }, { kind: 'smoke', device: 'smoke-1', present: false }),
    ],
    [1, () => both({ kind: 'leak', present: true }, { kind: 'leak', present: false })],
    [1, () => both({ kind: 'door', open: true }, { kind: 'door', open: false })],
    [1, () => both({ kind: 'motion', present: true }, { kind: 'motion', present: false })],
  ]);
};

/** Each with its weight. */
const FAULTS: readonly (readonly [weight: number, draw: Draw])[] = [
  [6, machineFault],
  [1, machineCrash],
  [2, upsBattery],
  [2, upsFirmware],
  [1, upsSelfTest],
  [1, upsBypass],
  [1, upsExtraLoad],
  [1, stuckOutlet],
  [1.5, outletByHand],
  [3, network],
  [3, sensor],
  [1, clockStep],
  [1, diskFull],
  [1, coolingFault],
  [1, alarm],
  [0.5, emergency],
  [1, controllerFault],
];

/** The moments at which the monitor dies: early ones are likelier, since many runs have few effects. */
export function drawKills(random: Random): Kill[] {
  if (!random.chance(0.45)) return [];
  const number = weighted(random, [
    [4, () => 1],
    [2, () => 2],
    [1, () => random.integer(3, 5)],
  ]);
  return Array.from({ length: number }, (): Kill => {
    const effect = random.chance(0.6);
    return {
      at: effect ? 'effect' : 'journal',
      nth: Math.ceil((effect ? 60 : 400) * random.next() ** 2) + 1,
      downMs: milliseconds(
        Math.round(
          weighted(random, [
            [3, () => random.between(1, 10)],
            [3, () => random.between(10, 60)],
            [1, () => random.between(60, 900)],
          ]) * 1000,
        ),
      ),
      part: random.chance(0.85) ? 'alerts' : 'collector',
    };
  });
}
