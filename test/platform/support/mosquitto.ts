import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as realSleep } from 'node:timers/promises';
import { findProgram } from '../../support/real.ts';

/** Debian's mosquitto on a free port of loopback, with anonymous clients. */
export async function startMosquitto(port?: number): Promise<{ port: number; stop: () => Promise<void> }> {
  const chosen = port ?? (await freePort());
  const folder = mkdtempSync(join(tmpdir(), 'zhishou-mosquitto-'));
  const file = join(folder, 'mosquitto.conf');
  writeFileSync(file, `listener ${chosen} 127.0.0.1\nallow_anonymous true\npersistence false\n`);
  const child = spawn(findProgram('mosquitto') ?? 'mosquitto', ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for (let tries = 0; !(await answers(chosen)); tries++) {
    if (tries > 200 || child.exitCode !== null) throw new Error(`mosquitto does not start: ${said}`);
    await realSleep(25);
  }
  return {
    port: chosen,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function answers(port: number): Promise<boolean> {
  const { connect } = await import('node:net');
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
