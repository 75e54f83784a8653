import { createHash, timingSafeEqual } from 'node:crypto';
import { Client, type ClientChannel, type ConnectConfig } from 'ssh2';
import type { Action } from '#core/config/device.ts';
import { invariant } from '#core/errors.ts';
import type { ActionDriver, ActionOutcome, Clock } from '#core/ports.ts';
import { fillTemplate } from '#core/text.ts';
import type { Duration } from '#core/time.ts';

/**
 * Runs one command over SSH.
 *
 * What is known decides the result: refused before the command was sent → failed, nothing happened; an exit code → ok or
 * failed; sent and then silence, a dropped connection or no time left → unknown, because the remote command goes on
 * without us (L20) and a host that shuts down drops the connection before it can answer.
 *
 * Its test ends with the login: host reached, host key right, credentials good. Not even a command that does nothing is run:
 * many hosts allow this account one command only (`command=` of authorized_keys), and any other would start that very one.
 */
export interface SshDriverOptions {
  readonly clock: Clock;
  /** Real time: a handshake on the local net that takes longer will not come. */
  readonly handshakeLimit?: Duration;
}

type SshTarget = Extract<Action, { ssh: unknown }>['ssh'];

const MAX_OUTPUT = 4000;
const HANDSHAKE_MS = 10_000;

export function createSshDriver({ clock, handshakeLimit }: SshDriverOptions): ActionDriver {
  const limitsOf = (limit: Duration): Limits => ({
    readyTimeout: handshakeLimit ?? HANDSHAKE_MS,
    onLimit: (expired) => clock.after(limit, expired),
  });
  return {
    run(action, context) {
      invariant('ssh' in action, 'the ssh driver runs ssh actions');
      const { ssh } = action;
      const command = fillTemplate(ssh.command, context.values);
      return runOverSsh(ssh, command, limitsOf(context.limit));
    },
    test(action, context) {
      invariant('ssh' in action, 'the ssh driver tests ssh actions');
      return runOverSsh(action.ssh, null, limitsOf(context.limit));
    },
  };
}

interface Limits {
  readonly readyTimeout: number;
  readonly onLimit: (expired: () => void) => () => void;
}

/** With null for a command it shakes hands, compares the host key, logs in and leaves. */
function runOverSsh(target: SshTarget, command: string | null, limits: Limits): Promise<ActionOutcome> {
  return new Promise((resolve) => {
    const client = new Client();
    const where = `${target.host}:${target.port}`;
    const run = { sent: false, settled: false, hostKey: '' };

    const settle = (outcome: ActionOutcome): void => {
      if (run.settled) return;
      run.settled = true;
      cancelLimit();
      client.end();
      // A peer that does not answer our goodbye keeps no socket of ours open.
      if (outcome.result !== 'ok') client.destroy();
      resolve(outcome);
    };
    const cancelLimit = limits.onLimit(() => {
      settle(
        run.sent
          ? { result: 'unknown', detail: 'no end seen in the time given; the command may still run' }
          : { result: 'failed', detail: `no connection to ${where} in the time given` },
      );
    });

    client.on('error', (error) => settle(whatFailed(error, target, run)));
    client.on('close', () =>
      settle(
        run.sent
          ? { result: 'unknown', detail: 'the connection dropped before the command ended' }
          : { result: 'failed', detail: `${where} closed the connection before the command was sent` },
      ),
    );
    client.on('ready', () => {
      if (command === null) {
        settle({ result: 'ok', detail: `logged in as ${target.user} at ${where}; the command was not tried` });
        return;
      }
      run.sent = true;
      client.exec(command, (error, channel) => {
        // The server answered that it will not run it: nothing happened.
        if (error !== undefined)
          settle({ result: 'failed', detail: `the server refused the command: ${error.message}` });
        else watch(channel, settle);
      });
    });
    connect(client, target, limits.readyTimeout, run, settle);
  });
}

function connect(
  client: Client,
  target: SshTarget,
  readyTimeout: number,
  run: { hostKey: string },
  settle: (outcome: ActionOutcome) => void,
): void {
  const config: ConnectConfig = {
    host: target.host,
    port: target.port,
    username: target.user,
    readyTimeout,
    hostVerifier: (key: Buffer) => {
      run.hostKey = fingerprint(key);
      return sameText(run.hostKey, expectedHostKey(target));
    },
  };
  if (target.key !== undefined) config.privateKey = target.key.reveal();
  if (target.password !== undefined) config.password = target.password.reveal();
  try {
    client.connect(config);
  } catch (error) {
    // ssh2 throws at once for a key that it cannot parse.
    settle({ result: 'failed', detail: `cannot connect: ${error instanceof Error ? error.message : String(error)}` });
  }
}

/** `SHA256:…` as `ssh-keygen -l` prints it (RFC 4648 base64 without padding). */
const fingerprint = (key: Buffer): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

function expectedHostKey({ host_key: expected }: SshTarget): string {
  return expected.replace(/=+$/, '');
}

const sameText = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

function watch(channel: ClientChannel, settle: (outcome: ActionOutcome) => void): void {
  let output = '';
  let ended: { code: number | null; signal?: string } | null = null;
  const collect = (chunk: Buffer): void => {
    if (output.length < MAX_OUTPUT) output = (output + chunk.toString('utf8')).slice(0, MAX_OUTPUT);
  };
  channel.on('data', collect);
  channel.stderr.on('data', collect);
  channel.on('exit', (code: number | null, signal?: string) => {
    ended = { code, ...(signal === undefined ? {} : { signal }) };
  });
  channel.on('close', () => {
    const { code, signal } = ended ?? { code: null };
    if (code === 0) settle({ result: 'ok', detail: 'exit code 0', output, exitCode: 0 });
    else if (code !== null) settle({ result: 'failed', detail: `exit code ${code}`, output, exitCode: code });
    else {
      const why = signal === undefined ? 'the connection ended without an exit code' : `ended by signal ${signal}`;
      settle({ result: 'unknown', detail: why, output });
    }
  });
  channel.end();
}

/** Connection refused, login refused, wrong host key and the rest are told apart: each has another mend. */
function whatFailed(
  error: Error & { level?: string; code?: string },
  target: SshTarget,
  run: { sent: boolean; hostKey: string },
): ActionOutcome {
  const where = `${target.host}:${target.port}`;
  if (run.sent) return { result: 'unknown', detail: `the connection broke: ${error.message}` };
  if (run.hostKey !== '' && run.hostKey !== expectedHostKey(target)) {
    return { result: 'failed', detail: `${where} shows another host key (${run.hostKey}) than configured: refused` };
  }
  if (error.level === 'client-authentication') {
    return { result: 'failed', detail: `login refused for ${target.user} at ${where}` };
  }
  if (error.level === 'client-timeout') return { result: 'failed', detail: `${where} did not answer the handshake` };
  if (error.code === 'ECONNREFUSED') return { result: 'failed', detail: `connection refused by ${where}` };
  return { result: 'failed', detail: `cannot connect to ${where}: ${error.message}` };
}
