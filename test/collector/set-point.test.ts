import { describe, expect, it } from 'vitest';
import { setPointSchema } from '#core/config/profile.ts';
import { composeSet } from '#services/collector/set-point.ts';

const FLAGS = '1.3.6.1.4.1.318.1.1.1.11.1.1.0';
const alarms = setPointSchema.parse({
  point: 'device.alarms',
  from: [{ oid: FLAGS, flags: { '2': ['on-battery'], '9': ['overload'] }, source: 'a text of noughts and ones' }],
});
const told = (raw: string | number | null) =>
  composeSet(alarms, { scalar: () => raw, column: () => [], number: () => null });

describe('a set of alarms told as a text of noughts and ones', () => {
  it.each([
    ['0101000010000000', 'on-battery overload', 'places are counted from 1'],
    ['0001000000000000', 'none', 'told, and none of those that have a name'],
    ['01', 'on-battery', 'older firmware tells fewer places'],
  ])('%s is "%s": %s', (raw, value) => {
    expect(told(raw)).toEqual({ value, quality: 'good' });
  });

  it('is missing, not empty, when the device does not answer', () => {
    expect(told(null).quality).toBe('missing');
  });

  it('takes no names from something else than noughts and ones', () => {
    expect(told('UNKNOWN').value).toBe('none');
  });

  it('leaves a status with fixed words missing when nothing is told', () => {
    const status = setPointSchema.parse({
      point: 'ups.status',
      from: [{ oid: FLAGS, flags: { '2': ['OB'] }, source: 'a text of noughts and ones' }],
    });
    expect(composeSet(status, { scalar: () => '0001', column: () => [], number: () => null }).quality).toBe('missing');
  });
});
