/**
 * Limits of the air in a machine room by published standards, so that a rule can say `above: {standard: temperature.high}` and
 * the site which standard it keeps (`climate: {standard: …}` of site.yaml). All are of the air that enters the equipment: cold
 * aisle, front of the rack. °C, % relative humidity, °C an hour.
 */
export const CLIMATE_STANDARDS = [
  'gb50174-2017-a',
  'gb50174-2017-b',
  'gb50174-2017-c',
  'ashrae-2021-a1',
  'ashrae-2021-a2',
  'ashrae-2021-a3',
  'ashrae-2021-a4',
  'ashrae-2021-h1',
] as const;
export type ClimateStandard = (typeof CLIMATE_STANDARDS)[number];
export const DEFAULT_STANDARD: ClimateStandard = 'gb50174-2017-b';

/** What a standard may give; not each gives each. Without `allowable` it is what is recommended. */
export const CLIMATE_FIGURES = [
  'temperature.high',
  'temperature.low',
  'temperature.allowable.high',
  'temperature.allowable.low',
  'temperature.rate',
  'temperature.rate.tape',
  'dewpoint.high',
  'dewpoint.low',
  'dewpoint.allowable.high',
  'dewpoint.allowable.low',
  'humidity.high',
  'humidity.high.polluted',
  'humidity.allowable.high',
  'humidity.allowable.low',
] as const;
export type ClimateFigure = (typeof CLIMATE_FIGURES)[number];

export interface Figure {
  readonly value: number;
  /** Document and clause. */
  readonly source: string;
}
type Figures = Readonly<Partial<Record<ClimateFigure, Figure>>>;

const from =
  (source: string) =>
  (values: Readonly<Partial<Record<ClimateFigure, number>>>): Figures =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, source }]));

/**
 * GB 50174-2017 数据中心设计规范, appendix A, table of performance, 环境要求: the three grades A, B and C have one row in common
 * for cold aisle, dew point and humidity; 磁带驱动 (tape) below 5 °C/h, 磁盘驱动 (disks) below 20 °C/h. Its stricter one is the
 * rate here, since a room rarely knows what is in every rack.
 */
const GB_50174 = from('GB 50174-2017 附录 A 环境要求')({
  'temperature.high': 27,
  'temperature.low': 18,
  'temperature.rate': 5,
  'temperature.rate.tape': 5,
  'dewpoint.high': 15,
  'dewpoint.low': 5.5,
  'humidity.high': 60,
});

/** ASHRAE TC 9.9, Thermal Guidelines for Data Processing Environments, 5th edition (2021), reference card, table 2.1. */
const RECOMMENDED = from('ASHRAE TC 9.9 (2021) table 2.1, recommended, classes A1 to A4')({
  'temperature.high': 27,
  'temperature.low': 18,
  'dewpoint.high': 15,
  'dewpoint.low': -9,
  'humidity.high': 70,
  // Where copper and silver coupons corrode faster than the guideline's levels (note n).
  'humidity.high.polluted': 50,
});

const ashraeClass = (
  name: string,
  low: number,
  high: number,
  dewpointHigh: number,
  humidityHigh: number,
  recommended: Figures = RECOMMENDED,
): Figures => ({
  ...recommended,
  ...from(`ASHRAE TC 9.9 (2021) ${name}, allowable`)({
    'temperature.allowable.high': high,
    'temperature.allowable.low': low,
    'temperature.rate': 20,
    'temperature.rate.tape': 5,
    'dewpoint.allowable.high': dewpointHigh,
    'dewpoint.allowable.low': -12,
    'humidity.allowable.high': humidityHigh,
    'humidity.allowable.low': 8,
  }),
});

const STANDARDS: Readonly<Record<ClimateStandard, Figures>> = {
  'gb50174-2017-a': GB_50174,
  'gb50174-2017-b': GB_50174,
  'gb50174-2017-c': GB_50174,
  'ashrae-2021-a1': ashraeClass('table 2.1 class A1', 15, 32, 17, 80),
  'ashrae-2021-a2': ashraeClass('table 2.1 class A2', 10, 35, 21, 80),
  'ashrae-2021-a3': ashraeClass('table 2.1 class A3', 5, 40, 24, 85),
  'ashrae-2021-a4': ashraeClass('table 2.1 class A4', 5, 45, 24, 90),
  'ashrae-2021-h1': ashraeClass('table 2.2 class H1, high density', 5, 25, 17, 80, {
    ...RECOMMENDED,
    ...from('ASHRAE TC 9.9 (2021) table 2.2 class H1, recommended')({ 'temperature.high': 22, 'temperature.low': 18 }),
  }),
};

/** Null: this standard says nothing of it. Example: `climateFigure('ashrae-2021-h1', 'temperature.high')?.value` is 22. */
export const climateFigure = (standard: ClimateStandard, name: string): Figure | null =>
  (STANDARDS[standard] as Readonly<Record<string, Figure>>)[name] ?? null;

export const figuresOf = (standard: ClimateStandard): readonly string[] => Object.keys(STANDARDS[standard]);
