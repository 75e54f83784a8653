import type { BusMessage, Clock } from '#core/ports.ts';
import { type Duration, seconds } from '#core/time.ts';

/**
 * Does the way from a message to people really run? A probe is put on the bus; it goes through the rules and a durable write of
 * the outbox like a reading that fires, and comes back. A timer that merely ticks would beat on in a service that decides nothing.
 */
export interface BeatSource {
  /** Resolves with whether the probe came back in time. */
  beat(): Promise<boolean>;
  /** A probe came over the bus. Null: taken; else why not. */
  onProbe(message: BusMessage): string | null;
}

export interface BeatSourceDependencies {
  readonly clock: Clock;
  /** Puts the probe on the bus. */
  readonly send: (id: string) => void;
  /** Through the rules and the outbox; calls back when it is durable. Throws when that is not possible. */
  readonly through: (id: string, done: () => void) => void;
}

/** The way takes milliseconds; ten seconds is a service that stands. */
const IN_TIME: Duration = seconds(10);
const decoder = new TextDecoder();

export function createBeatSource({ clock, send, through }: BeatSourceDependencies): BeatSource {
  const waiting = new Map<string, () => void>();
  let count = 0;
  return {
    beat() {
      const id = `b${++count}-${clock.now()}`;
      return new Promise((resolve) => {
        const settle = (back: boolean): void => {
          if (!waiting.delete(id)) return;
          cancel();
          resolve(back);
        };
        const cancel = clock.after(IN_TIME, () => settle(false));
        waiting.set(id, () => settle(true));
        send(id);
      });
    },
    onProbe({ value, payload }) {
      const id = idOf(value ?? decoder.decode(payload.subarray(0, 200)));
      // Of another instance, or too late.
      const back = id === null ? undefined : waiting.get(id);
      if (id === null) return 'not a probe';
      if (back !== undefined) through(id, back);
      return null;
    },
  };
}

function idOf(said: unknown): string | null {
  if (typeof said === 'string') {
    try {
      return idOf(JSON.parse(said));
    } catch {
      return null;
    }
  }
  if (typeof said !== 'object' || said === null || !('id' in said)) return null;
  return typeof said.id === 'string' ? said.id : null;
}
