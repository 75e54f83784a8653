import { ZhishouError } from '#core/errors.ts';

/** Sound as telephones carry it: samples of 16 bits, 8,000 a second. */
export const RATE = 8000;

/** Reads a WAV of 16 bits, one channel, any rate, and brings it to 8 kHz. BAD_ANSWER for anything else. */
export function readWav(bytes: Uint8Array, subject: string): Int16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tag = (at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));
  const fail = (why: string): never => {
    throw new ZhishouError('BAD_ANSWER', subject, why);
  };
  if (bytes.length < 44 || tag(0) !== 'RIFF' || tag(8) !== 'WAVE') return fail('not a WAV file');
  let rate = 0;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at + 4, true);
    if (tag(at) === 'fmt ') {
      const [format, channels, bits] = [at + 8, at + 10, at + 22].map((place) => view.getUint16(place, true));
      if (format !== 1 || channels !== 1 || bits !== 16) return fail('not 16 bit, one channel, PCM');
      rate = view.getUint32(at + 12, true);
    } else if (tag(at) === 'data') {
      if (rate < RATE || rate > 192_000) return fail(`${rate} samples a second`);
      // A program that writes to a pipe does not know the length yet.
      const end = Math.min(at + 8 + length, bytes.length);
      const samples = new Int16Array(Math.floor((end - at - 8) / 2));
      for (let n = 0; n < samples.length; n++) samples[n] = view.getInt16(at + 8 + 2 * n, true);
      return toTelephone(samples, rate);
    }
    at += 8 + length + (length % 2);
  }
  return fail('no sound in it');
}

/** WAV, 16 bit, one channel, 8 kHz: what baresip's aufile reads. */
export function writeWav(samples: Int16Array): Uint8Array {
  const bytes = new Uint8Array(44 + samples.length * 2);
  const view = new DataView(bytes.buffer);
  const put = (at: number, text: string): void => bytes.set(new TextEncoder().encode(text), at);
  put(0, 'RIFF');
  view.setUint32(4, 36 + samples.length * 2, true);
  put(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE, true);
  view.setUint32(28, RATE * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  put(36, 'data');
  view.setUint32(40, samples.length * 2, true);
  for (const [n, sample] of samples.entries()) view.setInt16(44 + 2 * n, sample, true);
  return bytes;
}

/** Half the length of the filter, in samples of the telephone. */
const REACH = 16;

/**
 * To 8 kHz: each sample is the sum of those around it under a windowed sinc that lets pass what a telephone does (below
 * 3,600 Hz). What is above would come back as a hiss: just leaving samples out makes s and sh unintelligible.
 */
function toTelephone(samples: Int16Array, rate: number): Int16Array {
  if (rate === RATE) return samples;
  const step = rate / RATE;
  const reach = Math.ceil(REACH * step);
  const pass = (2 * 3600) / rate;
  const result = new Int16Array(Math.floor(samples.length / step));
  for (let n = 0; n < result.length; n++) {
    const centre = n * step;
    let sum = 0;
    for (let at = Math.ceil(centre - reach); at <= centre + reach; at++) {
      const x = at - centre;
      const window = 0.5 + 0.5 * Math.cos((Math.PI * x) / (reach + 1));
      sum += (samples[at] ?? 0) * window * pass * sinc(pass * x);
    }
    result[n] = Math.max(-32_768, Math.min(32_767, Math.round(sum)));
  }
  return result;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** Root of the mean square, 0 to 32,767; speech of a telephone is some thousands. */
export function loudness(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return samples.length === 0 ? 0 : Math.sqrt(sum / samples.length);
}

export const silence = (seconds: number): Int16Array => new Int16Array(Math.round(seconds * RATE));

export function joinSounds(sounds: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(sounds.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const sound of sounds) {
    whole.set(sound, at);
    at += sound.length;
  }
  return whole;
}

/** Seconds. */
export const lengthOf = (samples: Int16Array): number => samples.length / RATE;
