/**
 * Of all tabs of this browser one does a thing: whoever wants to says so, waits a moment, and gives way to a tab of a lower
 * number and to what is done already. Web Locks would be simpler, but a page over plain HTTP in the room's network has none.
 */
export interface OneTab {
  /** Calls `act` in one of the tabs that claim the same key within a few seconds. */
  claim(key: string, act: () => void): void;
  close(): void;
}

interface Said {
  readonly kind: 'claim' | 'done';
  readonly key: string;
  readonly tab: number;
}

const WAIT_MS = 150;
/** A key is used once: an alert's, or an alert's with the time of a repetition. */
const MOST_KEYS = 300;

export function createOneTab(name: string, tab = Math.floor(Math.random() * 2 ** 31)): OneTab {
  const channel = new BroadcastChannel(name);
  const done = new Set<string>();
  const lowest = new Map<string, number>();

  function note(key: string, other: number): void {
    lowest.set(key, Math.min(other, lowest.get(key) ?? other));
    for (const set of [lowest, done]) {
      for (const oldest of set.keys()) {
        if (set.size <= MOST_KEYS) break;
        set.delete(oldest);
      }
    }
  }

  channel.onmessage = ({ data }: MessageEvent<Said>) => {
    if (data.kind === 'done') done.add(data.key);
    note(data.key, data.tab);
  };
  const say = (kind: Said['kind'], key: string): void => channel.postMessage({ kind, key, tab } satisfies Said);

  return {
    claim(key, act) {
      if (done.has(key)) return;
      say('claim', key);
      note(key, tab);
      setTimeout(() => {
        if (done.has(key) || lowest.get(key) !== tab) return;
        done.add(key);
        say('done', key);
        act();
      }, WAIT_MS);
    },
    close: () => channel.close(),
  };
}
