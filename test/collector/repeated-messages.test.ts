import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mqttPointSchema } from '#core/config/profile.ts';
import { createPointReader, readPoints } from '#services/collector/payload.ts';

const points = [
  { point: 'ambient.temperature', path: 'temperature' },
  { point: 'ambient.humidity', path: 'humidity', requires: 'temperature' },
  { point: 'sensor.battery', path: 'battery' },
  { point: 'sensor.battery', path: 'battery_percent', excludes: 'battery' },
].map((one) => mqttPointSchema.parse({ ...one, source: 'made up' }));

const raw = fc.constantFrom<unknown>(20, 21, '22 °C', 900, null, undefined, true, { deep: 1 }, 'n/a');
const message = fc.record({ temperature: raw, humidity: raw, battery: raw, battery_percent: raw });

it('a reader that knows the message before reads each as if it were the first', () => {
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 8 }), (messages) => {
      const read = createPointReader();
      for (const one of messages) expect(read(one, points)).toEqual(readPoints(one, points));
    }),
    { numRuns: 500 },
  );
});

it('gives the very same objects for what is said again', () => {
  const read = createPointReader();
  const [temperature, humidity] = read({ temperature: 20, humidity: 40 }, points);
  const [again, changed] = read({ temperature: 20, humidity: 41 }, points);
  expect(again).toBe(temperature);
  expect(changed).not.toBe(humidity);
  expect(changed?.decoded.value).toBe(41);
});
