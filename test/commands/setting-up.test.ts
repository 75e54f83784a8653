import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { ConfigProblem } from '#core/config/config.ts';
import { instant } from '#core/time.ts';
import { openJournal } from '#platform/journal.ts';
import { startLiveRoom } from '../simulators/live-room.ts';
import { zhishou } from '../support/command-line.ts';

/** What a person setting up uses first: check, probe, decode, journal. */

const SAMPLE = join(import.meta.dirname, '../../config');
const folders: string[] = [];
const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'zhishou-commands-'));
  folders.push(path);
  return path;
};
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
});

describe('check', () => {
  test('the sample configuration has nothing to mend, and its outage plan fits a new and an aged battery', async () => {
    const { code, output } = await zhishou(['check', '--json']);
    const { battery, findings, ...said } = JSON.parse(output);
    expect([code, said]).toEqual([0, { ok: true, problems: [], warnings: [] }]);
    // Next year's holidays are published in November: until then nobody can know them, and check says so.
    expect(findings.filter((one: object) => !JSON.stringify(one).includes('years_by_hand'))).toEqual([]);
    const fits = battery.map((fit: { plan: string; case: string; fits: string }) => [fit.plan, fit.case, fit.fits]);
    expect(fits).toEqual([
      ['power-outage', 'full', 'with-backups'],
      ['power-outage', 'aged', 'with-backups'],
    ]);
  });

  test('a battery that cannot carry even a bare shutdown is a mistake, told with the figures', async () => {
    const directory = folder();
    cpSync(SAMPLE, directory, { recursive: true });
    const devices = join(directory, 'devices.yaml');
    const short = readFileSync(devices, 'utf8').replace('battery: { runtime: 60m', 'battery: { runtime: 3m');
    writeFileSync(devices, short);
    const { code, output } = await zhishou(['check', directory]);
    expect(code).toBe(1);
    expect(output).toMatch(
      /error plans\/power-outage: a full battery lasts 3 min; a bare shutdown needs \d+ min and its margin/,
    );
    expect(output).toMatch(/DOES NOT FIT/);
  });

  test('every mistake is told at once, with file, line, column and the mend; exit 1', async () => {
    const directory = folder();
    cpSync(SAMPLE, directory, { recursive: true });
    const devices = join(directory, 'devices.yaml');
    writeFileSync(
      devices,
      readFileSync(devices, 'utf8')
        .replace('interval: 10s', 'intervall: 10s')
        .replace('depends_on: [array-1, switch-1]', 'depends_on: [array-9]'),
    );
    const rota = join(directory, 'rota.yaml');
    writeFileSync(rota, readFileSync(rota, 'utf8').replace('gao-jie', 'nobody'));
    const { code, output } = await zhishou(['check', directory, '--json']);
    const { ok, problems } = JSON.parse(output) as { ok: boolean; problems: ConfigProblem[] };
    expect([code, ok]).toEqual([1, false]);
    expect(problems.map((problem) => problem.file)).toEqual(expect.arrayContaining(['devices.yaml', 'rota.yaml']));
    expect(problems.map((problem) => problem.message).join('\n')).toMatch(
      /intervall[\s\S]*array-9|array-9[\s\S]*intervall/,
    );
    for (const problem of problems) {
      expect(problem.line).toBeGreaterThan(0);
      expect(problem.column).toBeGreaterThan(0);
      expect(problem.mend).not.toBe('');
    }
  });
});

