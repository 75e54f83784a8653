import { createServer, type Socket } from 'node:net';
import { ZhishouError } from '#core/errors.ts';
import type { Stop } from '#core/ports.ts';

/** A bare TCP port: it accepts and says nothing. Rejects with UNREACHABLE when the port is taken. */
export function listenTcp(host: string, port: number): Promise<Stop> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.resume();
  });
  server.maxConnections = 50;
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(new ZhishouError('UNREACHABLE', `tcp ${host}:${port}`, error.message, { cause: error })),
    );
    server.listen(port, host, () =>
      resolve(
        () =>
          new Promise((closed) => {
            server.close(() => closed());
            for (const socket of sockets) socket.destroy();
          }),
      ),
    );
  });
}
