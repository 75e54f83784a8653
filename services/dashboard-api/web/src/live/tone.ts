import type { Severity } from '#core/config/rule.ts';

/** Short, calm tones, one for each severity, made here: no file to load. Quiet enough for an office at night. */
interface Note {
  readonly hertz: number;
  /** Seconds after the beginning. */
  readonly at: number;
}

/** High rises and falls, medium falls, low is one note: told apart without looking. */
const TONES: Readonly<Record<Severity, { readonly notes: readonly Note[]; readonly loud: number }>> = {
  high: {
    notes: [
      { hertz: 660, at: 0 },
      { hertz: 880, at: 0.24 },
      { hertz: 660, at: 0.48 },
    ],
    loud: 0.16,
  },
  medium: {
    notes: [
      { hertz: 660, at: 0 },
      { hertz: 523, at: 0.28 },
    ],
    loud: 0.12,
  },
  low: { notes: [{ hertz: 523, at: 0 }], loud: 0.08 },
};
const LENGTH = 0.26;

let context: AudioContext | null = null;

/** Browsers sound nothing before a touch on the page: false says that it would not be heard. */
export const isAudible = (): boolean => context?.state === 'running';

/** Asks the browser whether it may sound, after a touch or where the browser trusts the page. */
export async function wakeAudio(): Promise<boolean> {
  context ??= new AudioContext();
  // Without leave this waits until somebody touches the page: it is not waited for longer than a moment.
  await Promise.race([context.resume(), new Promise((resolve) => setTimeout(resolve, 300))]);
  return isAudible();
}

export function playTone(severity: Severity): void {
  context ??= new AudioContext();
  void context.resume();
  const start = context.currentTime + 0.02;
  const { notes, loud } = TONES[severity];
  for (const { hertz, at } of notes) {
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    const from = start + at;
    oscillator.frequency.value = hertz;
    gain.gain.setValueAtTime(0, from);
    gain.gain.linearRampToValueAtTime(loud, from + 0.03);
    gain.gain.exponentialRampToValueAtTime(0.001, from + LENGTH);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(from);
    oscillator.stop(from + LENGTH + 0.02);
  }
}
