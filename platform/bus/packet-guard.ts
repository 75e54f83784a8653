import type { Socket } from 'node:net';

/**
 * Follows the frames of an MQTT byte stream without decoding them, to stop an oversized packet at its header instead of
 * collecting its megabytes first (the broker's parser has no limit of its own).
 *
 * A frame is one byte of type, one to four bytes of length (seven bits each, the eighth says that another follows; MQTT
 * 3.1.1 section 2.2.3), then so many bytes: `30 80 02 …` is a PUBLISH with 256 bytes to come.
 */
export interface FrameFollower {
  /** False when the stream announces a frame beyond the limit, or a length that is none. */
  accepts(chunk: Uint8Array): boolean;
}

export function followFrames(mostBytes: () => number): FrameFollower {
  let phase: 'type' | 'length' | 'body' = 'type';
  let length = 0;
  let factor = 1;
  return {
    accepts(chunk) {
      let place = 0;
      while (place < chunk.length) {
        if (phase === 'type') {
          phase = 'length';
          length = 0;
          factor = 1;
          place++;
        } else if (phase === 'length') {
          const byte = chunk[place] ?? 0;
          length += (byte & 0x7f) * factor;
          factor *= 128;
          place++;
          if (length > mostBytes() || factor > 128 ** 4) return false;
          if ((byte & 0x80) === 0) phase = length === 0 ? 'type' : 'body';
        } else {
          const taken = Math.min(length, chunk.length - place);
          length -= taken;
          place += taken;
          if (length === 0) phase = 'type';
        }
      }
      return true;
    },
  };
}

/** Destroys the socket, and says so, as soon as what is read from it announces a packet beyond the limit. */
export function guardPackets(socket: Socket, mostBytes: () => number, onRefused: () => void): void {
  const follower = followFrames(mostBytes);
  const read = socket.read.bind(socket);
  socket.read = (size?: number) => {
    const chunk: unknown = read(size);
    if (!(chunk instanceof Uint8Array) || follower.accepts(chunk)) return chunk;
    onRefused();
    socket.destroy();
    return null;
  };
}
