/**
 * Text as bytes of GBK, which many SMS gateways still ask for. The table is the platform's own decoder read backwards
 * (encoding.spec.whatwg.org, gb18030); what GBK does not have becomes a question mark.
 */
export function toGbk(text: string): Uint8Array<ArrayBuffer> {
  const table = gbkTable();
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0x3f;
    if (code < 0x80) bytes.push(code);
    else bytes.push(...(table.get(character) ?? [0x3f]));
  }
  return Uint8Array.from(bytes);
}

let made: Map<string, readonly [number, number]> | null = null;

function gbkTable(): ReadonlyMap<string, readonly [number, number]> {
  if (made !== null) return made;
  const decoder = new TextDecoder('gbk');
  const table = new Map<string, readonly [number, number]>();
  for (let lead = 0x81; lead <= 0xfe; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      const character = decoder.decode(Uint8Array.of(lead, trail));
      if (character.length === 1 && character !== '\ufffd' && !table.has(character))
        table.set(character, [lead, trail]);
    }
  }
  made = table;
  return table;
}
