import type { NutReadConnection } from '#core/config/connections.ts';
import type { Profile } from '#core/config/profile.ts';
import { NUT_PROFILE } from '#core/config/profile-nut.ts';
import { resolveProfile } from '#core/config/resolve-profile.ts';
import { ZhishouError } from '#core/errors.ts';
import { NutRefusal } from '#platform/nut/nut-client.ts';
import type { NutReader, NutServer } from '#platform/nut/nut-reader.ts';
import { compileNut, type NutPlan, type NutValue } from '../nut-plan.ts';
import type { PolledDriver } from './polled-driver.ts';

/** Reads one UPS of a NUT server: all of its variables in one question. */
export interface NutDriverOptions {
  readonly device: string;
  readonly connection: NutReadConnection;
  /** An id of `profiles`; null: the one for any UPS. */
  readonly profile: string | null;
  readonly profiles: readonly Profile[];
  readonly reader: NutReader;
}

export interface NutDriver extends PolledDriver {
  poll(): Promise<readonly NutValue[]>;
}

export function createNutDriver({ device, connection, profile, profiles, reader }: NutDriverOptions): NutDriver {
  const id = profile ?? NUT_PROFILE;
  const known = resolveProfile(id, profiles);
  let plan: NutPlan | null = null;
  let server: NutServer | null = null;
  let labels: Readonly<Record<string, string>> = {};
  return {
    poll: async () => {
      if (known === null) throw new ZhishouError('BAD_CONFIGURATION', device, `there is no profile ${id}`);
      plan ??= compileNut(known);
      server ??= reader.open(connection, connection.timeout);
      try {
        const values = plan.read(await server.variables(connection.ups));
        labels = labelsOf(values, labels);
        return values;
      } catch (error) {
        throw error instanceof NutRefusal ? explainNut(error, device, connection) : error;
      }
    },
    profile: () => known,
    labels: () => labels,
    close: () => {
      server?.close();
      server = null;
    },
  };
}

/** The names that people gave on the device; the same object while none of them has changed. */
function labelsOf(
  values: readonly NutValue[],
  before: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const now = Object.fromEntries(values.flatMap(({ point, label }) => (label === undefined ? [] : [[point, label]])));
  return JSON.stringify(now) === JSON.stringify(before) ? before : now;
}

/**
 * What a refusal of the server means for the device (RFC 9271 section 4.3). The server that answers is not the UPS: when it has lost
 * the UPS, or its driver does not run, nothing is heard of the UPS, which is its silence. Everything else is a no.
 */
export function explainNut(
  { word }: NutRefusal,
  device: string,
  { host, port, ups }: Pick<NutReadConnection, 'host' | 'port' | 'ups'>,
): ZhishouError {
  const where = `the NUT server ${host}:${port}`;
  const silent = (why: string): ZhishouError => new ZhishouError('UNREACHABLE', device, `${why} (${word})`);
  const refused = (why: string): ZhishouError => new ZhishouError('REFUSED', device, `${why} (${word})`);
  switch (word) {
    case 'DATA-STALE':
      return silent(`${where} has lost contact with the UPS ${ups}`);
    case 'DRIVER-NOT-CONNECTED':
      return silent(`the driver of ${ups} on ${where} does not run`);
    case 'UNKNOWN-UPS':
      return refused(`${where} knows no UPS ${ups}`);
    case 'ACCESS-DENIED':
      return refused(`${where} does not let this address or user read ${ups}`);
    case 'INVALID-USERNAME':
    case 'INVALID-PASSWORD':
    case 'USERNAME-REQUIRED':
    case 'PASSWORD-REQUIRED':
      return refused(`${where} does not take the user or the password`);
    default:
      return refused(`${where} refuses to tell of ${ups}`);
  }
}
