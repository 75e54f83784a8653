import { connect, type Socket } from 'node:net';
import { ZhishouError } from '#core/errors.ts';
import { createNetstringReader, writeNetstring } from './netstring.ts';
import type { Softphone, SoftphoneEvent } from './softphone.ts';

/** baresip's ctrl_tcp (modules/ctrl_tcp/ctrl_tcp.c): commands with a token, answers with the same, events in between. */
export type ControlLink = Pick<Softphone, 'command' | 'onEvent'> & { readonly closed: Promise<void>; close(): void };

interface Waiting {
  readonly resolve: (data: string) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** It answers at once or never. */
const ANSWER_MS = 5000;
/** baresip copies command and parameters into 256 bytes (1.0.0). */
const MOST_COMMAND = 250;

/** Rejects with UNREACHABLE when nothing listens there. */
export function openControlLink(port: number): Promise<ControlLink> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    socket.once('error', (error) =>
      reject(new ZhishouError('UNREACHABLE', 'baresip', error.message, { cause: error })),
    );
    socket.once('connect', () => resolve(createLink(socket)));
  });
}

function createLink(socket: Socket): ControlLink {
  const waiting = new Map<string, Waiting>();
  const handlers = new Set<(event: SoftphoneEvent) => void>();
  const read = createNetstringReader();
  let tokens = 0;

  function hear(text: string): void {
    const said = parse(text);
    if (said === null) return;
    if (said.event === true) {
      const event = { type: words(said.type), incoming: said.direction === 'incoming', param: words(said.param) };
      for (const handler of handlers) handler(event);
      return;
    }
    const one = waiting.get(words(said.token));
    if (one === undefined) return;
    waiting.delete(words(said.token));
    clearTimeout(one.timer);
    if (said.ok === true) one.resolve(words(said.data));
    else one.reject(new ZhishouError('REFUSED', 'baresip', words(said.data)));
  }

  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      for (const { reject, timer } of waiting.values()) {
        clearTimeout(timer);
        reject(new ZhishouError('UNREACHABLE', 'baresip', 'it is gone'));
      }
      waiting.clear();
      resolve();
    });
  });
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes: Buffer) => {
    const texts = read(bytes);
    if (texts === null) socket.destroy();
    else for (const text of texts) hear(text);
  });
  return {
    closed,
    close: () => socket.destroy(),
    onEvent(handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    command: (name, params) =>
      new Promise((resolve, reject) => {
        const token = String(++tokens);
        const whole = `${name} ${params ?? ''}`;
        if (socket.destroyed || whole.length > MOST_COMMAND) {
          reject(new ZhishouError(socket.destroyed ? 'UNREACHABLE' : 'TOO_LARGE', 'baresip', name));
          return;
        }
        const timer = setTimeout(() => {
          waiting.delete(token);
          reject(new ZhishouError('TIMED_OUT', 'baresip', `no answer to ${name}`));
        }, ANSWER_MS);
        waiting.set(token, { resolve, reject, timer });
        socket.write(
          writeNetstring(JSON.stringify({ command: name, ...(params === undefined ? {} : { params }), token })),
        );
      }),
  };
}

const words = (value: unknown): string => (typeof value === 'string' ? value : '');

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
