import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const css = readFileSync(join(import.meta.dirname, '../../services/dashboard-api/web/src/styles/tokens.css'), 'utf8');

function tokensOf(block: string): Map<string, string> {
  return new Map(
    [...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map(([, name = '', color = '']) => [name, color]),
  );
}
const light = tokensOf(css.slice(0, css.indexOf(':root[data-theme="dark"]')));
const dark = tokensOf(css.slice(css.indexOf(':root[data-theme="dark"]')));

/** Relative luminance, WCAG 2.2. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

const SURFACES = ['page', 'panel'];
/** What is written on what: text needs 4.5, shapes and lines that carry meaning 3 (WCAG 1.4.3, 1.4.11). */
const ROWS: [ink: string, grounds: string[], least: number][] = [
  ['ink', [...SURFACES, 'well', 'high-soft', 'medium-soft', 'accent-soft'], 4.5],
  ['ink-2', [...SURFACES, 'well', 'high-soft', 'medium-soft'], 4.5],
  ['ink-3', [...SURFACES, 'high-soft'], 4.5],
  ['accent', [...SURFACES, 'high-soft'], 4.5],
  ['accent-ink', ['accent'], 4.5],
  ['high', [...SURFACES, 'high-soft'], 4.5],
  ['high-ink', ['high'], 4.5],
  ['medium', SURFACES, 4.5],
  ['medium-ink', ['medium-fill'], 4.5],
  ['low', SURFACES, 4.5],
  ['low-ink', ['low'], 4.5],
  ['ink', ['field-cool', 'field-warm', 'field-medium', 'field-high'], 4.5],
  ['simulated', ['simulated-soft'], 4.5],
  ['equipment', SURFACES, 3],
];

describe.each([
  ['light', light],
  ['dark', dark],
] as const)('%s theme', (_name, tokens) => {
  test.each(ROWS.flatMap(([ink, grounds, least]) => grounds.map((ground) => [ink, ground, least] as const)))(
    '%s on %s has a contrast of at least %d',
    (ink, ground, least) => {
      expect(contrast(tokens.get(ink) ?? '', tokens.get(ground) ?? '')).toBeGreaterThanOrEqual(least);
    },
  );
});

test('both themes define the same colours', () => {
  expect([...dark.keys()].sort()).toEqual([...light.keys()].sort());
});
