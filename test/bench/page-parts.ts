/** The pages that are measured, and how one sees that a value of the room stands there: a function's text, run in the page. */
export interface PagePart {
  readonly name: string;
  readonly path: string;
  readonly needsIncident: boolean;
  readonly isThere: string;
}

/** A number with a unit: what stands there before the first values has none. */
const A_VALUE = `() => /\\d\\s*(%|°C|℃|kW|W|V|A)(?![A-Za-z])/.test(document.querySelector('#app')?.textContent ?? '')`;

export const PAGE_PARTS: readonly PagePart[] = [
  { name: 'overview', path: '/', needsIncident: false, isThere: A_VALUE },
  { name: 'wall', path: '/wall', needsIncident: false, isThere: A_VALUE },
  { name: 'device', path: '/devices/ups-1', needsIncident: false, isThere: A_VALUE },
  {
    name: "a year's chart",
    path: '/history?s=ups-1/ups.load&range=31536000s',
    needsIncident: false,
    isThere: `() => document.querySelector('.stage canvas') !== null && document.querySelector('.stage')?.closest('[aria-busy="true"]') === null`,
  },
  // Last: from here on the room is in an outage.
  {
    name: 'incident',
    path: '',
    needsIncident: true,
    isThere: `() => [...document.querySelectorAll('.clocks dd')].some((one) => /\\d:\\d\\d|\\d\\s*(分|min|s)/.test(one.textContent ?? ''))`,
  },
];