describe('probe', () => {
  test('a device on the net is recognised by its address and community alone, with values, units, objects and raw values', async () => {
    const room = await startLiveRoom(1);
    try {
      for (const [id, profile, point, unit] of [
        ['ups-1', 'rfc1628-ups', 'battery.charge', '%'],
        ['ac-1', 'liebert-lgp-cooling', 'cooling.supply.temperature', '°C'],
        ['pdu-1', 'apc-rpdu2', 'outlet.1.realpower', 'W'],
      ] as const) {
        const snmp = room.config.devices.find((device) => device.id === id)?.snmp;
        const url = `snmp://${snmp?.host}:${snmp?.port}?community=${String(snmp?.community)}`;
        const { code, output } = await zhishou(['probe', url, '--json']);
        const result = JSON.parse(output) as { recognised: string; points: Record<string, unknown>[] };
        expect([code, result.recognised]).toEqual([0, profile]);
        const found = result.points.find((one) => one.name === point);
        expect(found).toMatchObject({ unit, quality: 'good' });
        expect(found?.oid).toMatch(/^[\d.]+$/);
        expect(Object.keys(found ?? {})).toEqual(
          expect.arrayContaining(['name', 'value', 'unit', 'quality', 'oid', 'raw']),
        );
      }
    } finally {
      await room.stop();
    }
  });

  test('silence and a wrong address are told, exit 1', async () => {
    const wrong = await zhishou(['probe', 'snmp://', '--json']);
    expect([wrong.code, JSON.parse(wrong.output)]).toMatchObject([1, { recognised: null, points: [] }]);
  });
});

describe('decode mqtt', () => {
  test('one answer for each line: readings, or the reason of the rejection', async () => {
    const lines = [
      { topic: 'zigbee2mqtt/th-1', payload: '{"temperature":22.4,"humidity":44,"battery":91}' },
      { topic: 'zigbee2mqtt/smoke-1', payload: { smoke: true } },
      { topic: 'zigbee2mqtt/th-1', payload: '{"temperature":' },
      { topic: 'zigbee2mqtt/th-1', payload: Buffer.from('{"temperature":21}').toString('base64'), encoding: 'base64' },
      { topic: 'somewhere/else', payload: '1' },
    ].map((line) => JSON.stringify(line));
    const { code, output } = await zhishou(['decode', 'mqtt'], `${lines.join('\n')}\nnot json\n`);
    const answers = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { readings: unknown[]; rejected?: string });
    expect(code).toBe(0);
    expect(answers).toHaveLength(6);
    const told = (device: string, point: string, value: unknown, unit: string) =>
      expect.objectContaining({ device, point, value, unit, quality: 'good' });
    expect(answers[0]?.readings).toContainEqual(told('th-1', 'ambient.temperature', 22.4, '°C'));
    expect(answers[1]?.readings).toContainEqual(told('smoke-1', 'room.smoke', true, ''));
    expect(answers[3]?.readings).toContainEqual(told('th-1', 'ambient.temperature', 21, '°C'));
    for (const index of [2, 4, 5])
      expect([answers[index]?.readings, typeof answers[index]?.rejected]).toEqual([[], 'string']);
  });
});

describe('decode mqtt | head', () => {
  test('ends when its reader has gone, however much there would still be to read', async () => {
    const child = spawn(process.execPath, ['zhishou.ts', 'decode', 'mqtt'], { cwd: join(SAMPLE, '..') });
    child.stdin.on('error', () => {});
    const line = `${JSON.stringify({ topic: 'zigbee2mqtt/th-1', payload: { temperature: 22 } })}\n`;
    const feed = (): void => {
      while (child.stdin.writable && child.stdin.write(line));
    };
    child.stdin.on('drain', feed);
    feed();
    child.stdout.once('data', () => child.stdout.destroy());
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).toBe(0);
  });
});

describe('journal verify', () => {
  test('a whole chain is whole, a changed record is found, a journal that is not there is told', async () => {
    const directory = folder();
    const file = join(directory, 'journal.sqlite');
    const journal = openJournal(file);
    journal.append([1, 2, 3].map((n) => ({ at: instant(n), stream: 'inc-1', kind: 'test', body: { n } })));
    journal.close();
    const whole = await zhishou(['journal', 'verify', '--state', directory, '--json']);
    expect([whole.code, JSON.parse(whole.output)]).toEqual([0, { ok: true, broken: null }]);
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(file);
    database.exec(`UPDATE journal SET body = '{"n":9}' WHERE seq = 2`);
    database.close();
    const changed = await zhishou(['journal', 'verify', '--state', directory, '--json']);
    expect([changed.code, JSON.parse(changed.output)]).toMatchObject([1, { ok: false, broken: { seq: 2 } }]);
    expect((await zhishou(['journal', 'verify', '--state', join(directory, 'none')])).code).toBe(1);
  });
});
