import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Check } from '#core/config/checks.ts';
import type { Clock, ServiceAnswer, ServiceProbe } from '#core/ports.ts';
import { Secret } from '#core/secret.ts';
import { type Duration, instant, milliseconds, seconds } from '#core/time.ts';
import { askHttp, type HttpFailure } from './http-request.ts';
import { runCommand } from './run-command.ts';

type Of<K extends string> = Extract<Check, Record<K, unknown>>;
type Failed = Exclude<ServiceAnswer, { result: 'answered' }>;

/** Over the network; all limits are real time, because it is the other machine that is waited for. */
export function createServiceProbe(clock: Clock): ServiceProbe {
  return {
    ask: (check) => {
      if ('ping' in check) return ping(check, clock);
      if ('http' in check) return http(check, clock);
      return 'tls' in check ? tls(check, clock) : tcp(check, clock);
    },
  };
}

const failed = (result: Failed['result'], detail: string): ServiceAnswer => ({ result, detail });

const REASONS: Readonly<Record<string, Failed['result']>> = {
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timed-out',
  ENOTFOUND: 'name-unknown',
  EAI_AGAIN: 'name-unknown',
  ECONNRESET: 'broken-off',
  EPIPE: 'broken-off',
};
const why = (error: Error & { code?: string }): ServiceAnswer =>
  failed(REASONS[error.code ?? ''] ?? 'unreachable', error.message);

/** The system's ping: raw sockets need rights that this process should not have. `-W` counts whole seconds. */
async function ping({ ping: { host }, timeout }: Of<'ping'>, clock: Clock): Promise<ServiceAnswer> {
  const wait = Math.max(1, Math.ceil(timeout / 1000));
  // A name that begins with a hyphen is no name; `--` keeps ping from taking it as an option.
  const args = ['-n', '-c', '1', '-W', String(wait), '--', host];
  const { result, output, detail } = await runCommand('ping', args, { clock, limit: seconds(wait + 2) });
  const took = /time[=<]([\d.]+) ms/.exec(output ?? '')?.[1];
  if (result === 'ok' && took !== undefined) return { result: 'answered', latency: milliseconds(Number(took)) };
  const text = (output ?? '').trim();
  if (/not known|resolution/.test(text)) return failed('name-unknown', `${host} is not a known name`);
  // Its last word is about statistics; what it says before them tells why.
  if (/unreachable/i.test(text)) return failed('unreachable', `${host} cannot be reached`);
  if (/packets? transmitted/.test(text)) return failed('timed-out', `no answer from ${host} within ${wait} s`);
  return failed('unreachable', text.slice(0, 200) || detail);
}

/** Whatever it still says is nobody's error. */
function drop(socket: Socket): void {
  socket.removeAllListeners();
  socket.on('error', () => {});
  socket.destroy();
}

function tcp({ tcp: { host, port, greets }, timeout }: Of<'tcp'>, clock: Clock): Promise<ServiceAnswer> {
  return new Promise((resolve) => {
    const began = clock.monotonic();
    const took = (): Duration => milliseconds(clock.monotonic() - began);
    const socket = connect({ host, port });
    let said = '';
    const end = (answer: ServiceAnswer): void => {
      clearTimeout(timer);
      drop(socket);
      resolve(answer);
    };
    const timer = setTimeout(() => {
      end(said === '' ? failed('timed-out', `${host}:${port} says nothing within ${timeout} ms`) : answered());
    }, timeout);
    const answered = (): ServiceAnswer => ({ result: 'answered', latency: took(), text: said });
    socket.once('error', (error) => end(why(error)));
    socket.once('connect', () => {
      if (greets === undefined) end({ result: 'answered', latency: took() });
    });
    socket.on('data', (bytes: Buffer) => {
      said = (said + bytes.toString('utf8')).slice(0, 1000);
      if (greets !== undefined && said.length >= greets.length) end(answered());
    });
    socket.once('close', () => end(said === '' ? failed('broken-off', `${host}:${port} closed at once`) : answered()));
  });
}

const HTTP_FAILURES: Readonly<Record<HttpFailure['why'], Failed['result']>> = {
  closed: 'refused',
  silent: 'timed-out',
  away: 'unreachable',
  certificate: 'certificate-untrusted',
  ended: 'timed-out',
  broken: 'broken-off',
};

async function http({ http: asked, timeout }: Of<'http'>, clock: Clock): Promise<ServiceAnswer> {
  const began = clock.monotonic();
  const headers = Object.entries(asked.headers).map(([name, value]) => [
    name,
    value instanceof Secret ? value.reveal() : value,
  ]);
  const answer = await askHttp({
    url: asked.url,
    method: asked.method,
    headers: { 'user-agent': 'zhishou', ...Object.fromEntries(headers) },
    fingerprint: asked.fingerprint,
    signal: AbortSignal.timeout(timeout),
  });
  if ('reply' in answer) {
    const { status, body } = answer.reply;
    return { result: 'answered', latency: milliseconds(clock.monotonic() - began), status, text: body };
  }
  const { why: reason, detail } = answer.failure;
  return failed(/ENOTFOUND|EAI_AGAIN/.test(detail) ? 'name-unknown' : HTTP_FAILURES[reason], detail);
}

function tls({ tls: asked, timeout }: Of<'tls'>, clock: Clock): Promise<ServiceAnswer> {
  const { host, port } = asked;
  const name = asked.server_name ?? (isIP(host) === 0 ? host : undefined);
  return new Promise((resolve) => {
    const began = clock.monotonic();
    // Shaken hands with whoever is there: a certificate that ran out is an answer to be told, not an error.
    const socket = connectTls({
      host,
      port,
      rejectUnauthorized: false,
      ...(name === undefined ? {} : { servername: name }),
    });
    const end = (answer: ServiceAnswer): void => {
      clearTimeout(timer);
      drop(socket);
      resolve(answer);
    };
    const timer = setTimeout(() => end(failed('timed-out', `${host}:${port} within ${timeout} ms`)), timeout);
    socket.once('error', (error) => end(why(error)));
    socket.once('close', () => end(failed('broken-off', `${host}:${port} closed the connection`)));
    socket.once('secureConnect', () => {
      const until = Date.parse(socket.getPeerCertificate().valid_to);
      if (!Number.isFinite(until)) return end(failed('broken-off', `${host}:${port} shows no certificate`));
      const certificate = { until: instant(until), doubt: doubtOf(socket) };
      end({ result: 'answered', latency: milliseconds(clock.monotonic() - began), certificate });
    });
  });
}

/** Of Node's reasons; that it ran out is seen by its date. */
function doubtOf(socket: TLSSocket): 'untrusted' | 'of-another' | null {
  // Node has an error object here, or its code, by version.
  const given: unknown = socket.authorizationError;
  const text = given instanceof Error && 'code' in given ? String(given.code) : String(given ?? '');
  if (socket.authorized || text === 'CERT_HAS_EXPIRED') return null;
  return text === 'ERR_TLS_CERT_ALTNAME_INVALID' ? 'of-another' : 'untrusted';
}
