import type { Severity } from '#core/config/rule.ts';

/** The shape of a severity in a box of 20, the same everywhere: octagon, triangle, diamond; and the sign in it. */
export const SEVERITY_SHAPES: Readonly<Record<Severity, string>> = {
  high: 'M6 1h8l5 5v8l-5 5H6l-5-5V6z',
  medium: 'M10 1.5 19 18H1z',
  low: 'M10 1.5 18.5 10 10 18.5 1.5 10z',
};
export const SEVERITY_SIGNS: Readonly<Record<Severity, string>> = {
  high: 'M10 6v5.4M10 14.2v.6',
  medium: 'M10 6v5.4M10 14.2v.6',
  low: 'M10 9v5M10 6v.6',
};
