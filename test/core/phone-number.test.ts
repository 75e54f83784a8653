import { describe, expect, it } from 'vitest';
import { readPhoneNumber, samePhone, writePhoneNumber } from '#core/phone-number.ts';

describe('telephone numbers', () => {
  it.each<[string, string | null, string | null, string]>([
    ['138 0013 8000', '13800138000', '+8613800138000', 'as people write it'],
    ['+86 138-0013-8000', '13800138000', '+8613800138000', 'with its country'],
    ['0086 13800138000', '13800138000', '+8613800138000', 'zeros for the plus'],
    ['010 1234 5678', '01012345678', '+861012345678', 'the trunk 0 is for calls within the country'],
    ['8001', '8001', '8001', 'an extension has no country'],
    ['110', '110', '110', 'neither has the police'],
    ['+49 (30) 1234567', '+49301234567', '+49301234567', 'another country is dialled whole'],
    ['ann@example.com', null, null, 'no number'],
    ['138$(reboot)', null, null, 'no number'],
    ['+', null, null, 'no number'],
    ['1234567890123456789', null, null, 'E.164 has 15 digits'],
    ['sip:1@evil', null, null, 'an address is not a number'],
  ])('%s: national %s, abroad %s: %s', (text, national, e164) => {
    const number = readPhoneNumber(text);
    expect(number === null ? null : writePhoneNumber(number, 'national')).toBe(national);
    expect(number === null ? null : writePhoneNumber(number, 'e164')).toBe(e164);
  });

  it('a reply is from the same telephone, however each is written', () => {
    expect(samePhone('138 0013 8000', '+8613800138000')).toBe(true);
    expect(samePhone('13800138000', '008613800138000')).toBe(true);
    expect(samePhone('13800138000', '+8613800138001')).toBe(false);
    expect(samePhone('10086', 'China Mobile')).toBe(false);
  });
});
