import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe } from 'vitest';

/** Debian's package for each program that a suite may need. */
const PACKAGES = {
  mosquitto: 'mosquitto',
  mosquitto_pub: 'mosquitto-clients',
  snmpget: 'snmp',
  snmptrap: 'snmp',
  snmpd: 'snmpd',
  snmpsimd: 'snmpsim',
  chromium: 'chromium',
  sshd: 'openssh-server',
  'ssh-keygen': 'openssh-client',
  openssl: 'openssl',
  ping: 'iputils-ping',
  ipmitool: 'ipmitool',
  ipmi_sim: 'openipmi',
  pdftotext: 'poppler-utils',
  upsc: 'nut-client',
  upsmon: 'nut-client',
  upsd: 'nut-server',
  'dummy-ups': 'nut-server',
  influxd: 'influxdb',
  'victoria-metrics': 'victoria-metrics',
  'gammu-smsd': 'gammu-smsd',
  'gammu-smsd-monitor': 'gammu-smsd',
  baresip: 'baresip-core',
  sipp: 'sip-tester',
  'espeak-ng': 'espeak-ng',
  prometheus: 'prometheus',
  'prometheus-alertmanager': 'prometheus-alertmanager',
  'prometheus-snmp-exporter': 'prometheus-snmp-exporter',
} as const;
export type RealProgram = keyof typeof PACKAGES;

/** The program's path, or null. `snmpsimd` is called snmpsimd or snmpsim-command-responder, by version. */
export function findProgram(program: RealProgram): string | null {
  const names = program === 'snmpsimd' ? ['snmpsimd', 'snmpsimd.py', 'snmpsim-command-responder'] : [program];
  // NUT's own come first: /sbin/upsmon is a script that asks /etc whether it may run.
  for (const folder of [
    '/lib/nut',
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/sbin',
    '/usr/bin',
    '/usr/local/bin',
  ]) {
    for (const name of names) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // not here: the next folder
      }
    }
  }
  return null;
}

/**
 * A suite against real programs: skipped with one line where they are absent, a failure under ZHISHOU_REAL=required. What fails is tried
 * once more, and said so: a browser or a server may be starved on a busy machine. Nothing that is our own alone is tried twice.
 */
export function describeReal(programs: RealProgram | readonly RealProgram[], title: string, suite: () => void): void {
  const wanted = typeof programs === 'string' ? [programs] : programs;
  const absent = wanted.filter((program) => findProgram(program) === null);
  if (absent.length === 0) {
    describe(title, { retry: 1 }, suite);
    return;
  }
  const hint = `install ${[...new Set(absent.map((program) => PACKAGES[program]))].join(' ')} to run it`;
  if (process.env.ZHISHOU_REAL === 'required') throw new Error(`${title}: ZHISHOU_REAL=required, but ${hint}`);
  console.info(`skipped: ${title}; ${hint}`);
  describe.skip(`${title} (${hint})`, suite);
}

/** The words before a command that give it a small file system of its own at `folder`, which goes with it. */
export const onSmallDisk = (folder: string, size: string): readonly [command: string, ...words: string[]] => [
  'unshare',
  '-rm',
  'sh',
  '-c',
  `mount -t tmpfs -o size=${size} tmpfs "$1" && shift && exec "$@"`,
  'sh',
  folder,
];

/** A suite in a file system of its own: skipped with one line where namespaces are not permitted, a failure under ZHISHOU_REAL=required. */
export function describeOnSmallDisk(title: string, suite: () => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'zhishou-disk-'));
  const [command, ...words] = onSmallDisk(folder, '64k');
  const { status } = spawnSync(command, [...words, 'true']);
  rmSync(folder, { recursive: true });
  if (status === 0) {
    describe(title, suite);
    return;
  }
  const hint = 'user and mount namespaces are not permitted here (unshare -rm)';
  if (process.env.ZHISHOU_REAL === 'required') throw new Error(`${title}: ZHISHOU_REAL=required, but ${hint}`);
  console.info(`skipped: ${title}; ${hint}`);
  describe.skip(`${title} (${hint})`, suite);
}
