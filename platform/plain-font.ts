import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Noto Sans SC for a PDF without its tables of substitution and placement: fontkit reads them anew for each run of text, which took
 * 12 s of a paper's 13. Chinese has no need of them; Latin letters are not kerned.
 */
export function plainFont(weight: '400Regular' | '700Bold'): Buffer {
  const file = `@expo-google-fonts/noto-sans-sc/${weight}/NotoSansSC_${weight}.ttf`;
  const font = readFileSync(fileURLToPath(import.meta.resolve(file)));
  // OpenType 1.9, table directory: 12 bytes, then 16 a table, its tag first.
  const tables = font.readUInt16BE(4);
  for (let place = 12; place < 12 + 16 * tables; place += 16) {
    const tag = font.toString('latin1', place, place + 4);
    if (tag === 'GSUB' || tag === 'GPOS') font.write('none', place, 'latin1');
  }
  return font;
}
