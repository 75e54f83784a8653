import { invariant } from '#core/errors.ts';
import type { Metrics } from '#core/ports.ts';

/** Counters, gauges and histograms in memory, written out in the Prometheus text format 0.0.4. */

type Labels = Readonly<Record<string, string>>;
interface Family {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly values: Map<string, number | Histogram>;
}
interface Histogram {
  sum: number;
  count: number;
  /** Observations at most each bound and above the one before. */
  readonly at: number[];
}

/** Seconds: from a bus hop to a server's shutdown. */
const BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900];
/** Label values beyond this become `other`, so that a hostile topic name cannot fill the memory. */
const MOST_SERIES = 500;
const MOST_VALUE_LENGTH = 100;

export function createMetrics(): Metrics {
  const families = new Map<string, Family>();

  const series = (name: string, kind: Family['kind'], labels: Labels | undefined): [Family, string] => {
    let family = families.get(name);
    if (family === undefined) {
      invariant(/^[a-z_][a-z0-9_]*$/.test(name), `"${name}" is not a metric's name`);
      family = { kind, values: new Map() };
      families.set(name, family);
    }
    invariant(family.kind === kind, `${name} is a ${family.kind}, not a ${kind}`);
    const key = labelText(labels);
    if (family.values.has(key) || family.values.size < MOST_SERIES) return [family, key];
    return [family, labelText(Object.fromEntries(Object.keys(labels ?? {}).map((label) => [label, 'other'])))];
  };

  return {
    count(name, labels, by = 1) {
      const [family, key] = series(name, 'counter', labels);
      const before = family.values.get(key);
      family.values.set(key, (typeof before === 'number' ? before : 0) + by);
    },
    gauge(name, value, labels) {
      const [family, key] = series(name, 'gauge', labels);
      family.values.set(key, value);
    },
    observe(name, seconds, labels) {
      const [family, key] = series(name, 'histogram', labels);
      const found = family.values.get(key);
      const histogram: Histogram = typeof found === 'object' ? found : { sum: 0, count: 0, at: BUCKETS_S.map(() => 0) };
      histogram.sum += seconds;
      histogram.count++;
      let place = 0;
      while (place < BUCKETS_S.length && !(seconds <= (BUCKETS_S[place] as number))) place++;
      if (place < BUCKETS_S.length) histogram.at[place] = (histogram.at[place] as number) + 1;
      if (histogram !== found) family.values.set(key, histogram);
    },
    render: () => [...families].map(([name, family]) => renderFamily(name, family)).join(''),
  };
}

function renderFamily(name: string, family: Family): string {
  const lines = [`# TYPE ${name} ${family.kind}`];
  for (const [labels, value] of family.values) {
    if (typeof value === 'number') {
      lines.push(`${name}${braces(labels)} ${value}`);
      continue;
    }
    let within = 0;
    for (const [place, bound] of BUCKETS_S.entries()) {
      within += value.at[place] ?? 0;
      lines.push(`${name}_bucket${braces(join(labels, `le="${bound}"`))} ${within}`);
    }
    lines.push(`${name}_bucket${braces(join(labels, 'le="+Inf"'))} ${value.count}`);
    lines.push(`${name}_sum${braces(labels)} ${value.sum}`, `${name}_count${braces(labels)} ${value.count}`);
  }
  return `${lines.join('\n')}\n`;
}

const join = (labels: string, more: string): string => (labels === '' ? more : `${labels},${more}`);
const braces = (labels: string): string => (labels === '' ? '' : `{${labels}}`);

/** Escaped as the text format asks: backslash, quote, line feed. */
function labelText(labels: Labels | undefined): string {
  if (labels === undefined) return '';
  return Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => `${label}="${escapeValue(value.slice(0, MOST_VALUE_LENGTH))}"`)
    .join(',');
}

const escapeValue = (value: string): string =>
  !/[\\"\n]/.test(value) ? value : value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
