import ssh2, { type AuthContext, type Connection, type ServerChannel, type Server as SshServer } from 'ssh2';
import { ZhishouError } from '#core/errors.ts';
import type { Cancel, Log, Stop } from '#core/ports.ts';
import { sameSecret } from '#platform/secrets.ts';
import { listenTcp } from '#platform/tcp-listener.ts';
import type { Room } from '../room.ts';
import type { SimulatorSecrets } from './secrets.ts';

/** A real SSH server in front of a simulated machine: open while it runs, gone when it goes. */

export interface SshAddress {
  readonly device: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

export interface SshFace {
  /** Opens or closes the port as the machine now stands; resolves when it is so. */
  refresh(): Promise<void>;
  readonly stop: Stop;
}

const MOST_CONNECTIONS = 50;
/** A public key in the wire format that the machine accepts besides the password, when the room's secrets hold one. */
type KeyBlob = Buffer | null;

export function createSshFace(room: Room, address: SshAddress, secrets: SimulatorSecrets, log: Log): SshFace {
  const clients = new Set<Connection>();
  const over = `ssh ${address.host}:${address.port}`;
  const clientKey = secrets.clientKey === null ? null : publicBlob(secrets.clientKey);
  let server: SshServer | null = null;
  /** The port opens and nobody speaks (`ssh-hangs`). */
  let mute: Stop | null = null;
  let working: Promise<void> = Promise.resolve();

  const open = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const made = new ssh2.Server({ hostKeys: [secrets.hostKey], ident: 'Zhishou-simulated' }, (client) => {
        if (clients.size >= MOST_CONNECTIONS) client.end();
        else serveClient({ client, room, address, over, secrets, clientKey, clients, log });
      });
      made.once('error', (error: Error) =>
        reject(new ZhishouError('UNREACHABLE', `tcp ${address.host}:${address.port}`, error.message, { cause: error })),
      );
      made.listen(address.port, address.host, () => {
        server = made;
        resolve();
      });
    });
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      const closing = server;
      server = null;
      for (const client of clients) client.end();
      clients.clear();
      if (closing === null) resolve();
      else closing.close(() => resolve());
    });
  const change = (wanted: 'closed' | 'open' | 'mute'): Promise<void> => {
    working = working.then(async () => {
      if (wanted !== 'open' && server !== null) await close();
      if (wanted !== 'mute' && mute !== null) {
        const ending = mute;
        mute = null;
        await ending();
      }
      if (wanted === 'open' && server === null) await open();
      if (wanted === 'mute') mute ??= await listenTcp(address.host, address.port);
    });
    return working;
  };
  const wanted = (): 'closed' | 'open' | 'mute' => {
    if (!room.reachable(address.device)) return 'closed';
    const machine = room.look().world.machines.find((one) => one.id === address.device);
    return machine?.fault === 'ssh-hangs' ? 'mute' : 'open';
  };
  return {
    refresh: () => change(wanted()),
    stop: () => change('closed'),
  };
}

interface Client {
  readonly client: Connection;
  readonly room: Room;
  readonly address: SshAddress;
  readonly over: string;
  readonly secrets: SimulatorSecrets;
  readonly clientKey: KeyBlob;
  readonly clients: Set<Connection>;
  readonly log: Log;
}

function serveClient(the: Client): void {
  const { client, clients, log, address } = the;
  clients.add(client);
  client.on('close', () => clients.delete(client));
  client.on('error', (error: Error) =>
    log.debug({ device: address.device, error: error.message }, 'a client of a simulated server failed'),
  );
  client.on('authentication', (context) => {
    if (the.room.session(address.device, the.over).login() === 'accepted' && permits(the, context)) context.accept();
    else context.reject(['password', 'publickey']);
  });
  client.on('ready', () => {
    client.on('session', (accept) => {
      const session = accept();
      session.on('exec', (acceptExec, _reject, info) => runCommand(the, acceptExec(), info.command));
    });
  });
}

function permits({ address, secrets, clientKey }: Client, context: AuthContext): boolean {
  if (context.username !== address.user) return false;
  if (context.method === 'password') return sameSecret(context.password, secrets.password);
  if (context.method !== 'publickey' || clientKey === null) return false;
  if (!clientKey.equals(context.key.data)) return false;
  // Without a signature the client only asks whether this key would do.
  if (context.signature === undefined || context.blob === undefined || secrets.clientKey === null) return true;
  const parsed = ssh2.utils.parseKey(secrets.clientKey);
  return !(parsed instanceof Error) && parsed.verify(context.blob, context.signature, context.hashAlgo) === true;
}

function publicBlob(key: string): KeyBlob {
  const parsed = ssh2.utils.parseKey(key);
  return parsed instanceof Error ? null : parsed.getPublicSSH();
}

function runCommand({ room, address, over, client }: Client, channel: ServerChannel, command: string): void {
  let cancel: Cancel = () => {};
  channel.on('error', () => {});
  channel.on('close', () => cancel());
  cancel = room.session(address.device, over).run(command, {
    write: (text, stream) => {
      if (stream === 'out') channel.write(text);
      else channel.stderr.write(text);
    },
    exit: (code) => {
      channel.exit(code);
      channel.end();
    },
    lost: () => client.end(),
  });
}
