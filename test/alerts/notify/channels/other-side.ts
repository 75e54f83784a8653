import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { channelSchema } from '#core/config/channels.ts';
import type { OutgoingMessage } from '#core/notification.ts';
import type { Bus, Channel, Clock } from '#core/ports.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import type { ChannelMemory } from '#services/alerts/notify/channels/channel-parts.ts';
import { createChannels } from '#services/alerts/notify/channels/create-channels.ts';
import { T0 } from '../../support.ts';

/** What the tests of channels have in common: a message, a channel, and an other side on loopback. */

export const message: OutgoingMessage = {
  id: 'd1-1',
  to: 'group',
  person: 'ann',
  language: 'zh',
  subject: '【模拟】紧急：机柜 A 温度过高 38.5 ℃（温度计 <一号>）',
  body: '机房 301：温度计\n温度 38.5 ℃，03:04:05 起\n后果：设备过热关机',
  severity: 'high',
  phase: 'raised',
  conversation: 'inc-1',
  incident: 'inc-1',
  alert: 'high-temperature/t-1/1',
  act: { link: 'https://zhishou.example.com/a/SIGNED-LINK-1', code: 'K7' },
  drill: false,
  simulated: true,
  at: T0,
};

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

export interface OtherSide {
  readonly seen: Seen[];
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  json(index?: number): unknown;
}

export interface Scene {
  httpServer(answer: (seen: Seen) => Reply | null): Promise<OtherSide>;
  closedPort(): Promise<number>;
  muteServer(): Promise<number>;
  channel(config: Record<string, unknown>, parts?: Partial<SceneParts>): Channel;
  end(): Promise<void>;
}

export interface SceneParts {
  readonly bus: Bus;
  readonly wall: Clock;
  readonly memory: ChannelMemory;
}

export function createScene(): Scene {
  const cleanUps: (() => Promise<void>)[] = [];
  const listen = async (server: Server | ReturnType<typeof createTcpServer>): Promise<number> => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };

  return {
    async httpServer(answer) {
      const seen: Seen[] = [];
      const server = createServer((request, response) => {
        const parts: Buffer[] = [];
        request.on('data', (part: Buffer) => parts.push(part));
        request.on('end', () => {
          const { method = '', url = '', headers } = request;
          seen.push({ method, url, headers, body: Buffer.concat(parts) });
          const reply = answer(seen.at(-1)!);
          if (reply !== null) response.writeHead(reply.status ?? 200, reply.headers).end(reply.body ?? '');
        });
      });
      const port = await listen(server);
      cleanUps.push(async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      });
      return {
        seen,
        origin: `http://127.0.0.1:${port}`,
        json: (index = -1) => JSON.parse(seen.at(index)!.body.toString('utf8')) as unknown,
      };
    },
    async closedPort() {
      const server = createTcpServer();
      const port = await listen(server);
      await new Promise((resolve) => server.close(resolve));
      return port;
    },
    async muteServer() {
      const sockets = new Set<Socket>();
      const server = createTcpServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => {}).resume();
      });
      const port = await listen(server);
      cleanUps.push(async () => {
        for (const socket of sockets) socket.destroy();
        await new Promise((resolve) => server.close(resolve));
      });
      return port;
    },
    channel(config, { bus = createMemoryBus(), wall = createVirtualClock(T0), memory } = {}) {
      const made = createChannels(
        { id: 'lab', channels: { it: channelSchema.parse(config) } },
        { clock: wall, wall, bus, log: silentLog, ...(memory === undefined ? {} : { memory }) },
      ).it!;
      cleanUps.push(() => made.close());
      return made;
    },
    async end() {
      for (const cleanUp of cleanUps.splice(0)) await cleanUp();
    },
  };
}

/** What was thrown, for tests of several of its sides. */
export const failureOf = (
  promise: Promise<unknown>,
): Promise<{ code?: string; retryable?: boolean; message: string }> =>
  promise.then(
    () => ({ message: 'nothing was thrown' }),
    (error: unknown) => error as { message: string },
  );
