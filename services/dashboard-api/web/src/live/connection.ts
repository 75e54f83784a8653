import { readEventStream } from './event-stream.ts';
import { loadSession } from './session.ts';
import { applyEvent, live } from './store.ts';

/** Keeps one live stream open: reconnects with growing pauses, resumes where it stopped, says when it is offline. */

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
/** The service sends at least a comment every 15 s; 40 s without a line is a dead connection (API.md). */
const SILENCE_MS = 40_000;

let running: AbortController | null = null;

export function connect(onRefused: () => void): void {
  disconnect();
  const controller = new AbortController();
  running = controller;
  void keepConnected(controller.signal, onRefused);
}

export function disconnect(): void {
  running?.abort();
  running = null;
}

async function keepConnected(signal: AbortSignal, onRefused: () => void): Promise<void> {
  let pauseMs = FIRST_PAUSE_MS;
  let lastEventId: string | null = null;
  while (!signal.aborted) {
    const end = await readEventStream(
      {
        url: '/api/v1/live',
        lastEventId,
        silenceMs: SILENCE_MS,
        onOpen: () => {
          pauseMs = FIRST_PAUSE_MS;
        },
        onEvent: ({ id, name, data }) => {
          lastEventId = id;
          applyEvent(name, data);
          live.connection = 'live';
          live.offlineSince = null;
        },
      },
      signal,
    );
    if (signal.aborted) return;
    if (end.kind === 'refused' && (end.status === 401 || end.status === 403)) {
      await loadSession().catch(() => undefined);
      onRefused();
      return;
    }
    live.connection = 'offline';
    live.offlineSince ??= Date.now();
    await pause(pauseMs, signal);
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
  }
}

/** Ends early when the machine says that the network is back. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, ms);
    function end(): void {
      clearTimeout(timer);
      removeEventListener('online', end);
      resolve();
    }
    addEventListener('online', end);
    signal.addEventListener('abort', end, { once: true });
  });
}
