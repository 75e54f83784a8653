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
/** Judging a text keeps everything else waiting: 60 ms a megabyte. */
const MOST_SVG_BYTES = 1024 * 1024;

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
 * exports it as PNG. Each pattern goes over a text once, whatever stands in it: no two repetitions of it take the same characters.
 */
const FORBIDDEN: readonly [pattern: RegExp, what: string][] = [
  [/<!ENTITY/i, 'definitions of entities'],
  [/<(?:[\w.-]+:)?script\b/i, 'scripts'],
  [/<(?:[\w.-]+:)?(?:foreignObject|iframe|object|embed|audio|video|handler|listener)\b/i, 'foreign content'],
  [/[\s"'/]on[a-z]+\s*=/i, 'event handlers'],
  [/(?:java|vb)script\s*:/i, 'links to scripts'],
  // The five of XML and numbers; nothing can be hidden behind a name.
  [/&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[\da-f]{1,6});)/i, 'entities of its own'],
  [/@import/i, 'links to other files'],
];
const LINKS = /\b(?:href|src)\s*=|url\(/gi;
/** A link within the picture, or another picture that is in it. */
const OWN_LINK = /^(?:#|data:image\/(?:png|jpeg);)/;
/** Comments before and after the picture; its first tag is no longer. */
const MOST_COMMENTS = 50;
const LONGEST_TAG = 20_000;

function svgSize(bytes: Buffer): PictureSize {
  if (bytes.length > MOST_SVG_BYTES) throw refused('an SVG may have 1 MB; export the plan as PNG instead');
  const text = decode(bytes);
  const head = afterProlog(text).slice(0, LONGEST_TAG);
  const root = /^<svg(\s(?:[^>"']|"[^"]*"|'[^']*')*)>/.exec(head)?.[1];
  if (root === undefined || !endsAsSvg(text)) throw refused('it says SVG and is none');
  const bad =
    FORBIDDEN.find(([pattern]) => pattern.test(text))?.[1] ?? (linksOut(text) ? 'links to other files' : null);
  if (bad !== null) throw refused(`this SVG has ${bad}; export the plan as PNG instead`);
  const attribute = (name: string): string | undefined =>
    new RegExp(`\\s${name}\\s*=\\s*["']([^"']*)["']`).exec(root)?.[1];
  const box = attribute('viewBox')
    ?.trim()
    .split(/[\s,]+/)
    .map(Number);
  const [, , width = Number.NaN, height = Number.NaN] = box ?? [];
  if (Number.isFinite(width) && Number.isFinite(height)) return { width, height };
  const length = (name: string): number =>
    Number(/^([\d.]+)(?:px|mm|cm|in|pt)?$/.exec(attribute(name)?.trim() ?? '')?.[1]);
  const size = { width: length('width'), height: length('height') };
  if (Number.isNaN(size.width) || Number.isNaN(size.height)) throw refused('the SVG has neither a viewBox nor a size');
  return size;
}

/** From the first tag on: past the declaration, comments and a document type without definitions of its own. */
function afterProlog(text: string): string {
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  if (text.startsWith('<?xml', at)) at = past(text, '?>', at);
  // Any other instruction, and a second document type, is none of a picture's.
  if (text.includes('<?', at)) throw refused('this SVG has processing instructions; export the plan as PNG instead');
  for (let count = 0; count < MOST_COMMENTS; count++) {
    while (/\s/.test(text.charAt(at))) at++;
    if (text.startsWith('<!--', at)) at = past(text, '-->', at);
    else if (/^<!doctype/i.test(text.slice(at, at + 9))) {
      const end = past(text, '>', at);
      if (text.slice(at, end).includes('['))
        throw refused('this SVG has definitions of entities; export the plan as PNG instead');
      at = end;
    } else break;
  }
  return text.slice(at, at + LONGEST_TAG);
}

function past(text: string, end: string, from: number): number {
  const at = text.indexOf(end, from);
  if (at === -1) throw refused('it says SVG and is none');
  return at + end.length;
}

function endsAsSvg(text: string): boolean {
  let rest = text.trimEnd();
  for (let count = 0; count < MOST_COMMENTS && rest.endsWith('-->'); count++)
    rest = rest.slice(0, Math.max(0, rest.lastIndexOf('<!--'))).trimEnd();
  return rest.endsWith('</svg>');
}

function linksOut(text: string): boolean {
  for (const { index, 0: found } of text.matchAll(LINKS)) {
    const from = index + found.length;
    const target = text.slice(from, from + 64).replace(/^[\s"']+/, '');
    if (!OWN_LINK.test(target)) return true;
  }
  return false;
}

function decode(bytes: Buffer): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refused('the SVG is not in UTF-8');
  }
  if (text.includes('\u0000') || /^\uFEFF?<\?xml[^>]*encoding=["'](?!utf-8["'])/i.test(text.slice(0, 500)))
    throw refused('the SVG is not in UTF-8');
  return text;
}
