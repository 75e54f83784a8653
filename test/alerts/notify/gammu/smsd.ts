import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { findProgram } from '../../../support/real.ts';

/** The other side of the SMS channel: Debian's gammu-smsd with its dummy telephone, or a fake of it on the same folders. */
export interface Smsd {
  readonly folders: Readonly<Record<'inbox' | 'outbox' | 'sent' | 'error', string>>;
  readonly smsdrc: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Somebody's text comes in, in one or several parts. */
  receive(from: string, parts: readonly string[]): void;
  /** The network's word on a message. */
  report(from: string, text: string): void;
  /** The network takes nothing from now on, until it is told otherwise. */
  refuse?(on: boolean): void;
  /** Lets it do what it has to do. */
  work(until: () => boolean): Promise<void>;
  remove(): Promise<void>;
}

const hex = (text: string): string =>
  [...Buffer.from(text, 'utf16le').swap16()].map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join('');

function section(index: number, from: string, pdu: string, text: string, udh: string): string {
  return [
    `[SMSBackup${String(index).padStart(3, '0')}]`,
    `PDU = ${pdu}`,
    'DateTime = 20261122T031500',
    'State = UnRead',
    `Number = "${from}"`,
    `NumberUnicode = ${hex(from)}`,
    ...(udh === '' ? [] : [`UDH = ${udh}`]),
    `Text00 = ${hex(text)}`,
    `Coding = ${pdu === 'Deliver' ? 'Unicode_No_Compression' : 'Default_No_Compression'}`,
    'Folder = 1',
    `Length = ${text.length}`,
    'Class = -1',
    '',
  ].join('\n');
}

const udhOf = (parts: readonly string[], at: number): string =>
  parts.length === 1 ? '' : `050003AA0${parts.length}0${at + 1}`;

function makeFolders() {
  const root = mkdtempSync(join(tmpdir(), 'zhishou-smsd-'));
  const folder = (name: string): string => {
    mkdirSync(join(root, name));
    return join(root, name);
  };
  return {
    root,
    phone: folder('phone'),
    folders: { inbox: folder('inbox'), outbox: folder('outbox'), sent: folder('sent'), error: folder('error') },
  };
}

/** Does what gammu-smsd 1.42 does (smsd/services/files.c): moves under the same name, errors for what has no message in it. */
export function fakeSmsd(): Smsd {
  const { root, folders } = makeFolders();
  let running = false;
  let fails = false;
  let serial = 0;
  const save = (from: string, content: string): void =>
    writeFileSync(
      join(folders.inbox, `IN20261122_031500_${String(serial++).padStart(2, '0')}_${from}_00.txt`),
      content,
    );
  return {
    folders,
    smsdrc: join(root, 'smsdrc'),
    async start() {
      running = true;
    },
    async stop() {
      running = false;
    },
    receive: (from, parts) =>
      save(from, parts.map((text, at) => section(at, from, 'Deliver', text, udhOf(parts, at))).join('\n')),
    refuse(on) {
      fails = on;
    },
    report: (from, text) => save(from, section(0, from, 'Status_Report', text, '')),
    async work(until) {
      if (!running) return;
      for (const name of readdirSync(folders.outbox).sort()) {
        if (!/^OUT.*\.(txt|smsbackup)/i.test(name)) continue;
        const good = !fails && readFileSync(join(folders.outbox, name), 'utf8').includes('[SMSBackup');
        renameSync(join(folders.outbox, name), join(good ? folders.sent : folders.error, name));
      }
      for (let tries = 0; tries < 5 && !until(); tries++);
    },
    remove: async () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Debian's gammu-smsd. `device` other than the dummy's: a modem that is not there. */
export function realSmsd(device: 'dummy' | 'gone' = 'dummy'): Smsd {
  const { root, folders, phone } = makeFolders();
  const smsdrc = join(root, 'smsdrc');
  const log = join(root, 'smsd.log');
  const modem =
    device === 'dummy'
      ? ['model = dummy', 'connection = none', `device = ${phone}`]
      : ['connection = at', `device = ${join(root, 'no-such-modem')}`];
  writeFileSync(
    smsdrc,
    [
      '[gammu]',
      ...modem,
      '[smsd]',
      'Service = files',
      `LogFile = ${log}`,
      'CommTimeout = 1',
      'ReceiveFrequency = 1',
      'StatusFrequency = 1',
      ...Object.entries(folders).map(([name, path]) => `${PATHS[name as keyof typeof PATHS]} = ${path}/`),
      'InboxFormat = detail',
      'DeliveryReport = sms',
      '',
    ].join('\n'),
  );
  let child: ChildProcess | null = null;
  let slot = 1;
  /** The dummy telephone's SIM memory; the service empties it. */
  const arrive = (content: string): void => {
    mkdirSync(join(phone, 'sms', '1'), { recursive: true });
    writeFileSync(join(phone, 'sms', '1', String(slot++)), content);
  };
  const smsd: Smsd = {
    folders,
    smsdrc,
    async start() {
      const program = findProgram('gammu-smsd') ?? 'gammu-smsd';
      // It ends with us, also when a test run is killed.
      child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', program, '-c', smsdrc], { stdio: 'ignore' });
      await smsd.work(() => existsSync(log) && readFileSync(log, 'utf8').includes('Starting phone communication'));
    },
    async stop() {
      const ending = child;
      child = null;
      if (ending === null || ending.exitCode !== null) return;
      const ended = new Promise((resolve) => ending.once('exit', resolve));
      ending.kill('SIGKILL');
      await ended;
    },
    receive: (from, parts) => {
      for (const [at, text] of parts.entries()) arrive(section(0, from, 'Deliver', text, udhOf(parts, at)));
    },
    report: (from, text) => arrive(section(0, from, 'Status_Report', text, '')),
    async work(until) {
      for (let tries = 0; tries < 200 && !until(); tries++) await wait(100);
    },
    async remove() {
      await smsd.stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
  return smsd;
}

const PATHS = { inbox: 'InboxPath', outbox: 'OutboxPath', sent: 'SentSMSPath', error: 'ErrorSMSPath' } as const;
