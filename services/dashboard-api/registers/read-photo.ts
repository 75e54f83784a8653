import { ZhishouError } from '#core/errors.ts';
import type { PhotoType } from '#core/paperwork/register-entry.ts';
import { type PictureSize, readPicture } from '../room/read-picture.ts';

/**
 * Is this such a photo, how large is it, and does it tell where and when it was taken? The page draws a photo anew before it sends it; what comes
 * with a camera's own notes comes from elsewhere and is refused: they name places and people's telephones for good. Pure.
 */
export const MOST_PHOTO_BYTES = 4 * 1024 * 1024;
const LONGEST_SIDE = 10_000;
const MOST_PIXELS = 24_000_000;

/** The type is what the bytes are, never what was said. Throws BAD_REQUEST. */
export function readPhoto(bytes: Buffer): PictureSize & { readonly type: PhotoType } {
  const type = typeOf(bytes);
  if (type === null) throw refused('it is no JPEG, PNG or WebP');
  const size = type === 'image/webp' ? webpSize(bytes) : readPicture(bytes, type);
  const { width, height } = size;
  if (!(width > 0 && height > 0)) throw refused('it has no size');
  if (Math.max(width, height) > LONGEST_SIDE || width * height > MOST_PIXELS)
    throw refused(`${width} × ${height} pixels are too many; make it smaller than 24 megapixels`);
  if (hasNotes(bytes, type)) throw refused('it carries the camera’s notes (place, time, device); send it without them');
  return { type, width, height };
}

const refused = (why: string): ZhishouError => new ZhishouError('BAD_REQUEST', 'photo', why);

function typeOf(bytes: Buffer): PhotoType | null {
  if (bytes.length < 12) return null;
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'image/jpeg';
  if (bytes.toString('latin1', 1, 4) === 'PNG') return 'image/png';
  const isWebp = bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP';
  return isWebp ? 'image/webp' : null;
}

/** RFC 9649, 2.4 to 2.7: RIFF with one of three first chunks, each with its own place for width and height. */
function webpSize(bytes: Buffer): PictureSize {
  const kind = bytes.toString('latin1', 12, 16);
  if (bytes.length < 30 || bytes.readUInt32LE(4) + 8 > bytes.length + 1) throw refused('the WebP is cut off');
  if (kind === 'VP8X') return { width: 1 + bytes.readUIntLE(24, 3), height: 1 + bytes.readUIntLE(27, 3) };
  if (kind === 'VP8L' && bytes[20] === 0x2f) {
    const bits = bytes.readUInt32LE(21);
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
  }
  // The key frame's start code, then 14 bits each.
  if (kind === 'VP8 ' && bytes.readUIntBE(23, 3) === 0x9d012a)
    return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
  throw refused('the WebP does not say its size');
}

/** Exif and XMP, wherever each format keeps them. */
function hasNotes(bytes: Buffer, type: PhotoType): boolean {
  if (type === 'image/jpeg') return jpegHasNotes(bytes);
  return chunkNames(bytes, type).some((name) => ['eXIf', 'EXIF', 'XMP ', 'iTXt'].includes(name));
}

/** ITU-T T.81 B.1.1.4: segments until the scan begins; APP1 holds Exif or XMP. */
function jpegHasNotes(bytes: Buffer): boolean {
  let at = 2;
  while (at + 4 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) at += 1;
    else if (marker === 0xda || marker === 0xd9) return false;
    else if (marker === 0xe1) return true;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) at += 2;
    else at += 2 + bytes.readUInt16BE(at + 2);
  }
  return false;
}

const MOST_CHUNKS = 10_000;

function chunkNames(bytes: Buffer, type: 'image/png' | 'image/webp'): string[] {
  const isPng = type === 'image/png';
  const names: string[] = [];
  let at = isPng ? 8 : 12;
  while (at + 8 <= bytes.length && names.length < MOST_CHUNKS) {
    const length = isPng ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at + 4);
    names.push(bytes.toString('latin1', isPng ? at + 4 : at, isPng ? at + 8 : at + 4));
    at += isPng ? 12 + length : 8 + length + (length % 2);
  }
  return names;
}
