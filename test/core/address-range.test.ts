import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressesOf } from '#core/address-range.ts';

describe('addresses as people write them', () => {
  it.each([
    ['10.1.2.5', ['10.1.2.5'], 'one'],
    ['10.1.2.0/30', ['10.1.2.1', '10.1.2.2'], 'without the network and its broadcast address'],
    ['10.1.2.6/30', ['10.1.2.5', '10.1.2.6'], 'an address within the network names it'],
    ['10.1.2.4/31', ['10.1.2.4', '10.1.2.5'], 'RFC 3021: both are hosts'],
    ['10.1.2.4/32', ['10.1.2.4'], 'one'],
    ['10.1.2.9-11', ['10.1.2.9', '10.1.2.10', '10.1.2.11'], 'the last number alone'],
    ['10.1.2.255-10.1.3.1', ['10.1.2.255', '10.1.3.0', '10.1.3.1'], 'over the border of a byte'],
    [' 255.255.255.255 ', ['255.255.255.255'], 'the last there is'],
  ])('%s is %j: %#', (text, addresses) => {
    expect(addressesOf(text)).toEqual(addresses);
  });

  it.each([
    '',
    'ups-1',
    '10.1.2',
    '10.1.2.256',
    '10.1.2.0/33',
    '10.1.2.0/',
    '10.1.2.9-5',
    '10.0.0.0/8',
    '010.1.2.3',
    '1.2.3.4/5-6',
  ])('%j is refused with a reason', (text) => {
    expect(() => addressesOf(text)).toThrow(/:/);
  });

  it('any text gives at most 4,096 addresses, each once, or a refusal', () => {
    const written = fc
      .tuple(fc.ipV4(), fc.constantFrom('', '/', '-'), fc.string({ maxLength: 6 }))
      .map((all) => all.join(''));
    fc.assert(
      fc.property(fc.oneof(written, fc.string()), (text) => {
        try {
          const all = addressesOf(text);
          expect(all.length).toBeLessThanOrEqual(4096);
          expect(new Set(all).size).toBe(all.length);
        } catch (error) {
          expect(error).toMatchObject({ code: 'BAD_REQUEST' });
        }
      }),
    );
  });
});
