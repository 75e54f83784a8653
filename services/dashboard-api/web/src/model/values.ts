import { definePoint, UPS_STATUS_TOKENS } from '#core/points.ts';
import { type Quality, statusTokens, type Value } from '#core/reading.ts';
import type { Language } from '#core/text.ts';
import { wordText, wordTexts } from '#core/word-texts.ts';

/** How a value of a point is written: number and unit apart, one decimal where the sensor deserves it. Pure. */

export interface Written {
  readonly text: string;
  readonly unit: string;
}

/** Decimals by unit: what a machine-room sensor of the kind can tell. */
const DECIMALS: Readonly<Record<string, number>> = { '°C': 1, K: 1, A: 1, Hz: 1, 'm/s': 1, s: 0, V: 0, '%': 0, W: 0 };

/** Units that are written in thousands from a figure on: an energy meter's seven digits say nothing at a glance. */
const THOUSANDS: Readonly<Record<string, { readonly from: number; readonly decimals: number }>> = {
  W: { from: 1000, decimals: 2 },
  VA: { from: 1000, decimals: 2 },
  var: { from: 1000, decimals: 2 },
  Wh: { from: 1000, decimals: 1 },
  Pa: { from: 10_000, decimals: 1 },
};

const HOUR_NAMES: Readonly<Record<Language, string>> = { zh: '小时', en: 'h' };
const SECOND_NAMES: Readonly<Record<Language, string>> = { zh: '秒', en: 's' };
const NOT_COUNTING: Readonly<Record<Language, string>> = { zh: '未计时', en: 'not counting' };
const MINUTE_NAMES: Readonly<Record<Language, string>> = { zh: '分钟', en: 'min' };

/** Translation key of a truth of a point: `truth.room.smoke.true`, else the plain yes/no. */
const TRUTHS = new Set([
  'room.smoke',
  'room.leak',
  'room.door',
  'room.motion',
  'room.panic',
  'room.siren',
  'host.reachable',
  'device.responding',
]);

export type Translate = (key: string) => string;

export function writeValue(point: string, value: Value | null, language: Language, t: Translate): Written {
  if (value === null) return { text: '—', unit: '' };
  if (typeof value === 'boolean') {
    // `room.2.leak` is said as `room.leak` is.
    const plain = point.replace(/^room\..+\./, 'room.');
    const group = TRUTHS.has(plain) ? plain.replaceAll('.', '_') : 'plain';
    return { text: t(`truth.${group}.${value}`), unit: '' };
  }
  if (typeof value === 'string') return { text: writeWords(point, value, language, t), unit: '' };
  return writeNumber(point, value, language);
}

function writeWords(point: string, value: string, language: Language, t: Translate): string {
  const texts = definePoint(point)?.kind === 'set' ? wordTexts(value, point) : [wordText(value, point)];
  const words =
    point === 'ups.status'
      ? [...statusTokens(value)].map((token) => (isUpsToken(token) ? t(`status.${token}`) : token))
      : texts.map((text) => (text.zh === text.en ? text.en : text[language]));
  const said = words.join(t('list.comma'));
  // A name or a text of the device's own stays as it came.
  return texts.every(({ zh, en }) => zh === en) ? said : said.charAt(0).toUpperCase() + said.slice(1);
}

const isUpsToken = (token: string): boolean => (UPS_STATUS_TOKENS as readonly string[]).includes(token);

function writeNumber(point: string, value: number, language: Language): Written {
  const unit = definePoint(point)?.unit ?? '';
  // RFC 1628 upsShutdownAfterDelay and RFC 9271: -1 is no countdown.
  if (value < 0 && point.startsWith('ups.timer.')) return { text: NOT_COUNTING[language], unit: '' };
  if (unit === 's' && Math.abs(value) >= 100 * 60)
    return { text: (value / 3600).toFixed(1), unit: HOUR_NAMES[language] };
  if (unit === 's' && Math.abs(value) >= 60)
    return { text: String(Math.round(value / 60)), unit: MINUTE_NAMES[language] };
  if (unit === 's') return { text: String(Math.round(value)), unit: SECOND_NAMES[language] };
  const larger = THOUSANDS[unit];
  if (larger !== undefined && Math.abs(value) >= larger.from)
    return { text: (value / 1000).toFixed(larger.decimals), unit: `k${unit}` };
  return { text: value.toFixed(DECIMALS[unit] ?? (Number.isInteger(value) ? 0 : 1)), unit };
}

export type Trend = 'up' | 'down' | 'steady';

export interface Sample {
  readonly at: number;
  readonly value: number;
}

/** Rises or falls when the later third's mean differs from the earlier third's by more than `noise` of the bar's span. */
export function trendOf(samples: readonly Sample[], span: number, noise = 0.02): Trend {
  if (samples.length < 6) return 'steady';
  const third = Math.floor(samples.length / 3);
  const mean = (part: readonly Sample[]): number => part.reduce((sum, { value }) => sum + value, 0) / part.length;
  const change = mean(samples.slice(-third)) - mean(samples.slice(0, third));
  if (Math.abs(change) < noise * span) return 'steady';
  return change > 0 ? 'up' : 'down';
}

export const isDoubtful = (quality: Quality): boolean => quality !== 'good';

/** Keeps a series short: at most `limit` samples, the oldest dropped, none older than `spanMs` before the newest. */
export function appendSample(samples: readonly Sample[], next: Sample, spanMs: number, limit = 240): Sample[] {
  const last = samples.at(-1);
  if (last !== undefined && next.at <= last.at) return [...samples];
  return [...samples, next].filter(({ at }) => next.at - at <= spanMs).slice(-limit);
}

/** An SVG polyline of samples in a box; gaps longer than `gapMs` break the line. */
export function sparkPath(
  samples: readonly Sample[],
  box: { readonly width: number; readonly height: number; readonly low: number; readonly high: number },
  gapMs: number,
): string {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.at === first.at) return '';
  const span = box.high - box.low || 1;
  let path = '';
  let before: number | null = null;
  for (const { at, value } of samples) {
    const x = ((at - first.at) / (last.at - first.at)) * box.width;
    const y = box.height - (Math.min(Math.max(value, box.low), box.high) - box.low) * (box.height / span);
    const pen: string = before === null || at - before > gapMs ? 'M' : 'L';
    path += `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
    before = at;
  }
  return path;
}
