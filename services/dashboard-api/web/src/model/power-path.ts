import type { DeviceView, ReadingView } from '#core/api.ts';
import { statusTokens } from '#core/reading.ts';

/** The way of the power as a tree: mains → UPS → PDU → consumers, and which lines carry it now. Pure. */

/** `unknown`: no good value says so; drawn dashed, never as dead. */
export type Flow = 'live' | 'dead' | 'unknown';

export interface Consumer {
  readonly device: DeviceView;
  readonly outlet: string | null;
  readonly flow: Flow;
  readonly watts: number | null;
}

export interface Distribution {
  readonly device: DeviceView;
  readonly flow: Flow;
  readonly consumers: readonly Consumer[];
}

export interface PowerPath {
  readonly ups: DeviceView;
  readonly mains: Flow;
  readonly onBattery: boolean;
  readonly bypass: boolean;
  readonly output: Flow;
  readonly distributions: readonly Distribution[];
  /** Fed by the UPS without a PDU between. */
  readonly direct: readonly Consumer[];
}

export type ReadingLookup = (device: string, point: string) => ReadingView | null;

const goodValue = (reading: ReadingView | null): ReadingView['value'] =>
  reading !== null && reading.quality === 'good' ? reading.value : null;

/** One path for each UPS; consumers are those whose feed is an outlet of its PDUs, or the UPS itself. */
export function powerPaths(devices: readonly DeviceView[], reading: ReadingLookup): PowerPath[] {
  return devices.filter(({ kind }) => kind === 'ups').map((ups) => pathOf(ups, devices, reading));
}

function pathOf(ups: DeviceView, devices: readonly DeviceView[], reading: ReadingLookup): PowerPath {
  const status = goodValue(reading(ups.id, 'ups.status'));
  const tokens = statusTokens(status);
  const output: Flow = status === null ? 'unknown' : tokens.has('OFF') ? 'dead' : 'live';
  const fedByUps = devices.filter((device) => device.feeds.includes(ups.id));
  return {
    ups,
    mains: mainsFlow(ups, tokens, reading),
    onBattery: tokens.has('OB'),
    bypass: tokens.has('BYPASS'),
    output,
    distributions: fedByUps
      .filter(({ kind }) => kind === 'pdu')
      .map((device) => ({ device, flow: output, consumers: consumersOf(device, devices, output, reading) })),
    direct: fedByUps
      .filter(({ kind }) => kind !== 'pdu')
      .map((device) => ({ device, outlet: null, flow: output, watts: null })),
  };
}

function mainsFlow(ups: DeviceView, tokens: ReadonlySet<string>, reading: ReadingLookup): Flow {
  if (tokens.has('OB')) return 'dead';
  if (tokens.has('OL')) return 'live';
  const voltage = goodValue(reading(ups.id, 'input.voltage')) ?? goodValue(reading(ups.id, 'input.L1.voltage'));
  return typeof voltage === 'number' ? (voltage > 100 ? 'live' : 'dead') : 'unknown';
}

function consumersOf(
  pdu: DeviceView,
  devices: readonly DeviceView[],
  supply: Flow,
  reading: ReadingLookup,
): Consumer[] {
  const prefix = `${pdu.id}/`;
  return devices.flatMap((device) =>
    device.feeds
      .filter((feed) => feed === pdu.id || feed.startsWith(prefix))
      .map((feed): Consumer => {
        const outlet = feed === pdu.id ? null : feed.slice(prefix.length);
        if (outlet === null) return { device, outlet, flow: supply, watts: null };
        const state = goodValue(reading(pdu.id, `outlet.${outlet}.status`));
        const watts = goodValue(reading(pdu.id, `outlet.${outlet}.realpower`));
        const flow: Flow = state === 'off' ? 'dead' : state === 'on' ? supply : 'unknown';
        return { device, outlet, flow, watts: typeof watts === 'number' ? watts : null };
      }),
  );
}
