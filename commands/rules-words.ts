import type { Config } from '#core/config/config.ts';
import type { Rule } from '#core/config/rule.ts';
import type { FiredSpan } from '#core/rules/back-test.ts';
import type { Instant } from '#core/time.ts';
import type { RulesTest } from './rules.ts';

/** What a back-test found, as lines for a terminal. */

const MOST_SPANS_SHOWN = 20;

export function linesOfBackTest(test: RulesTest, rules: readonly Rule[], { site }: Pick<Config, 'site'>): string[] {
  const local = localTime(site.time_zone);
  const lines = [
    `${local(test.from)} to ${local(test.to)}: ${test.readings.toLocaleString('en')} readings of ${test.series} series`,
  ];
  for (const rule of rules) {
    const own = Map.groupBy(
      test.spans.filter((span) => span.rule === rule.id),
      ({ device }) => device,
    );
    const silent = test.unknown.filter((one) => one.rule === rule.id);
    if (own.size === 0) lines.push(`${rule.id}: never`);
    for (const [device, spans] of own) lines.push(...linesOfDevice(rule, device, spans, test.to, local));
    for (const { device, points } of silent) lines.push(`  no history: ${device} (${points.join(', ')})`);
  }
  if (test.more > 0) lines.push(`and ${test.more} more times: the first ${test.spans.length} are shown`);
  return lines;
}

function linesOfDevice(
  rule: Rule,
  device: string,
  spans: readonly FiredSpan[],
  end: Instant,
  local: (at: Instant) => string,
): string[] {
  const lengthOf = ({ from, to }: FiredSpan): number => ((to ?? end) - from) / 1000;
  const all = spans.reduce((sum, span) => sum + lengthOf(span), 0);
  const times = spans.length === 1 ? 'once' : `${spans.length} times`;
  const shown = spans.slice(0, MOST_SPANS_SHOWN).map((span) => {
    const marks = [
      span.to === null ? 'still so at the end' : '',
      span.chattering > 0 ? `chattering, ${span.chattering} times` : '',
      span.doubtful > 0 ? `data missing for ${lengthWords(span.doubtful / 1000)}` : '',
    ].filter((mark) => mark !== '');
    return `  ${local(span.from)}  ${lengthWords(lengthOf(span))}${marks.length === 0 ? '' : `  (${marks.join('; ')})`}`;
  });
  const left = spans.length - shown.length;
  return [
    `${rule.id} ${device}: ${times}, ${lengthWords(all)} in all`,
    ...shown,
    ...(left > 0 ? [`  … ${left} more, see --json`] : []),
  ];
}

const UNITS = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
] as const;

/** `1 h 20 min`: the largest unit or two. */
export function lengthWords(seconds: number): string {
  let rest = Math.round(seconds);
  const parts: string[] = [];
  for (const [size, word] of UNITS) {
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    if (amount > 0) parts.push(`${amount} ${word}`);
  }
  return parts.slice(0, 2).join(' ') || '0 s';
}

const localTime =
  (zone: string) =>
  (at: Instant): string =>
    Temporal.Instant.fromEpochMilliseconds(at)
      .toZonedDateTimeISO(zone)
      .toPlainDateTime()
      .toString({ smallestUnit: 'second' })
      .replace('T', ' ');
