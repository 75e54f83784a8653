import { type ErrorCode, messageOf, ZhishouError } from '#core/errors.ts';
import { hideSecrets } from '#core/hide-secrets.ts';
import { type HttpAnswer, type HttpRequest, sendHttp } from '#platform/net.ts';

/** One exchange of a channel: named by the channel, and no secret in what goes wrong. */
export function exchange(
  channel: string,
  request: Omit<HttpRequest, 'subject' | 'hide'>,
  secrets: readonly string[],
): Promise<HttpAnswer> {
  const all = [...secrets, ...keysOf(request.url)];
  return sendHttp({ ...request, subject: channel, hide: (text) => hideSecrets(text, all) });
}

/** An address may carry its key in the path or the query: none of both is ever told. */
function keysOf(url: string): readonly string[] {
  const parsed = URL.parse(url);
  if (parsed === null) return [url];
  return [url, ...parsed.searchParams.values(), parsed.password, parsed.pathname.split('/').at(-1) ?? ''].filter(
    (part) => part.length >= 8,
  );
}

/** What an API of numbered answers means: HTTP 200 says only that it was heard. */
export interface AnswerCodes {
  readonly code: string;
  readonly text: string;
  readonly known: Readonly<Record<number, ErrorCode>>;
}

/**
 * Throws when the answer is no success. A code that is not listed may be tried again (BAD_ANSWER): the number of tries is bounded,
 * a message that was never sent again is lost.
 */
export function judgeAnswer(channel: string, answer: HttpAnswer, codes: AnswerCodes, secrets: readonly string[]): void {
  const fields = parseObject(channel, answer.body);
  const code = fields[codes.code];
  if (code === 0) return;
  if (typeof code !== 'number') {
    throw new ZhishouError(
      'BAD_ANSWER',
      channel,
      `no ${codes.code} in ${hideSecrets(answer.body, secrets).slice(0, 100)}`,
    );
  }
  const said = hideSecrets(String(fields[codes.text] ?? ''), secrets).slice(0, 200);
  throw new ZhishouError(codes.known[code] ?? 'BAD_ANSWER', channel, `${code} ${said}`.trim());
}

function parseObject(channel: string, body: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>;
    throw new Error('no object');
  } catch (error) {
    throw new ZhishouError('BAD_ANSWER', channel, `the answer is not JSON: ${messageOf(error).slice(0, 60)}`);
  }
}
