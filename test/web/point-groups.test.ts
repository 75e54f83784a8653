import { describe, expect, it } from 'vitest';
import { definePoint } from '#core/points.ts';
import { groupPoints, saysTrouble } from '../../services/dashboard-api/web/src/model/point-groups.ts';
import { writeValue } from '../../services/dashboard-api/web/src/model/values.ts';
import { profileWords } from '../support/profile-vocabulary.ts';

const rows = (...points: string[]) => points.map((point) => ({ point }));

describe('the points of a device', () => {
  it('stand under what they belong to, in the order of the power’s way, the identity last, numbers by size', () => {
    const groups = groupPoints(
      rows(
        'device.model',
        'outlet.10.status',
        'battery.charge',
        'outlet.2.status',
        'input.voltage',
        'ups.load',
        'xyz.a',
      ),
    );
    expect(groups.map(({ part, rows: own }) => [part, own.map(({ point }) => point)])).toEqual([
      ['ups', ['ups.load']],
      ['input', ['input.voltage']],
      ['outlet', ['outlet.2.status', 'outlet.10.status']],
      ['battery', ['battery.charge']],
      ['device', ['device.model']],
      ['xyz', ['xyz.a']],
    ]);
    expect(groups.map(({ title }) => `${title.zh} ${title.en}`)).toEqual([
      'UPS UPS',
      '输入 Input',
      '插座 Outlet',
      '电池 Battery',
      '设备 Device',
      'xyz xyz',
    ]);
  });

  it.each([
    ['rectifier.1.status', 'fault', true],
    ['ambient.1.temperature.status', 'high-critical', true],
    ['breaker.1.status', 'tripped', true],
    ['device.alarms', 'fan-1-failed', true],
    ['device.alarms', 'none', false],
    ['room.1.leak', true, true],
    ['room.1.leak', false, false],
    ['contact.1.active', true, false],
    ['rectifier.1.status', 'normal', false],
    ['outlet.1.status', 'off', false],
    ['ups.status', 'OB DISCHRG', false],
    ['device.model', 'Fault', false],
    ['battery.charge', 3, false],
  ] as const)('%s %s says that something is wrong: %s', (point, value, wrong) => {
    expect(saysTrouble(point, value)).toBe(wrong);
  });

  it('never find fault with what is normal, on, off or absent', () => {
    const calm = new Set([
      'normal',
      'ok',
      'good',
      'on',
      'off',
      'standby',
      'idle',
      'none',
      'absent',
      'auto',
      'disabled',
    ]);
    const wrong = profileWords.filter(([word, point]) => calm.has(word) && saysTrouble(point, word));
    expect(wrong).toEqual([]);
  });

  it('say their words in the reader’s language, a name as it came', () => {
    const t = (key: string): string => (key === 'list.comma' ? '、' : key);
    const say = (point: string, value: string | boolean, language: 'zh' | 'en') =>
      writeValue(point, value, language, t).text;
    expect(say('device.alarms', 'fan-1-failed overload', 'zh')).toBe('风机 1 故障、过载');
    expect(say('device.alarms', 'fan-1-failed overload', 'en')).toBe('Fan 1 failed、overload');
    expect(say('rectifier.1.status', 'normal', 'en')).toBe('Normal');
    expect(say('device.model', 'smartpack2', 'en')).toBe('smartpack2');
    expect(say('ups.status', 'OL NEW', 'en')).toBe('status.OL、NEW');
    expect(say('room.3.leak', true, 'zh')).toBe('truth.room_leak.true');
    expect(say('contact.1.active', true, 'zh')).toBe('truth.plain.true');
  });

  it.each([
    ['input.energy', 1_234_567, '1234.6', 'kWh'],
    ['ups.power', 3200, '3.20', 'kVA'],
    ['ambient.pressure', 101_325, '101.3', 'kPa'],
    ['filter.pressure', 250, '250', 'Pa'],
  ])('%s %d is %s %s', (point, value, text, unit) => {
    expect(definePoint(point)).not.toBeNull();
    expect(writeValue(point, value, 'en', (key) => key)).toEqual({ text, unit });
  });
});
