import { renderAsync } from '@resvg/resvg-js';
import type { Register } from '#core/config/register.ts';
import { DRAWING_HEIGHT, DRAWING_WIDTH, isDrawing } from '#core/paperwork/drawn-signature.ts';
import type { EntryRecord, PhotoType } from '#core/paperwork/register-entry.ts';
import type { EntryChange } from '#core/paperwork/register-view.ts';
import { localMoment } from '#core/paperwork/register-words.ts';
import type { Language } from '#core/text.ts';
import type { DrawnChart } from '../paper/document-part.ts';

/** Signatures and photos as pictures for paper, drawn on another thread: a photo of 24 megapixels would keep everything waiting. */

/** As wide as the text; what is drawn stands at its left. */
const WIDTH = 1440;
const SIGNATURE_HEIGHT = 200;
const PHOTO_HEIGHT = 900;
const MOST_PHOTOS = 6;

export async function signaturesOf(
  register: Register,
  entry: EntryRecord,
  history: readonly EntryChange[],
  language: Language,
  zone: string,
): Promise<ReadonlyMap<string, DrawnChart>> {
  const found: [key: string, title: string, path: string][] = [];
  for (const { id, kind, label } of register.fields) {
    const value = entry.values[id];
    if (kind === 'signature' && typeof value === 'string') found.push([id, label[language], value]);
  }
  for (const { hash, drawing, move, byName, at } of history) {
    const label = register.moves.find(({ id }) => id === move)?.label ?? { zh: '登记', en: 'Written' };
    const title = `${label[language]} · ${byName} · ${localMoment(at, zone)}`;
    if (drawing !== null && drawing !== undefined) found.push([hash, title, drawing]);
  }
  const drawn = await Promise.all(found.filter(([, , path]) => isDrawing(path)).map(drawSignature));
  return new Map(drawn);
}

async function drawSignature([key, title, path]: [string, string, string]): Promise<[string, DrawnChart]> {
  const scale = SIGNATURE_HEIGHT / DRAWING_HEIGHT;
  const box = `<rect x="1" y="1" width="${DRAWING_WIDTH * scale - 2}" height="${SIGNATURE_HEIGHT - 2}" fill="none" stroke="#d3d9de"/>`;
  const strokes = `<path d="${path}" transform="scale(${scale})" fill="none" stroke="#1d2227" stroke-width="6" stroke-linecap="round" stroke-linejoin="round"/>`;
  const png = await pngOf(SIGNATURE_HEIGHT, `${box}${strokes}`);
  return [key, { title, png, size: { width: WIDTH, height: SIGNATURE_HEIGHT } }];
}

export async function photosOf(
  photos: readonly { readonly type: PhotoType; readonly content: Buffer; readonly at: string; readonly by: string }[],
  zone: string,
): Promise<readonly DrawnChart[]> {
  const drawn: DrawnChart[] = [];
  for (const { type, content, at, by } of photos.slice(0, MOST_PHOTOS)) {
    const image = `<image width="${WIDTH}" height="${PHOTO_HEIGHT}" preserveAspectRatio="xMinYMin meet" href="data:${type};base64,${content.toString('base64')}"/>`;
    const title = `${localMoment(at, zone)} · ${by}`;
    drawn.push({ title, png: await pngOf(PHOTO_HEIGHT, image), size: { width: WIDTH, height: PHOTO_HEIGHT } });
  }
  return drawn;
}

async function pngOf(height: number, content: string): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}">${content}</svg>`;
  const picture = await renderAsync(svg, { background: '#ffffff', font: { loadSystemFonts: false } });
  return picture.asPng();
}
