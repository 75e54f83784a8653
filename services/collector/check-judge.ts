import type { Check } from '#core/config/checks.ts';
import type { ServiceWord } from '#core/points.ts';
import type { ServiceAnswer } from '#core/ports.ts';
import { between, type Instant } from '#core/time.ts';
import type { Said } from './device-book.ts';

/** What a look at a service from outside means. Pure. */
export interface CheckResult {
  readonly word: ServiceWord;
  /** For people, when it is not ok. */
  readonly detail: string;
  /** Of the question, seconds; null when nothing answered. */
  readonly latencyS: number | null;
  /** Of its certificate, seconds, below zero when it has run out; null without one. */
  readonly remainingS: number | null;
  /** Something is there, whatever it says. */
  readonly alive: boolean;
}

export function judgeCheck(check: Check, answer: ServiceAnswer, now: Instant): CheckResult {
  if (answer.result !== 'answered') {
    const { result: word, detail } = answer;
    // A refusal, a broken talk and a wrong certificate come from a machine that runs.
    const alive = word === 'refused' || word === 'broken-off' || word === 'certificate-untrusted';
    return { word, detail, latencyS: null, remainingS: null, alive };
  }
  const remainingS =
    answer.certificate === undefined ? null : Math.round(between(now, answer.certificate.until) / 1000);
  const [word, detail] = doubt(check, answer, remainingS) ?? ['ok', ''];
  return { word, detail, latencyS: answer.latency / 1000, remainingS, alive: true };
}

type Answered = Extract<ServiceAnswer, { result: 'answered' }>;

function doubt(check: Check, answer: Answered, remainingS: number | null): [ServiceWord, string] | null {
  if ('tcp' in check) {
    const { greets } = check.tcp;
    if (greets === undefined || (answer.text ?? '').startsWith(greets)) return null;
    return ['wrong-content', `it says ${quote(answer.text ?? '')}, not ${quote(greets)}`];
  }
  if ('http' in check) {
    const { accept, contains } = check.http;
    const status = answer.status ?? 0;
    const accepted = accept === undefined ? status >= 200 && status < 400 : accept.includes(status);
    if (!accepted) return ['wrong-status', `HTTP ${status}`];
    if (contains === undefined || (answer.text ?? '').includes(contains)) return null;
    return ['wrong-content', `the page does not say ${quote(contains)}`];
  }
  if (remainingS !== null && remainingS <= 0) return ['certificate-expired', 'its certificate has run out'];
  if (!('tls' in check) || !check.tls.trusted) return null;
  const reason = answer.certificate?.doubt ?? null;
  if (reason === 'untrusted') return ['certificate-untrusted', 'nobody known vouches for its certificate'];
  return reason === 'of-another' ? ['certificate-of-another', 'its certificate is for another name'] : null;
}

const quote = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);

/** One check's points; what was not measured is told as missing with the reason. */
export function tellCheck(check: Check, { word, detail, latencyS, remainingS }: CheckResult): Said[] {
  const { name } = check;
  const measured = (point: string, value: number | null): Said => ({
    point: `service.${name}.${point}`,
    decoded:
      value === null ? { value: null, quality: 'missing', reason: detail || 'not told' } : { value, quality: 'good' },
  });
  return [
    { point: `service.${name}.available`, decoded: { value: word === 'ok', quality: 'good' } },
    { point: `service.${name}.result`, decoded: { value: word, quality: 'good' } },
    measured('latency', latencyS),
    ...('tls' in check ? [measured('certificate.remaining', remainingS)] : []),
  ];
}

/** All checks of a device in one, for rules: it is available when all are that were looked at; the certificate that runs out first. */
export function tellAllChecks(results: ReadonlyMap<string, CheckResult>): Said[] {
  const all = [...results.values()];
  const remaining = all.map((one) => one.remainingS).filter((value) => value !== null);
  const available = all.every((one) => one.word === 'ok');
  const said: Said[] = [{ point: 'service.available', decoded: { value: available, quality: 'good' } }];
  if (remaining.length > 0)
    said.push({
      point: 'service.certificate.remaining',
      decoded: { value: Math.min(...remaining), quality: 'good' },
    });
  return said;
}
