import { ZhishouError } from '#core/errors.ts';
import type { Clock } from '#core/ports.ts';
import type { Language } from '#core/text.ts';
import { seconds } from '#core/time.ts';
import { readBytes } from '#platform/files.ts';
import { runCommand } from '#platform/run-command.ts';
import { loudness, readWav } from './sound.ts';

/** Says a text: 8 kHz. UNREACHABLE when the synthesiser is not there, BAD_ANSWER when what it made is silent. */
export type Speak = (text: string, language: Language) => Promise<Int16Array>;

export interface SpeechOptions {
  readonly voices: Readonly<Record<Language, string>>;
  /** Words a minute. */
  readonly speed: number;
  /** Where it may write. */
  readonly folder: string;
  readonly clock: Clock;
}

const MOST_KEPT = 50;
const MOST_BYTES = 16 * 1024 * 1024;
/** Below it nobody hears anything: speech has thousands. */
const SILENT = 100;

/** Speech by espeak-ng, kept while it may be wanted again: a reminder says the same. */
export function createSpeech({ voices, speed, folder, clock }: SpeechOptions): Speak {
  const kept = new Map<string, Promise<Int16Array>>();
  let count = 0;

  async function make(text: string, language: Language): Promise<Int16Array> {
    const file = `${folder}/s${count++ % 1000}.wav`;
    const words = ['-v', voices[language], '-s', String(speed), '-b', '1', '-w', file, '--stdin'];
    const made = await runCommand('espeak-ng', words, { clock, limit: seconds(20), input: text });
    if (made.result !== 'ok') {
      throw new ZhishouError('UNREACHABLE', 'espeak-ng', `${made.detail} ${made.output ?? ''}`.slice(0, 300));
    }
    return checkSound(readWav(readBytes(file, MOST_BYTES) ?? new Uint8Array(), 'espeak-ng'), 'espeak-ng');
  }

  return (text, language) => {
    const key = `${language} ${text}`;
    const before = kept.get(key);
    if (before !== undefined) return before;
    const made = make(text, language);
    kept.set(key, made);
    made.catch(() => kept.delete(key));
    for (const old of [...kept.keys()].slice(0, -MOST_KEPT)) kept.delete(old);
    return made;
  };
}

/** A silent call at night is the worst of all: it looks like a told alarm. */
export function checkSound(samples: Int16Array, subject: string): Int16Array {
  if (loudness(samples) < SILENT) throw new ZhishouError('BAD_ANSWER', subject, 'what would be said is silent');
  return samples;
}
