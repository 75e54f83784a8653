import { describe, expect, it } from 'vitest';
import { CLIMATE_FIGURES, CLIMATE_STANDARDS, climateFigure, figuresOf } from '#core/climate-standards.ts';

describe('limits of the air by standard', () => {
  it.each([
    ['gb50174-2017-a', 'temperature.high', 27],
    ['gb50174-2017-c', 'temperature.low', 18],
    ['gb50174-2017-b', 'dewpoint.high', 15],
    ['gb50174-2017-b', 'dewpoint.low', 5.5],
    ['gb50174-2017-b', 'humidity.high', 60],
    ['gb50174-2017-b', 'temperature.rate', 5],
    ['ashrae-2021-a1', 'temperature.high', 27],
    ['ashrae-2021-a1', 'temperature.allowable.high', 32],
    ['ashrae-2021-a2', 'temperature.allowable.low', 10],
    ['ashrae-2021-a3', 'dewpoint.allowable.high', 24],
    ['ashrae-2021-a4', 'humidity.allowable.high', 90],
    ['ashrae-2021-a1', 'dewpoint.low', -9],
    ['ashrae-2021-h1', 'temperature.high', 22],
    ['ashrae-2021-h1', 'temperature.allowable.high', 25],
    ['ashrae-2021-a4', 'temperature.rate', 20],
  ] as const)('%s: %s is %d, and says where that stands', (standard, name, value) => {
    const figure = climateFigure(standard, name);
    expect(figure?.value).toBe(value);
    expect(figure?.source).toMatch(
      standard.startsWith('gb') ? /^GB 50174-2017 附录 A/ : /^ASHRAE TC 9\.9 \(2021\) table/,
    );
  });

  it('gives no figure that a standard does not have', () => {
    expect(climateFigure('gb50174-2017-a', 'humidity.allowable.low')).toBeNull();
    expect(climateFigure('ashrae-2021-a1', 'temperature.higher')).toBeNull();
  });

  it.each(CLIMATE_STANDARDS)(
    '%s has each lower limit below its upper one, and what is recommended within what is allowable',
    (standard) => {
      const figure = (name: string): number | null => climateFigure(standard, name)?.value ?? null;
      for (const name of figuresOf(standard)) expect(CLIMATE_FIGURES).toContain(name);
      for (const what of ['temperature', 'dewpoint']) {
        const order = [`${what}.allowable.low`, `${what}.low`, `${what}.high`, `${what}.allowable.high`].flatMap(
          (name) => figure(name) ?? [],
        );
        expect(order).toEqual(order.toSorted((a, b) => a - b));
      }
    },
  );
});
