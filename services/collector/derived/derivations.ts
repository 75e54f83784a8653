import { absoluteHumidity, dewPoint, difference, powerFactor, unbalance } from '#core/formulas.ts';

/** Which points come out of which others; in devices.yaml and profiles nothing is written for it. */
export interface Derivation {
  readonly point: string;
  readonly inputs: readonly string[];
  readonly of: (values: readonly number[]) => number | null;
  /** It is told no finer than it is worth: noise in the last place would be news each time. */
  readonly decimals: number;
}

const two =
  (of: (a: number, b: number) => number | null) =>
  ([a = Number.NaN, b = Number.NaN]: readonly number[]): number | null =>
    of(a, b);

const AIR = /^(ambient(?:\.[\w-]+)?)\.temperature$/;
const PHASES = ['L1', 'L2', 'L3'];

const FIXED: readonly Derivation[] = [
  {
    point: 'cooling.temperature.difference',
    inputs: ['cooling.return.temperature', 'cooling.supply.temperature'],
    of: two(difference),
    decimals: 1,
  },
  { point: 'output.powerfactor', inputs: ['ups.realpower', 'ups.power'], of: two(powerFactor), decimals: 2 },
  ...['input', 'output'].map(
    (side): Derivation => ({
      point: `${side}.current.unbalance`,
      inputs: PHASES.map((phase) => `${side}.${phase}.current`),
      of: unbalance,
      decimals: 0,
    }),
  ),
];

/** Of these points of one device. What the device tells by itself is its own. */
export function derivationsOf(names: ReadonlySet<string>): readonly Derivation[] {
  const found = FIXED.filter(({ inputs }) => inputs.every((name) => names.has(name)));
  for (const name of names) {
    const place = AIR.exec(name)?.[1];
    const humidity = `${place}.humidity`;
    if (place === undefined || !names.has(humidity)) continue;
    found.push(
      { point: `${place}.dewpoint`, inputs: [name, humidity], of: two(dewPoint), decimals: 1 },
      { point: `${place}.absolutehumidity`, inputs: [name, humidity], of: two(absoluteHumidity), decimals: 1 },
    );
  }
  return found.filter(({ point }) => !names.has(point));
}
