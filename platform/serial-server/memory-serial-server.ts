import { ZhishouError } from '#core/errors.ts';
import type { Clock } from '#core/ports.ts';
import { milliseconds } from '#core/time.ts';
import { type ByteConnector, linkOver, type SerialServerAddress, type WiredLink } from './byte-link.ts';

/** What a serial line says back: pieces, each some time after the question. */
export interface Piece {
  readonly afterMs: number;
  readonly bytes: Uint8Array;
}

/** What stands on a serial line: hears each question, says pieces. */
export type SerialLine = (question: Uint8Array) => readonly Piece[];

/** Serial servers without sockets, on a clock: the TCP connector's twin for tests and simulation. */
export interface MemorySerialServers extends ByteConnector {
  /** Puts a line behind an address; null takes it away, with its connections. */
  put(at: SerialServerAddress, line: SerialLine | null): void;
  /** Says something on the line although nobody asked. */
  say(at: SerialServerAddress, bytes: Uint8Array): void;
  /** Cuts the connections; the line stays. */
  hangUp(at: SerialServerAddress): void;
  /** Connections opened so far. */
  readonly opened: number;
}

interface Port {
  line: SerialLine;
  readonly links: Set<WiredLink>;
}

export function createMemorySerialServers(clock: Clock): MemorySerialServers {
  const ports = new Map<string, Port>();
  const keyOf = ({ host, port }: SerialServerAddress): string => `${host}:${port}`;
  let opened = 0;
  const say = (port: Port | undefined, bytes: Uint8Array): void => {
    for (const { heard } of [...(port?.links ?? [])]) heard(bytes);
  };
  const hangUp = (port: Port | undefined): void => {
    for (const { gone } of [...(port?.links ?? [])]) gone('it hung up');
    port?.links.clear();
  };
  const openLink = (port: Port, where: string): WiredLink => {
    const wired: WiredLink = linkOver(
      {
        now: () => clock.monotonic(),
        after: (delay, run) => clock.after(delay, run),
        // Whoever is connected hears it: what comes late finds the next question's owner.
        send: (question) => {
          for (const { afterMs, bytes } of port.line(question))
            clock.after(milliseconds(afterMs), () => say(port, bytes));
        },
        end: () => void port.links.delete(wired),
      },
      where,
    );
    port.links.add(wired);
    return wired;
  };
  return {
    now: () => clock.monotonic(),
    open: (at) => {
      const port = ports.get(keyOf(at));
      const where = `memory ${keyOf(at)}`;
      if (port === undefined) return Promise.reject(new ZhishouError('UNREACHABLE', where, 'nobody listens'));
      opened++;
      return Promise.resolve(openLink(port, where).link);
    },
    put: (at, line) => {
      const known = ports.get(keyOf(at));
      if (line === null) {
        ports.delete(keyOf(at));
        hangUp(known);
      } else if (known === undefined) ports.set(keyOf(at), { line, links: new Set() });
      else known.line = line;
    },
    say: (at, bytes) => say(ports.get(keyOf(at)), bytes),
    hangUp: (at) => hangUp(ports.get(keyOf(at))),
    get opened() {
      return opened;
    },
  };
}
