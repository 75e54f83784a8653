import { connect, type Socket } from 'node:net';
import { ZhishouError } from '#core/errors.ts';
import { milliseconds } from '#core/time.ts';
import { type ByteConnector, type ByteLink, linkOver } from './byte-link.ts';

/** Asks after so long whether the other end still lives: a serial server that lost its power says nothing. */
const KEEP_ALIVE_MS = 30_000;

const now = () => milliseconds(performance.now());

export const createTcpByteConnector = (): ByteConnector => ({
  now,
  open: ({ host, port }, timeout) =>
    new Promise((resolve, reject) => {
      const where = `tcp ${host}:${port}`;
      const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS });
      const timer = setTimeout(() => {
        socket.destroy();
        reject(new ZhishouError('TIMED_OUT', where, 'no connection'));
      }, timeout);
      socket.once('error', (error) => {
        clearTimeout(timer);
        reject(new ZhishouError('UNREACHABLE', where, error.message, { cause: error }));
      });
      socket.once('connect', () => {
        clearTimeout(timer);
        socket.removeAllListeners('error');
        resolve(linkOverSocket(socket, where));
      });
    }),
});

function linkOverSocket(socket: Socket, where: string): ByteLink {
  const { link, heard, gone } = linkOver(
    {
      now,
      send: (bytes) => void socket.write(bytes),
      end: () => void socket.destroy(),
      after: (delay, run) => {
        const timer = setTimeout(run, delay);
        return () => clearTimeout(timer);
      },
    },
    where,
  );
  socket.on('error', (error) => gone(error.message, error));
  socket.on('close', () => gone('it hung up'));
  socket.on('data', heard);
  return link;
}
