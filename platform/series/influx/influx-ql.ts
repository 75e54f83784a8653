import { messageOf, ZhishouError } from '#core/errors.ts';
import { type Duration, type Instant, instant, toIso } from '#core/time.ts';
import type { InfluxHttp } from './influx-http.ts';
import type { InfluxOptions } from './influx-options.ts';
import { authorization, type InfluxServer } from './influx-server.ts';

/** One series of an answer: `values` are rows in the order of `columns`. */
export interface QlSeries {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly values: readonly (readonly unknown[])[];
}

/** What the server says of a statement that it does not carry out: `database not found: x`. */
export class QlRefusal extends Error {}

/** Sends InfluxQL, the one query language that all three generations serve at /query. */
export interface Ql {
  /** The tag that this site's readings have. */
  readonly site: string;
  /** What to select from: `"db"."policy".<measurement>`, or the measurement alone where the policy is null. */
  source(policy: string | null, measurement: string): string;
  /** Reads; the series of the one statement. Throws QlRefusal, STORE_DOWN. */
  select(statement: string): Promise<readonly QlSeries[]>;
  /** Changes something: 1.x takes such statements by POST only. */
  manage(statement: string, timeout?: Duration): Promise<readonly QlSeries[]>;
}

/** Above this a question goes as a POST: proxies cut long addresses. */
const LONGEST_ADDRESS = 2000;

export function createQl(http: InfluxHttp, server: InfluxServer, options: InfluxOptions): Ql {
  const header = authorization(server.generation, options);
  const send = async (statement: string, method: 'GET' | 'POST', timeout?: Duration): Promise<readonly QlSeries[]> => {
    const params = { db: options.database, epoch: 'ms', q: statement };
    const answer = await http.ask({
      method,
      path: '/query',
      authorization: header,
      timeout,
      ...(method === 'GET' ? { params } : { form: params }),
    });
    // 403 is about the statement: 1.x says so to users who may not make what is missing.
    if (answer.status === 401)
      throw new ZhishouError('STORE_DOWN', http.host, `it refuses the credentials: ${refusalText(answer.body)}`);
    if (answer.status >= 500 || answer.status === 429)
      throw new ZhishouError('STORE_DOWN', http.host, `HTTP ${answer.status}: ${refusalText(answer.body)}`);
    if (answer.status !== 200) throw new QlRefusal(`HTTP ${answer.status}: ${refusalText(answer.body)}`);
    return readAnswer(http.host, answer.body);
  };
  return {
    site: options.site,
    source: (policy, measurement) =>
      policy === null ? measurement : `${identifier(options.database)}.${identifier(policy)}.${measurement}`,
    // 3 reads the parameters from the address alone.
    select: (statement) =>
      send(statement, statement.length > LONGEST_ADDRESS && server.generation !== '3' ? 'POST' : 'GET'),
    manage: (statement, timeout) => send(statement, 'POST', timeout),
  };
}

/** 1.x and 3 say `{"error": …}`, 2.x `{"code": …, "message": …}`, proxies what they like. */
export function refusalText(body: string): string {
  try {
    const parsed = JSON.parse(body) as { error?: unknown; message?: unknown } | null;
    const text = parsed?.error ?? parsed?.message;
    if (typeof text === 'string') return text.slice(0, 300);
  } catch {
    // not JSON: the text itself
  }
  return body.trim().slice(0, 300);
}

function readAnswer(host: string, body: string): readonly QlSeries[] {
  // 3 says nothing at all when there is no row.
  if (body.trim() === '') return [];
  let parsed: { results?: readonly { error?: unknown; series?: readonly Partial<QlSeries>[] }[]; error?: unknown };
  try {
    parsed = JSON.parse(body) as typeof parsed;
  } catch (error) {
    throw new ZhishouError('STORE_DOWN', host, `its answer is not JSON: ${messageOf(error)}`, { cause: error });
  }
  const [result] = parsed.results ?? [];
  const refused = parsed.error ?? result?.error;
  if (refused !== undefined) throw new QlRefusal(String(refused).slice(0, 300));
  return (result?.series ?? []).map(({ name = '', tags = {}, columns = [], values = [] }) => ({
    name,
    tags,
    columns,
    values,
  }));
}

/** The rows with their values in the order asked for: 3 may leave a column out that no row has. */
export function rowsOf(series: QlSeries | undefined, columns: readonly string[]): readonly (readonly unknown[])[] {
  if (series === undefined) return [];
  if (columns.every((name, place) => series.columns[place] === name)) return series.values;
  const places = columns.map((name) => series.columns.indexOf(name));
  return series.values.map((row) => places.map((place) => row[place] ?? null));
}

/** An identifier: `"a\"b"`. */
export const identifier = (name: string): string =>
  `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;

/** A text: `'it\'s'`. */
export const literal = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;

/** Nanoseconds since 1970 in 63 bits: nothing is before or after. */
const EARLIEST = instant(Date.UTC(1678, 0, 1));
const LATEST = instant(Date.UTC(2262, 0, 1));

/** A moment, as RFC 3339: what all three read alike. Fractions of a millisecond go up: no sample is between two. */
export const moment = (at: Instant): string =>
  `'${toIso(instant(Math.ceil(Math.min(LATEST, Math.max(EARLIEST, at)))))}'`;
