import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '#core/secret.ts';
import { openSealed, sealMessage } from '#platform/sealed-message.ts';

const KEY = new Secret('shared between the services');

describe('a message that others on the bus can neither read nor make', () => {
  it('opens to what was sealed', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const value = JSON.parse(json) as unknown;
        expect(openSealed(sealMessage(value, 'a', KEY), 'a', KEY)).toEqual(value);
      }),
    );
  });

  it('never opens when a bit is another, for another purpose or with another key', () => {
    const sealed = sealMessage({ community: 'hush' }, 'a', KEY);
    expect(Buffer.from(sealed, 'base64url').includes('hush')).toBe(false);
    fc.assert(
      fc.property(fc.nat(Buffer.from(sealed, 'base64url').length * 8 - 1), (bit) => {
        const bytes = Buffer.from(sealed, 'base64url');
        bytes[bit >> 3] = bytes[bit >> 3]! ^ (1 << (bit & 7));
        expect(openSealed(bytes.toString('base64url'), 'a', KEY)).toBeNull();
      }),
    );
    expect(openSealed(sealed, 'b', KEY)).toBeNull();
    expect(openSealed(sealed, 'a', new Secret('guess'))).toBeNull();
    for (const text of ['', '!', sealed.slice(0, 20)]) expect(openSealed(text, 'a', KEY)).toBeNull();
  });
});
