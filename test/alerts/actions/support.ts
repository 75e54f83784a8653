import { createHash } from 'node:crypto';
import { Server, type ServerConfig, utils } from 'ssh2';
import type { Action } from '#core/config/device.ts';
import { Secret } from '#core/secret.ts';

/** A real ssh2 server on loopback that answers commands as the test says. */
export interface TestSshServer {
  readonly port: number;
  readonly hostKey: string;
  readonly commands: string[];
  close(): Promise<void>;
}

export type CommandHandler = (channel: import('ssh2').ServerChannel, command: string, end: () => void) => void;

export async function startSshServer(handle: CommandHandler, password = 'secret'): Promise<TestSshServer> {
  // Not ed25519: one in 256 of ssh2's cannot be read again (mscdex/ssh2 #1513).
  const keys = utils.generateKeyPairSync('ecdsa', { bits: 256 });
  const parsed = utils.parseKey(keys.private);
  if (parsed instanceof Error) throw parsed;
  const fingerprint = createHash('sha256').update(parsed.getPublicSSH()).digest('base64').replace(/=+$/, '');
  const commands: string[] = [];
  const clients = new Set<{ end(): unknown }>();
  const config: ServerConfig = { hostKeys: [keys.private] };
  const server = new Server(config, (client) => {
    clients.add(client);
    client.on('error', () => {});
    client.on('close', () => clients.delete(client));
    client.on('authentication', (context) => {
      if (context.method === 'password' && context.password === password) context.accept();
      else context.reject(['password']);
    });
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec, rejectExec, { command }) => {
        commands.push(command);
        if (command.startsWith('forbidden')) return void rejectExec();
        handle(acceptExec(), command, () => void client.end());
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    port,
    hostKey: `SHA256:${fingerprint}`,
    commands,
    close: () =>
      new Promise((resolve) => {
        for (const client of clients) client.end();
        server.close(() => resolve());
      }),
  };
}

export function sshAction(
  server: { port: number; hostKey: string },
  command: string,
  more: Partial<Extract<Action, { ssh: unknown }>['ssh']> = {},
): Action {
  return {
    ssh: {
      host: '127.0.0.1',
      port: server.port,
      user: 'zhishou',
      password: new Secret('secret'),
      host_key: server.hostKey,
      command,
      ...more,
    },
  };
}
