/**
 * Server-sent events over fetch. EventSource hides the comment lines that prove a quiet connection alive, and the
 * status of a refusal; this reader sees both.
 */
export interface StreamEvent {
  readonly id: string | null;
  readonly name: string;
  readonly data: string;
}

/**
 * Cuts a text stream into events. Pure but for its buffer; feed it chunks as they come.
 * Example: `event: a\ndata: 1\n\n` gives `{name: 'a', data: '1'}`.
 */
export function createEventParser(onEvent: (event: StreamEvent) => void): (chunk: string) => void {
  let buffer = '';
  let id: string | null = null;
  let name = '';
  let data: string[] = [];
  const endEvent = (): void => {
    if (data.length > 0) onEvent({ id, name: name === '' ? 'message' : name, data: data.join('\n') });
    name = '';
    data = [];
  };
  const takeLine = (line: string): void => {
    if (line === '') {
      endEvent();
      return;
    }
    if (line.startsWith(':')) return;
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data.push(value);
    else if (field === 'event') name = value;
    else if (field === 'id' && !value.includes('\0')) id = value;
  };
  return (chunk) => {
    buffer += chunk;
    let end = buffer.search(/\r\n|\n|\r(?!$)/);
    while (end >= 0) {
      const line = buffer.slice(0, end);
      buffer = buffer.slice(end + (buffer.startsWith('\r\n', end) ? 2 : 1));
      takeLine(line);
      end = buffer.search(/\r\n|\n|\r(?!$)/);
    }
  };
}

export interface StreamOptions {
  readonly url: string;
  readonly lastEventId: string | null;
  readonly onOpen: () => void;
  readonly onEvent: (event: StreamEvent) => void;
  /** No byte for so long: the connection is dead. */
  readonly silenceMs: number;
}

/** Why a stream ended: the server said no with this status, or the connection broke. */
export type StreamEnd = { readonly kind: 'refused'; readonly status: number } | { readonly kind: 'broken' };

/** Reads until the stream ends; `signal` ends it from here. */
export async function readEventStream(options: StreamOptions, signal: AbortSignal): Promise<StreamEnd> {
  const watchdog = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const alive = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => watchdog.abort(), options.silenceMs);
  };
  alive();
  try {
    const response = await fetch(options.url, {
      headers: {
        accept: 'text/event-stream',
        ...(options.lastEventId === null ? {} : { 'last-event-id': options.lastEventId }),
      },
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.any([signal, watchdog.signal]),
    });
    if (!response.ok || response.body === null) return { kind: 'refused', status: response.status };
    options.onOpen();
    const feed = createEventParser(options.onEvent);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { kind: 'broken' };
      alive();
      feed(value);
    }
  } catch {
    return { kind: 'broken' };
  } finally {
    clearTimeout(timer);
  }
}
