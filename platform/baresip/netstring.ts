/** Netstrings (cr.yp.to/proto/netstrings.txt): `5:hello,`. baresip's ctrl_tcp speaks JSON in them. */

const MOST_BYTES = 64 * 1024;

export const writeNetstring = (text: string): string => `${Buffer.byteLength(text, 'utf8')}:${text},`;

/** Takes bytes as they come and gives the texts that are whole; null: what comes is no netstring. */
export function createNetstringReader(): (bytes: Uint8Array) => readonly string[] | null {
  let rest = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    const texts: string[] = [];
    for (;;) {
      const colon = rest.indexOf(':');
      const head = rest.subarray(0, colon === -1 ? rest.length : colon).toString('latin1');
      if (!/^\d{0,6}$/.test(head) || (colon === 0 && rest.length > 0)) return null;
      if (colon === -1) return texts;
      const end = colon + 1 + Number(head);
      if (Number(head) > MOST_BYTES) return null;
      if (rest.length <= end) return texts;
      if (rest[end] !== 0x2c) return null;
      texts.push(rest.subarray(colon + 1, end).toString('utf8'));
      rest = rest.subarray(end + 1);
    }
  };
}
