import { ZhishouError } from '#core/errors.ts';
import type { InfluxAnswer, InfluxHttp } from './influx-http.ts';
import type { InfluxOptions } from './influx-options.ts';

/** Which of the line protocol's servers stands at the address. */
export type Generation = '1' | '2' | '3' | 'victoria-metrics';

export interface InfluxServer {
  readonly generation: Generation;
  /** `InfluxDB 1.6.7~rc0`, `VictoriaMetrics`. */
  readonly name: string;
}

type Credentials = Pick<InfluxOptions, 'user' | 'password' | 'token'>;

/**
 * The header that each generation takes:
 * - 1.x: Basic, or a JWT as Bearer (InfluxDB 1.8 manual, "Authentication and authorization").
 * - 2.x: `Token` (v2 API manual, "Authentication"); Basic for the 1.x compatibility API alone, by users of `influx v1 auth`.
 * - 3: `Bearer` everywhere; for the compatibility APIs also Basic with the token as password (3 Core, "Compatibility APIs").
 * - VictoriaMetrics: Basic (`-httpAuth.username`), or Bearer with vmauth in front.
 */
export function authorization(
  generation: Generation | 'unknown',
  { user, password, token }: Credentials,
): string | undefined {
  const basic =
    user === undefined
      ? undefined
      : `Basic ${Buffer.from(`${user}:${password?.reveal() ?? ''}`, 'utf8').toString('base64')}`;
  if (generation === '2' && token !== undefined) return `Token ${token.reveal()}`;
  return basic ?? (token === undefined ? undefined : `Bearer ${token.reveal()}`);
}

/**
 * Asks what it is. Every InfluxDB says so at /ping by header (1.x and 2.x: `X-Influxdb-Version: 1.6.7`, `v2.7.10`; 3 in the
 * body too: `{"version":"3.0.0"}`); a 2.0 behind a proxy that drops headers says it at /health. VictoriaMetrics answers
 * /ping without a version, /query and /write with `X-Influxdb-Version: 1.8.0` (to please clients: so neither is asked), and
 * every path with `X-Server-Hostname`; its front page has its name.
 *
 * Throws STORE_DOWN: nobody there, the credentials refused, or another kind of server.
 */
export async function recognise(http: InfluxHttp, credentials: Credentials): Promise<InfluxServer> {
  const header = authorization('unknown', credentials);
  const ask = (path: string) => http.ask({ method: 'GET', path, authorization: header });
  const ping = await ask('/ping');
  if (ping.headers['x-server-hostname'] !== undefined)
    return { generation: 'victoria-metrics', name: 'VictoriaMetrics' };
  // 2.0 sends the header empty, 2.1 twice.
  const [told = ''] = (ping.headers['x-influxdb-version'] ?? '').split(', ');
  const version = told === '' ? jsonField(ping, 'version') : told;
  if (version !== null) return byVersion(http, version);
  // 3 asks for a token even here; anybody else lets /ping through.
  if (ping.status === 401 || ping.status === 403)
    throw new ZhishouError('STORE_DOWN', http.host, 'it refuses the credentials');
  if (ping.status >= 500) throw new ZhishouError('STORE_DOWN', http.host, `HTTP ${ping.status}`);
  const health = await ask('/health');
  const older = jsonField(health, 'name') === 'influxdb' ? jsonField(health, 'version') : null;
  if (older !== null) return byVersion(http, older);
  if ((await ask('/')).body.includes('VictoriaMetrics'))
    return { generation: 'victoria-metrics', name: 'VictoriaMetrics' };
  throw new ZhishouError('STORE_DOWN', http.host, 'what answers there is neither InfluxDB nor VictoriaMetrics');
}

function byVersion(http: InfluxHttp, text: string): InfluxServer {
  const version = text.replace(/^v/, '');
  const major = Number(/^\d+/.exec(version)?.[0]);
  if (!(major >= 1 && major <= 3))
    throw new ZhishouError('STORE_DOWN', http.host, `InfluxDB of an unknown version: ${text.slice(0, 40)}`);
  return { generation: String(major) as '1' | '2' | '3', name: `InfluxDB ${version.slice(0, 40)}` };
}

/** A text field of a JSON answer, null when there is none. */
export function jsonField(answer: Pick<InfluxAnswer, 'body'>, name: string): string | null {
  try {
    const value: unknown = (JSON.parse(answer.body) as Record<string, unknown> | null)?.[name];
    return typeof value === 'string' ? value : null;
  } catch {
    return null;
  }
}
