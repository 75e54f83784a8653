import { describe, expect, it } from 'vitest';
import { ERRORS, ZhishouError } from '#core/errors.ts';
import { sayReason } from '#core/reason-words.ts';
import { decode } from '#services/collector/decode.ts';

const spec = (more: object = {}) =>
  ({ point: 'ambient.temperature', inverted: false, sentinels: { '-1': 'no probe' }, ...more }) as never;

describe('reasons in Chinese', () => {
  it.each([
    ['-1 means no value: no probe', '没有探头（原始值 -1）'],
    ['9999 means no value: something of this maker', '没有值（原始值 9999）：something of this maker'],
    ['the device says that it has no value: "0"', '设备表示没有此值："0"'],
    ['140 °C is outside -40 to 100', '140 °C 超出合理范围 -40 至 100'],
    ['has not moved for 2h', '已 2h 没有变化'],
    ['No answer in time (ups-1)', 'ups-1 未在规定时间内应答'],
    ['The other side refused (pdu-1): wrong community', 'pdu-1 拒绝访问：wrong community'],
    ['something that no table has', 'something that no table has'],
  ])('%s', (reason, zh) => {
    expect(sayReason(reason, 'zh')).toBe(zh);
    expect(sayReason(reason, 'en')).toBe(reason);
  });

  it.each([
    ['no value', null],
    ['a sentinel', -1],
    ['no number', 'abc'],
    ['an empty text', ''],
    ['a value out of its range', 4000],
  ] as const)('there is one for what decoding says of %s', (_what, raw) => {
    const said = decode(raw, spec());
    expect(said.quality).not.toBe('good');
    expect(sayReason('reason' in said ? (said.reason ?? '') : '', 'zh')).toMatch(/[\u4e00-\u9fff]/);
  });

  it.each(['TIMED_OUT', 'UNREACHABLE', 'REFUSED', 'BAD_ANSWER'] as const)('and for a device that says %s', (code) => {
    expect(ERRORS[code].kind).toBe('operating');
    for (const error of [new ZhishouError(code, 'ups-1'), new ZhishouError(code, 'ups-1', 'why')])
      expect(sayReason(error.message, 'zh')).toMatch(/^[\u4e00-\u9fff ]*ups-1/);
  });
});
