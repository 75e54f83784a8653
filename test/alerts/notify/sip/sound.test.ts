import { describe, expect, it } from 'vitest';
import { createNetstringReader, writeNetstring } from '#platform/baresip/netstring.ts';
import {
  joinSounds,
  lengthOf,
  loudness,
  readWav,
  silence,
  writeWav,
} from '#services/alerts/notify/channels/sip/sound.ts';
import { checkSound } from '#services/alerts/notify/channels/sip/speech.ts';

/** A WAV at any rate with a tone in it. */
function tone(frequency: number, rate: number, seconds: number): Uint8Array {
  const samples = Int16Array.from({ length: rate * seconds }, (_, n) =>
    Math.round(10_000 * Math.sin((2 * Math.PI * frequency * n) / rate)),
  );
  const bytes = writeWav(samples);
  new DataView(bytes.buffer).setUint32(24, rate, true);
  return bytes;
}

describe('sound for the telephone', () => {
  it('what is written is read back', () => {
    const sound = Int16Array.from({ length: 500 }, (_, n) => (n * 37) % 30_000);
    expect(readWav(writeWav(sound), 'x')).toEqual(sound);
  });

  it.each<[number, number, number, number, string]>([
    [440, 22_050, 6500, 7600, 'a voice passes as it is'],
    [3000, 22_050, 6500, 7600, 's and sh pass'],
    [6000, 22_050, 0, 150, 'what a telephone cannot carry does not come back as a hiss'],
    [1000, 48_000, 6500, 7600, 'a recording of a studio'],
    [1000, 8000, 6900, 7200, 'a telephone’s own rate'],
  ])('%i Hz at %i samples a second: loudness %i to %i, %s', (frequency, rate, least, most) => {
    const sound = readWav(tone(frequency, rate, 1), 'x');
    expect(lengthOf(sound)).toBeCloseTo(1, 2);
    const middle = loudness(sound.subarray(400, 7600));
    expect(middle).toBeGreaterThanOrEqual(least);
    expect(middle).toBeLessThanOrEqual(most);
  });

  it('refuses what is no sound of one channel and 16 bits', () => {
    const stereo = tone(440, 8000, 1);
    new DataView(stereo.buffer).setUint16(22, 2, true);
    for (const bytes of [new Uint8Array(), new Uint8Array(100), stereo, writeWav(silence(1)).subarray(0, 40)]) {
      expect(() => readWav(bytes, 'clip.wav')).toThrow('clip.wav');
    }
  });

  it('silence is not taken for a message', () => {
    expect(() => checkSound(silence(2), 'espeak-ng')).toThrow('silent');
    expect(() => checkSound(new Int16Array(), 'espeak-ng')).toThrow('silent');
    expect(lengthOf(joinSounds([silence(1), silence(0.5)]))).toBe(1.5);
  });
});

describe('netstrings', () => {
  it('are read however they are cut', () => {
    const bytes = Buffer.from(writeNetstring('{"a":"市电"}') + writeNetstring('') + writeNetstring('x,y'));
    for (let cut = 0; cut <= bytes.length; cut++) {
      const read = createNetstringReader();
      const texts = [...(read(bytes.subarray(0, cut)) ?? []), ...(read(bytes.subarray(cut)) ?? [])];
      expect(texts).toEqual(['{"a":"市电"}', '', 'x,y']);
    }
  });

  it.each(['x:a,', '3:abcd', ':a,', '9999999:', '-1:a,', '99999:'])('%s is none', (text) => {
    expect(createNetstringReader()(Buffer.from(text))).toBeNull();
  });
});
