import { fillObject, fillPlaceholders, type TemplateValue } from '#core/channel-template.ts';
import type { ChannelConfigOf } from '#core/config/channels.ts';
import { ZhishouError } from '#core/errors.ts';
import { hideSecrets, secretsOf } from '#core/hide-secrets.ts';
import type { OutgoingMessage } from '#core/notification.ts';
import type { Channel } from '#core/ports.ts';
import { Secret } from '#core/secret.ts';
import type { HttpAnswer, HttpRequest } from '#platform/net.ts';
import { toGbk } from './gbk.ts';
import { exchange } from './guarded-exchange.ts';
import { codeLine, secretsIn } from './message-words.ts';
import { fitSms } from './sms-text.ts';
import { escapeFor, revealed, valuesOf } from './webhook-channel.ts';

type SmsConfig = ChannelConfigOf<'sms-http'>;

/**
 * Text messages over a provider's HTTP interface, described in site.yaml. Beside the placeholders of core/channel-template.ts there are
 * `{number}`, as the provider writes numbers, and `{sms}`: signature, subject, body and code, cut to what the segments hold.
 * What is success is said there too: the status alone, or a key of the answer, or a pattern.
 */
export function createSmsHttpChannel(name: string, config: SmsConfig, site: string): Channel {
  const secrets = secretsOf(config);
  const judge = createJudge(name, config);
  return {
    async send(message) {
      const hidden = [...secrets, ...secretsIn(message)];
      const answer = await exchange(name, toRequest(config, valuesFor(name, config, message, site)), hidden);
      judge(answer, hidden);
    },
    close: () => Promise.resolve(),
  };
}

type Values = Readonly<Record<string, string>>;

function valuesFor(name: string, config: SmsConfig, message: OutgoingMessage, site: string): Values {
  const number = numberOf(message.to, config.number);
  if (number === null) throw new ZhishouError('REFUSED', name, 'the route is no telephone number');
  const sms = fitSms(`${config.signature}${message.subject}`, message.body, codeLine(message), config.segments);
  return { ...valuesOf(message, site), number, sms };
}

/** Any way to write a number → the one that the provider wants; null when it is none. */
export function numberOf(to: string, { country, form }: SmsConfig['number']): string | null {
  if (!/^\+?[\d][\d \-()]{4,24}$/.test(to)) return null;
  const digits = to.replaceAll(/\D/g, '');
  const abroad = to.startsWith('+') ? digits : digits.startsWith('00') ? digits.slice(2) : null;
  // Eleven digits that begin with 1 are a mobile number at home; the country's code may stand before them without a sign.
  const inHome =
    abroad ?? (country === '86' && /^86(1\d{10})$/.test(digits) ? digits : `${country}${digits.replace(/^0/, '')}`);
  const national = inHome.startsWith(country) ? inHome.slice(country.length) : null;
  if (form === 'national') return national ?? `00${inHome}`;
  return { e164: `+${inHome}`, plain: inHome, zeros: `00${inHome}` }[form];
}

function toRequest(config: SmsConfig, values: Values): Omit<HttpRequest, 'subject' | 'hide'> {
  const encode = config.charset === 'gbk' ? percentGbk : encodeURIComponent;
  const address = config.url instanceof Secret ? config.url.reveal() : config.url;
  const contentType = contentTypeOf(config);
  const body = bodyOf(config, values, contentType, encode);
  return {
    url: fillPlaceholders(address, values, encode),
    method: config.method,
    headers: { ...(contentType === null ? {} : { 'content-type': contentType }), ...revealed(config.headers) },
    ...(body === null || config.method === 'GET' ? {} : { body: config.charset === 'gbk' ? toGbk(body) : body }),
    timeoutMs: config.timeout,
  };
}

function contentTypeOf(config: SmsConfig): string | null {
  if (config.content_type !== undefined) return config.content_type;
  if (config.form !== undefined) return `application/x-www-form-urlencoded; charset=${config.charset}`;
  if (config.body === undefined) return null;
  return typeof config.body === 'string' ? `text/plain; charset=${config.charset}` : 'application/json';
}

function bodyOf(
  config: SmsConfig,
  values: Values,
  contentType: string | null,
  encode: (value: string) => string,
): string | null {
  const plain = (value: string): string => value;
  if (config.form !== undefined) {
    const pairs = Object.entries(config.form).map(([key, value]) => {
      const filled = value instanceof Secret ? value.reveal() : fillPlaceholders(value, values, plain);
      return `${encode(key)}=${encode(filled)}`;
    });
    return pairs.join('&');
  }
  if (config.body === undefined) return null;
  if (typeof config.body !== 'string') return JSON.stringify(fillObject(config.body as TemplateValue, values));
  const inForm = contentType !== null && /x-www-form-urlencoded/i.test(contentType);
  return fillPlaceholders(config.body, values, inForm ? encode : escapeFor(contentType ?? ''));
}

/** `%B1%B8` as gateways of GBK read it; what encodeURIComponent leaves alone stays. */
function percentGbk(text: string): string {
  return [...toGbk(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return byte < 0x80 && /[A-Za-z0-9\-_.!~*'()]/.test(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

type Judged = NonNullable<SmsConfig['success']>;

function createJudge(name: string, config: SmsConfig): (answer: HttpAnswer, secrets: readonly string[]) => void {
  const success = config.success === undefined ? null : matcherOf(config.success);
  const refused = config.refused === undefined ? null : matcherOf(config.refused);
  return ({ body }, secrets) => {
    if (success === null ? refused?.(body) !== true : success(body)) return;
    const said = hideSecrets(body, secrets).replaceAll(/\s+/g, ' ').slice(0, 200);
    throw new ZhishouError(refused?.(body) === true ? 'REFUSED' : 'BAD_ANSWER', name, said);
  };
}

function matcherOf({ json, equals = [], matches }: Judged): (body: string) => boolean {
  if (json === undefined) {
    const pattern = new RegExp(matches ?? '', 'u');
    return (body) => pattern.test(body);
  }
  const steps = json.split(/[.[\]]/).filter((step) => step !== '');
  const wanted = new Set(equals.map(String));
  return (body) => {
    const found = valueIn(body, steps);
    return found !== undefined && wanted.has(String(found));
  };
}

function valueIn(body: string, steps: readonly string[]): unknown {
  try {
    return steps.reduce<unknown>(
      (value, step) =>
        typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[step] : undefined,
      JSON.parse(body),
    );
  } catch {
    return undefined;
  }
}
