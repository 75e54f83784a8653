import { definePoint } from '#core/points.ts';
import type { Value } from '#core/reading.ts';
import { statusTokens } from '#core/reading.ts';

/**
 * What a NUT client sees of one of our UPSes: our points are NUT's variables already (RFC 9271 appendix A), so this is little
 * more than leaving out what cannot be believed. Pure.
 */
export interface UpsPicture {
  /** Variable → value as text. */
  readonly variables: ReadonlyMap<string, string>;
  /** Nothing certain is known of where the power comes from: asked for variables, we say DATA-STALE (L1: the client decides what silence means). */
  readonly stale: boolean;
}

/** Points that are also known by an older name, which the pages of storage systems show. */
const ALIASES: Readonly<Record<string, string>> = {
  'device.mfr': 'ups.mfr',
  'device.model': 'ups.model',
  'device.serial': 'ups.serial',
  'device.firmware': 'ups.firmware',
};

/** L4: a low-battery flag beside figures such as these is a threshold set wrong, and would send everybody down in the first second. */
const LOW_CHARGE_PERCENT = 50;
const LOW_RUNTIME_S = 600;

/** `good` has the points of one device whose value can be believed now; `forced`: its clients are to shut down. */
export function picture(good: ReadonlyMap<string, Value>, forced: boolean, version: string): UpsPicture {
  const variables = new Map<string, string>([
    ['device.type', 'ups'],
    ['driver.name', 'zhishou'],
    ['driver.version', version],
  ]);
  for (const [point, value] of good) {
    if (point === 'ups.status' || definePoint(point) === null) continue;
    const text = typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
    variables.set(point, text);
    const alias = ALIASES[point];
    if (alias !== undefined) variables.set(alias, text);
  }
  const status = statusWords(good, forced);
  if (status !== null) variables.set('ups.status', status);
  return { variables: new Map([...variables].sort(([a], [b]) => (a < b ? -1 : 1))), stale: status === null };
}

/**
 * `ups.status`. Forced, it is `FSD OB LB` whatever the UPS says: upsd's own order, and with OB and LB because Synology's client
 * takes FSD beside OL for no outage (networkupstools/nut issue 751). That is our word and not the UPS's, so it holds also when the
 * UPS is silent. FSD of the UPS's own making is left out: it would send every group down at once.
 */
function statusWords(good: ReadonlyMap<string, Value>, forced: boolean): string | null {
  const value = good.get('ups.status') ?? null;
  const tokens = new Set(statusTokens(value));
  tokens.delete('FSD');
  if (forced) {
    for (const token of ['OL', 'OB', 'LB', 'OFF']) tokens.delete(token);
    return ['FSD', 'OB', 'LB', ...tokens].join(' ');
  }
  if (tokens.size === 0) return null;
  if (tokens.has('LB') && !isLow(good)) tokens.delete('LB');
  return [...tokens].join(' ');
}

function isLow(good: ReadonlyMap<string, Value>): boolean {
  const charge = good.get('battery.charge');
  const runtime = good.get('battery.runtime');
  if (typeof charge !== 'number' && typeof runtime !== 'number') return true;
  return (
    (typeof charge === 'number' && charge <= LOW_CHARGE_PERCENT) ||
    (typeof runtime === 'number' && runtime <= LOW_RUNTIME_S)
  );
}

/** `NUMBER`, or `STRING:n` with the longest text a point may have. */
export function variableType(name: string): string {
  return definePoint(name)?.kind === 'number' ? 'NUMBER' : 'STRING:200';
}

const OWN_DESCRIPTIONS: Readonly<Record<string, string>> = {
  'device.type': 'Device type',
  'driver.name': 'Driver name',
  'driver.version': 'Driver version',
  'ups.mfr': 'UPS manufacturer',
  'ups.model': 'UPS model',
  'ups.serial': 'UPS serial number',
  'ups.firmware': 'UPS firmware',
};

export const describeVariable = (name: string): string =>
  definePoint(name)?.meaning.en ?? OWN_DESCRIPTIONS[name] ?? 'Description unavailable';
