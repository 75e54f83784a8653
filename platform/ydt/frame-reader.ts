import { EOI, MOST_FRAME_BYTES, SOI } from './ydt-frame.ts';

/**
 * Cuts frames out of a stream: from a SOI to the next EOI. A SOI begins anew, whatever was before; what stands between frames, what is
 * cut off and what is longer than any frame is dropped and counted. Never holds more than one frame.
 */
export interface FrameReader {
  /** The frames that are complete now, each with its SOI and EOI. */
  push(bytes: Uint8Array): readonly Uint8Array[];
  /** Bytes dropped since the beginning. */
  readonly dropped: number;
}

export function createFrameReader(): FrameReader {
  const buffer = new Uint8Array(MOST_FRAME_BYTES);
  /** Bytes held; 0: no SOI yet. */
  let held = 0;
  let dropped = 0;
  const take = (byte: number): Uint8Array | null => {
    if (byte === SOI) {
      dropped += held;
      buffer[0] = byte;
      held = 1;
      return null;
    }
    if (held === 0) {
      dropped++;
      return null;
    }
    if (held === MOST_FRAME_BYTES) {
      dropped += held + 1;
      held = 0;
      return null;
    }
    buffer[held++] = byte;
    if (byte !== EOI) return null;
    const frame = buffer.slice(0, held);
    held = 0;
    return frame;
  };
  return {
    push: (bytes) => {
      const frames: Uint8Array[] = [];
      for (const byte of bytes) {
        const frame = take(byte);
        if (frame !== null) frames.push(frame);
      }
      return frames;
    },
    get dropped() {
      return dropped;
    },
  };
}
