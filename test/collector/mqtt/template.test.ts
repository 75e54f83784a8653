import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateTemplate } from '#services/collector/mqtt/template.ts';

const json = { t: '21.46', n: { h: 50 }, list: [1, 2], wet: 0, none: null, 'odd key': 3 };
const evaluate = (template: string) => evaluateTemplate(template, { text: '42', json });

describe('value templates of Home Assistant', () => {
  it.each([
    ['{{ value }}', '42'],
    ['{{ value | float * 2 }}', 84],
    ['{{ value_json.n.h }}', 50],
    ["{{ value_json['odd key'] }}", 3],
    ['{{ value_json.list[1] }}', 2],
    ['{{ value_json.t | float | round(1) }}', 21.5],
    ["{{ 'ON' if value_json.wet == 1 else 'OFF' }}", 'OFF'],
    ['{% if value_json.n.h > 40 %}wet{% else %}dry{% endif %}', 'wet'],
    ['{{ (value_json.n.h - 32) * 5 / 9 }}', 10],
    ["{{ value_json.n['h'] if 'h' in value_json.n else none }}", 50],
    ["{{ 'x' not in value_json.n }}", true],
    ['{{ value_json.n.h is defined and not value_json.wet }}', true],
  ])('%s', (template, value) => {
    expect(evaluate(template)).toEqual({ value });
  });

  it.each([
    ['a missing key', '{{ value_json.missing }}'],
    ['a default for a missing key: no reading out of nothing', '{{ value_json.missing | default(0) }}'],
    ['float’s default', '{{ value_json.missing | float(0) }}'],
    ['a choice about what is missing: never “dry”', "{{ 'ON' if value_json.missing else 'OFF' }}"],
    ['null', '{{ value_json.none | float(0) }}'],
  ])('%s is no value', (_title, template) => {
    const found = evaluate(template);
    expect('value' in found ? (found.value ?? null) : 'problem').toBeNull();
  });

  it.each([
    '{{ states("x") }}',
    '{% for x in y %}{% endfor %}',
    '{{ value_json.t | regex_replace("a") }}',
    '{{ (',
    '{{ value_json. }}',
  ])('says that it does not understand %s', (template) => {
    expect(evaluate(template)).toHaveProperty('problem');
  });

  it('never throws and reaches no prototype', () => {
    fc.assert(fc.property(fc.string(), (text) => void evaluate(`{{ ${text} }}`)));
    expect(evaluate('{{ value_json.constructor }}')).toEqual({ value: undefined });
    expect(evaluate('{{ value_json.__proto__.polluted }}')).toEqual({ value: undefined });
    expect(evaluate(`{{ ${'('.repeat(500)}1${')'.repeat(500)} }}`)).toHaveProperty('problem');
  });
});
