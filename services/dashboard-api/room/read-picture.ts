import { ZhishouError } from '#core/errors.ts';
import type { PictureType } from '#core/room-layout.ts';

/**
 * Is this really such a picture, how large is it, and does it keep still? Pure; the bytes are somebody else's. What comes through is
 * never put into a page's own tree, only shown as an image, and served with a policy that runs nothing: this is the first of three locks.
 */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** A picture is unpacked to four bytes a pixel on each wall: 24 megapixels are 96 MB. */
const MOST_PIXELS = 24_000_000;
const LONGEST_SIDE = 10_000;

/** Throws BAD_REQUEST with what is wrong and what to do. */
export function readPicture(bytes: Buffer, type: PictureType): PictureSize {
  const size = type === 'image/png' ? pngSize(bytes) : type === 'image/jpeg' ? jpegSize(bytes) : svgSize(bytes);
  const { width, height } = size;
  if (!(width > 0 && height > 0)) throw refused('it has no size');
  if (width > 50 * height || height > 50 * width) throw refused('it is a stripe, not a plan');
  if (type !== 'image/svg+xml' && (Math.max(width, height) > LONGEST_SIDE || width * height > MOST_PIXELS))
    throw refused(`${width} × ${height} pixels are too many; make it smaller than 24 megapixels`);
  return size;
}

const refused = (why: string): ZhishouError => new ZhishouError('BAD_REQUEST', 'picture', why);

/** Portable Network Graphics (third edition) 5.2 and 11.2.1: signature, then IHDR with width and height; the last chunk is IEND. */
function pngSize(bytes: Buffer): PictureSize {
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  if (!bytes.subarray(0, 8).equals(signature) || bytes.length < 45 || bytes.toString('latin1', 12, 16) !== 'IHDR')
    throw refused('it says PNG and is none');
  if (bytes.toString('latin1', bytes.length - 8, bytes.length - 4) !== 'IEND') throw refused('the PNG is cut off');
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/** ITU-T T.81 B.2: segments from SOI on; SOF0–SOF15 (not DHT, JPG, DAC) tell height and width. */
function jpegSize(bytes: Buffer): PictureSize {
  if (bytes.length < 12 || bytes[0] !== 0xff || bytes[1] !== 0xd8 || bytes[2] !== 0xff)
    throw refused('it says JPEG and is none');
  let at = 2;
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    // Fill bytes and markers without a length (TEM, RSTn).
    if (marker === 0xff) at += 1;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) at += 2;
    else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
    else if (marker === 0xda) break;
    else at += 2 + bytes.readUInt16BE(at + 2);
  }
  throw refused('the JPEG does not say its size');
}

/**
 * What acts, fetches or unfolds has no business in a plan. A text that merely looks like it is refused too: whoever has such a file
 * exports it as PNG. Entities are numbers and the five of XML alone, so that nothing can be hidden behind a name or blown up.
 */
const FORBIDDEN: readonly [pattern: RegExp, what: string][] = [
  [/<!ENTITY|<!DOCTYPE[^>]*\[/i, 'definitions of entities'],
  [/<\?(?!xml\s)/i, 'processing instructions'],
  [/<(?:[\w.-]+:)?script\b/i, 'scripts'],
  [/<(?:[\w.-]+:)?(?:foreignObject|iframe|object|embed|audio|video|handler|listener)\b/i, 'foreign content'],
  [/[\s"'/]on[a-z]+\s*=/i, 'event handlers'],
  [/(?:java|vb)script\s*:/i, 'links to scripts'],
  [/&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[\da-f]{1,6});)/i, 'entities of its own'],
  [/\b(?:href|src)\s*=\s*["']?\s*(?!["'#\s]|data:image\/(?:png|jpeg);)/i, 'links to other files'],
  [/@import|url\(\s*["']?\s*(?!["'#\s])/i, 'links to other files'],
];

function svgSize(bytes: Buffer): PictureSize {
  const text = decode(bytes);
  const body = text.replace(/^\uFEFF?\s*(?:<\?xml\s[^>]*\?>)?(?:\s|<!--(?:(?!-->)[\s\S])*-->|<!DOCTYPE[^>[]*>)*/i, '');
  const root = /^<svg(\s(?:[^>"']|"[^"]*"|'[^']*')*)>/.exec(body)?.[1];
  if (root === undefined || !/<\/svg>\s*(?:<!--(?:(?!-->)[\s\S])*-->\s*)*$/.test(text))
    throw refused('it says SVG and is none');
  for (const [pattern, what] of FORBIDDEN) {
    if (pattern.test(text)) throw refused(`this SVG has ${what}; export the plan as PNG instead`);
  }
  const attribute = (name: string): string | undefined =>
    new RegExp(`\\s${name}\\s*=\\s*["']([^"']*)["']`).exec(root)?.[1];
  const box = attribute('viewBox')
    ?.trim()
    .split(/[\s,]+/)
    .map(Number);
  const [, , width = Number.NaN, height = Number.NaN] = box ?? [];
  if (Number.isFinite(width) && Number.isFinite(height)) return { width, height };
  const length = (name: string): number =>
    Number(/^\s*([\d.]+)(?:px|mm|cm|in|pt)?\s*$/.exec(attribute(name) ?? '')?.[1]);
  const size = { width: length('width'), height: length('height') };
  if (Number.isNaN(size.width) || Number.isNaN(size.height)) throw refused('the SVG has neither a viewBox nor a size');
  return size;
}

function decode(bytes: Buffer): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refused('the SVG is not in UTF-8');
  }
  if (text.includes('\u0000') || /^\uFEFF?<\?xml[^>]*encoding=["'](?!utf-8["'])/i.test(text))
    throw refused('the SVG is not in UTF-8');
  return text;
}
