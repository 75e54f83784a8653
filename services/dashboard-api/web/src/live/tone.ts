import { watch } from 'vue';
import { preferences } from '../preferences.ts';
import { openAlerts } from './store.ts';

/** A soft tone when a new high alert appears: only after consent, once per alert. */
let context: AudioContext | null = null;
const heard = new Set<string>();

/** Two short falling notes, quiet enough for an office. Browsers allow it only after a touch on the page. */
export function playTone(): void {
  context ??= new AudioContext();
  const start = context.currentTime + 0.02;
  for (const [index, frequency] of [660, 523].entries()) {
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    const from = start + index * 0.28;
    oscillator.frequency.value = frequency;
    gain.gain.setValueAtTime(0, from);
    gain.gain.linearRampToValueAtTime(0.12, from + 0.03);
    gain.gain.exponentialRampToValueAtTime(0.001, from + 0.26);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(from);
    oscillator.stop(from + 0.28);
  }
}

export function startTone(): void {
  watch(openAlerts, (alerts) => {
    const fresh = alerts.filter(
      ({ id, severity, state }) => severity === 'high' && state === 'firing' && !heard.has(id),
    );
    for (const { id } of fresh) heard.add(id);
    if (fresh.length > 0 && preferences.sound) playTone();
  });
}
