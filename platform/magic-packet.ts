import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { isIPv6 } from 'node:net';

/** Wake-on-LAN (AMD 20213): six bytes of ones and the address sixteen times, to everybody on the net. */
export function magicPacket(mac: string): Uint8Array {
  const address = Buffer.from(mac.replaceAll(/[:-]/g, ''), 'hex');
  return Buffer.concat([Buffer.alloc(6, 0xff), ...Array.from({ length: 16 }, () => address)]);
}

/** UDP may lose one; a card that is awake ignores the rest. */
const COPIES = 3;

/** Sends it. Rejects when the address cannot be resolved or the network does not take it. */
export async function sendMagicPacket(target: WakeTarget, mac: string): Promise<void> {
  const packet = magicPacket(mac);
  await withSocket(target, async (socket, address) => {
    for (let i = 0; i < COPIES; i++) await send(socket, packet, target.port, address);
  });
}

/** Does all but sending: resolves the address and opens a socket that may broadcast. Gives the address it would go to. */
export function tryWakeSocket(target: WakeTarget): Promise<string> {
  return withSocket(target, (_socket, address) => Promise.resolve(address));
}

export interface WakeTarget {
  readonly host: string;
  readonly port: number;
}

async function withSocket<T>({ host }: WakeTarget, use: (socket: Socket, address: string) => Promise<T>): Promise<T> {
  const { address } = await lookup(host);
  const v6 = isIPv6(address);
  const socket = createSocket(v6 ? 'udp6' : 'udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(0, () => {
        socket.off('error', reject);
        resolve();
      });
    });
    socket.on('error', () => {});
    // IPv6 has no broadcast; a multicast address needs no permission.
    if (!v6) socket.setBroadcast(true);
    return await use(socket, address);
  } finally {
    socket.close();
  }
}

const send = (socket: Socket, packet: Uint8Array, port: number, address: string): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.send(packet, port, address, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
