import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { snmpConnectionSchema } from '#core/config/connections.ts';
import { createSnmpTransport } from '#platform/snmp/snmp-transport.ts';
import { findProgram, type RealProgram } from '../../support/real.ts';
import { freeUdpPort } from './udp-agent.ts';

/** Debian's programs on free ports of loopback, with their files in a temporary folder. */
export interface Running {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

export const run = promisify(execFile);
export const program = (name: RealProgram): string => findProgram(name) ?? name;

export async function startSnmpd(lines: readonly string[]): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'zhishou-snmpd-'));
  const port = await freeUdpPort();
  const file = join(folder, 'snmpd.conf');
  writeFileSync(file, lines.join('\n'));
  const child = spawn(
    program('snmpd'),
    ['-f', '-Lo', '-C', '-c', file, '-p', join(folder, 'pid'), `udp:127.0.0.1:${port}`],
    {
      env: { ...process.env, SNMP_PERSISTENT_DIR: folder, MIBS: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  return ready(child, port, folder, 'public');
}

/** snmpsim serves a recording under the community `device`, others under theirs; as root it must change to another user. */
export async function startSnmpsim(
  recording: string,
  others: ReadonlyMap<string, string> = new Map(),
): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'zhishou-snmpsim-'));
  chmodSync(folder, 0o777);
  for (const [name, text] of [['device', recording] as const, ...others]) {
    writeFileSync(join(folder, `${name}.snmprec`), text);
  }
  const port = await freeUdpPort();
  const rights = process.getuid?.() === 0 ? ['--process-user=nobody', '--process-group=nogroup'] : [];
  const cache = mkdtempSync(join(tmpdir(), 'zhishou-snmpsim-cache-'));
  chmodSync(cache, 0o777);
  const options = [`--data-dir=${folder}`, `--cache-dir=${cache}`, `--agent-udpv4-endpoint=127.0.0.1:${port}`];
  const child = spawn(program('snmpsimd'), [...options, ...rights], { stdio: ['ignore', 'pipe', 'pipe'] });
  const running = await ready(child, port, folder, 'device');
  return {
    port,
    stop: async () => {
      await running.stop();
      rmSync(cache, { recursive: true, force: true });
    },
  };
}

async function ready(child: ChildProcess, port: number, folder: string, community: string): Promise<Running> {
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (said += String(chunk)));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const connection = snmpConnectionSchema.parse({ host: '127.0.0.1', port, community, timeout: '250ms', retries: 0 });
  const link = createSnmpTransport().open(connection);
  try {
    for (let tries = 0; ; tries++) {
      // It makes an index of each recording first.
      if (child.exitCode !== null || tries > 240) throw new Error(`does not start: ${said.slice(-2000)}`);
      const answer = await link.get(['1.3.6.1.2.1.1.1.0']).catch(() => null);
      if (answer !== null) break;
    }
  } finally {
    link.close();
  }
  return {
    port,
    stop: async () => {
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), 3000);
      await ended;
      clearTimeout(force);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
