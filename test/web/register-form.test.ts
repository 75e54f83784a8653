import { describe, expect, test } from 'vitest';
import type { FieldView } from '#core/paperwork/register-view.ts';
import { presetOf, typedOf, valueToSend, wrongOf } from '../../services/dashboard-api/web/src/model/register-form.ts';

const ZONE = 'Asia/Shanghai';
const field = (kind: FieldView['kind'], more: Partial<FieldView> = {}): FieldView => ({
  ...{ id: 'f', kind, label: { zh: '字段', en: 'Field' }, hint: null, required: false, preset: null, unit: null },
  ...{ min: null, max: null, longest: null, choices: [], register: null, inList: false, atStart: true },
  ...more,
});

describe('a form made from a declaration', () => {
  test.each([
    ['a comma is a point to many', field('number'), '21,5', 21.5],
    ['thousands are written apart', field('money'), '1 200.50', 1200.5],
    [
      'a moment is of the site, whatever zone the browser is in',
      field('moment'),
      '2026-11-23T08:30',
      '2026-11-23T00:30:00.000Z',
    ],
    ['a day has no zone', field('date'), '2026-11-23', '2026-11-23'],
    ['nothing was written', field('text'), '   ', null],
    ['nothing was ticked', field('choices'), [], null],
    ['no is an answer', field('yes-no'), false, false],
  ])('%s', (_reason, one, typed, value) => {
    expect(valueToSend(one, typed, ZONE)).toEqual(value);
  });

  test.each([
    ['no number', field('number'), '12a', 'number'],
    ['below the least', field('number', { min: 0 }), '-1', 'least'],
    ['above the most', field('number', { max: 60 }), '61', 'most'],
    ['longer than it may be, counted as people count', field('text', { longest: 2 }), '一二三', 'long'],
    ['half a moment', field('moment'), '2026-11', 'moment'],
    ['no telephone number', field('phone'), 'soon', 'phone'],
  ])('what is wrong is said: %s', (_reason, one, typed, why) => {
    expect(wrongOf(one, typed, false, ZONE)?.why).toBe(why);
  });

  test('a list must not be empty where it is asked for; no is not nothing', () => {
    expect(wrongOf(field('people'), [], true, ZONE)?.why).toBe('required');
    expect(wrongOf(field('yes-no'), false, true, ZONE)).toBeNull();
  });

  test('a value goes into its field and comes back the same', () => {
    const back = (one: FieldView, value: Parameters<typeof typedOf>[1]) =>
      valueToSend(one, typedOf(one, value, ZONE), ZONE);
    expect(back(field('moment'), '2026-11-23T00:30:00.000Z')).toBe('2026-11-23T00:30:00.000Z');
    expect(back(field('devices'), ['ups-1'])).toEqual(['ups-1']);
    expect(back(field('money'), 12.5)).toBe(12.5);
    expect(back(field('yes-no'), false)).toBe(false);
  });

  test('presets: the site’s clock, whoever is signed in, whoever is on duty', () => {
    const presets = {
      ...{ now: Date.UTC(2026, 10, 22, 20, 15), timeZone: ZONE, me: 'gao-jie', myName: '高洁' },
      ...{ onDuty: null, onDutyName: '' },
    };
    expect(presetOf(field('moment', { preset: 'now' }), presets)).toBe('2026-11-23T04:15');
    expect(presetOf(field('date', { preset: 'today' }), presets)).toBe('2026-11-23');
    expect(presetOf(field('person', { preset: 'me' }), presets)).toBe('gao-jie');
    expect(presetOf(field('people', { preset: 'me' }), presets)).toEqual(['gao-jie']);
    expect(presetOf(field('text', { preset: 'me' }), presets)).toBe('高洁');
    expect(presetOf(field('person', { preset: 'on-duty' }), presets)).toBe('');
    expect(presetOf(field('number', { preset: '3' }), presets)).toBe('3');
  });
});
