import { ZhishouError } from '#core/errors.ts';
import type { Duration } from '#core/time.ts';
import { refusalText } from './influx-ql.ts';
import { authorization } from './influx-server.ts';
import type { Prepared, SetupContext } from './influx-setup.ts';

/**
 * InfluxDB 3: a database with one retention period, set when it is made and in Core unchangeable afterwards (3 Core manual,
 * "Create a database"; at most five databases there). Making one needs an admin token; without, the first write makes it,
 * kept for ever. Lines go to /api/v2/write?bucket=<database>, which takes Bearer and Token ("Compatibility APIs").
 */
export async function prepareDatabase({ http, options, log }: SetupContext): Promise<Prepared> {
  const { database, keep } = options;
  const header = authorization('3', options);
  const prepared: Prepared = {
    writePath: null,
    organization: '',
    rawPolicy: null,
    rawKeep: null,
    rollups: [],
    apart: new Map(),
  };
  const path = '/api/v3/configure/database';
  const shown = await http.ask({ method: 'GET', path, params: { format: 'json' }, authorization: header });
  if (shown.status >= 500) throw new ZhishouError('STORE_DOWN', http.host, `HTTP ${shown.status}`);
  // Each row is {"iox::database": name}; how long it is kept the list does not say.
  if (shown.status === 200 && namesOf(shown.body).includes(database)) return prepared;
  const raw = keep?.raw ?? null;
  const json = { db: database, ...(raw === null ? {} : { retention_period: periodOf(raw) }) };
  const made = await http.ask({ method: 'POST', path, json, authorization: header });
  if (made.status === 200 || made.status === 201) {
    log.info({ database }, 'history: database made');
    return { ...prepared, rawKeep: raw };
  }
  // 409: another was quicker.
  if (made.status !== 409)
    log.warn(
      { reason: refusalText(made.body) },
      'history: the database is not made by us; the first write may make it',
    );
  return prepared;
}

/** Whole hours, the shortest that 3 takes. */
const periodOf = (keep: Duration): string => `${Math.max(1, Math.round(keep / 3_600_000))}h`;

function namesOf(body: string): readonly string[] {
  try {
    const rows: unknown = JSON.parse(body);
    if (!Array.isArray(rows)) return [];
    return rows.flatMap((row: unknown) => Object.values(row as Record<string, unknown>).map(String));
  } catch {
    return [];
  }
}
