import type { Action } from '#core/config/device.ts';
import { invariant } from '#core/errors.ts';
import type { ActionDriver, ActionOutcome, Clock } from '#core/ports.ts';
import { fillTemplate } from '#core/text.ts';
import { askHttp, connectHttp, type HttpFailure, type HttpQuestion } from '#platform/http-request.ts';
import { describeUrl } from './describe.ts';
import { fillUrl } from './fill-url.ts';
import { calledOffAt } from './within-limit.ts';

/**
 * One HTTP request: a relay, a lamp, another system's interface. A status that the action accepts is `ok`; any other 4xx or
 * a connection that was never made is `failed`; sent and no answer, or a 5xx, is `unknown`.
 */
type HttpTarget = Extract<Action, { http: unknown }>['http'];
type Values = Readonly<Record<string, string>>;

export function createHttpDriver({ clock }: { readonly clock: Clock }): ActionDriver {
  return {
    run(action, context) {
      invariant('http' in action, 'the http driver runs http actions');
      const { http } = action;
      return calledOffAt(clock, context.limit, (signal) => order(http, context.values, signal));
    },
    test(action, context) {
      invariant('http' in action, 'the http driver tests http actions');
      const { http } = action;
      const { test } = http;
      return calledOffAt(clock, context.limit, (signal) =>
        test === undefined
          ? knock(http, context.values, signal)
          : look(http, fillUrl(test.url, context.values), context.values, signal),
      );
    },
  };
}

async function order(http: HttpTarget, values: Values, signal: AbortSignal): Promise<ActionOutcome> {
  const url = fillUrl(http.url, values);
  const body = http.body === undefined ? undefined : fillTemplate(http.body, values);
  const answered = await askHttp({ ...question(http, values, url, signal), method: http.method, body });
  if ('failure' in answered) return outcomeOf(answered.failure);
  const { status, body: output } = answered.reply;
  const detail = `${new URL(url).host} answered ${status}`;
  if (http.accept.includes(status)) return { result: 'ok', detail, output };
  // RFC 9110 section 15.6: the server failed at something that may have been done.
  return { result: status >= 500 ? 'unknown' : 'failed', detail, output };
}

/** Only the connection, and with https its certificate. */
async function knock(http: HttpTarget, values: Values, signal: AbortSignal): Promise<ActionOutcome> {
  const url = fillUrl(http.url, values);
  const connected = await connectHttp({ url, fingerprint: http.fingerprint, signal });
  if ('failure' in connected) return outcomeOf(connected.failure);
  connected.socket.on('error', () => {});
  connected.socket.destroy();
  return {
    result: 'ok',
    detail: `${new URL(url).host} takes connections; without test.url its credentials are not tried`,
  };
}

/** A request without side effects. `output` says `up`, `down` or `silent` where it can be told. */
async function look(http: HttpTarget, url: string, values: Values, signal: AbortSignal): Promise<ActionOutcome> {
  const answered = await askHttp({ ...question(http, values, url, signal), method: 'GET' });
  if ('failure' in answered) {
    const { why, detail } = answered.failure;
    const seen = why === 'closed' ? { output: 'down' } : why === 'silent' ? { output: 'silent' } : {};
    return { result: 'failed', detail, ...seen };
  }
  const { status } = answered.reply;
  const detail = `${describeUrl(url)} answered ${status}`;
  if (status === 401 || status === 403) return { result: 'failed', detail: `${detail}: the credentials are refused` };
  if (http.accept.includes(status)) return { result: 'ok', detail, output: 'up' };
  return { result: 'failed', detail, ...(status >= 500 ? { output: 'down' } : {}) };
}

function question(http: HttpTarget, values: Values, url: string, signal: AbortSignal): Omit<HttpQuestion, 'method'> {
  const headers = Object.entries(http.headers).map(([name, value]) => [
    name.toLowerCase(),
    typeof value === 'string' ? fillTemplate(value, values) : value.reveal(),
  ]);
  const given = Object.fromEntries(headers) as Record<string, string>;
  // A JSON body says so itself.
  const type = http.body?.trimStart().startsWith('{') === true ? { 'content-type': 'application/json' } : {};
  return { url, headers: { ...type, ...given }, fingerprint: http.fingerprint, signal };
}

/** What was never sent has failed; what may have arrived is not known. */
export const outcomeOf = ({ sent, detail }: HttpFailure): ActionOutcome => ({
  result: sent ? 'unknown' : 'failed',
  detail,
});
