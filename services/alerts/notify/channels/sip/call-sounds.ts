import type { ChannelConfigOf } from '#core/config/channels.ts';
import { ZhishouError } from '#core/errors.ts';
import type { OutgoingMessage } from '#core/notification.ts';
import { type Duration, milliseconds } from '#core/time.ts';
import { readBytes } from '#platform/files.ts';
import { joinSounds, lengthOf, readWav, silence, writeWav } from './sound.ts';
import { checkSound, type Speak } from './speech.ts';
import { PROMPT, spokenText, THANKS } from './spoken-text.ts';

/** The sounds of one call, as files. */
export interface CallSounds {
  /** The message and what to press, several times, with time to press. baresip hangs up by itself at the end of a file. */
  readonly message: Sound;
  readonly thanks: Sound;
  /** After that the message was heard once, and how to answer it, from the beginning of `message`. */
  readonly heardAfter: Duration;
}

export interface Sound {
  readonly bytes: Uint8Array;
  readonly length: Duration;
}

type SipConfig = ChannelConfigOf<'sip-call'>;
type Says = SipConfig['clips'][number]['says'];

const MOST_CLIP_BYTES = 16 * 1024 * 1024;
/** Seconds: the telephone is still on its way to the ear; after the message; to press a key; before the line goes. */
const GAPS = { ear: 1, prompt: 0.4, press: 4, end: 0.6 } as const;

export async function makeCallSounds(message: OutgoingMessage, config: SipConfig, speak: Speak): Promise<CallSounds> {
  const { language } = message;
  const say = (says: Says, text: string): Promise<Int16Array> | Int16Array =>
    clip(config, says, message) ?? speak(text, language);
  const words = await say('message', spokenText(message));
  const prompt = await say('prompt', PROMPT[language]);
  const thanks = await say('thanks', THANKS[language]);
  const once = [words, silence(GAPS.prompt), prompt, silence(GAPS.press)];
  const whole = joinSounds([silence(GAPS.ear), ...Array.from({ length: config.repeats }, () => once).flat()]);
  return {
    message: toSound(whole),
    thanks: toSound(joinSounds([thanks, silence(GAPS.end)])),
    heardAfter: milliseconds(Math.round((GAPS.ear + lengthOf(words) + GAPS.prompt + lengthOf(prompt)) * 1000)),
  };
}

/** Rings in it: the source must not end before somebody answers. */
export const ringingSound = (length: Duration): Sound => toSound(silence(length / 1000));

const toSound = (samples: Int16Array): Sound => ({
  bytes: writeWav(samples),
  length: milliseconds(Math.round(lengthOf(samples) * 1000)),
});

function clip(config: SipConfig, says: Says, { language, subject }: OutgoingMessage): Int16Array | null {
  const fits = config.clips.find(
    (one) => one.says === says && one.language === language && (one.words === undefined || subject.includes(one.words)),
  );
  if (fits === undefined) return null;
  const bytes = readBytes(fits.file, MOST_CLIP_BYTES);
  if (bytes === null) throw new ZhishouError('NOT_FOUND', fits.file, 'no such recording');
  return checkSound(readWav(bytes, fits.file), fits.file);
}
