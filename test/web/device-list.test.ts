import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DeviceView, ReadingView } from '#core/api.ts';
import type { Diagnosis } from '#core/diagnosis.ts';
import { bandOf } from '../../services/dashboard-api/web/src/model/bands.ts';
import { deviceLines, filterLines, type ListFilter } from '../../services/dashboard-api/web/src/model/device-list.ts';
import { diagnosisText } from '../../services/dashboard-api/web/src/model/diagnosis-text.ts';
import { diagnosisAt } from './fixture-history.ts';
import { alertAt, devicesAt, iso, quietRoom, readingsAt } from './fixture-room.ts';

const NOW = Date.parse('2026-11-21T02:00:00Z');
const DEVICES = devicesAt(NOW);
const READINGS = readingsAt(NOW, quietRoom());
const bandAt = (device: string, point: string) => bandOf(point, { warm: device === 'th-3' || device === 'th-4' });
const linesOf = (change: { devices?: DeviceView[]; readings?: ReadingView[]; alarm?: boolean } = {}) =>
  deviceLines({
    devices: change.devices ?? DEVICES,
    readings: change.readings ?? READINGS,
    alerts: change.alarm === true ? [alertAt(NOW)] : [],
    bandAt,
  });
const ids = (lines: ReturnType<typeof linesOf>): string[] => lines.map(({ device }) => device.id);
const silent = (id: string): DeviceView[] =>
  DEVICES.map((device) => (device.id === id ? { ...device, state: 'silent' as const } : device));
const doubtful = (id: string): ReadingView[] =>
  READINGS.map((reading) => (reading.device === id ? { ...reading, quality: 'stale' as const } : reading));

describe('the order of devices', () => {
  test('alerts come first, then what does not answer, then what is doubtful, then all else by kind', () => {
    const lines = linesOf({ devices: silent('th-4'), readings: doubtful('server-2'), alarm: true });
    expect(ids(lines).slice(0, 4)).toEqual(['ups-1', 'th-4', 'server-2', 'pdu-1']);
  });
  test('what is beyond its band without an alert comes after those and before all that is well', () => {
    const readings = READINGS.map((reading) =>
      reading.device === 'ac-1' && reading.point === 'cooling.supply.temperature' ? { ...reading, value: 26 } : reading,
    );
    expect(ids(linesOf({ readings, devices: silent('th-4') })).slice(0, 3)).toEqual(['th-4', 'ac-1', 'ups-1']);
  });
  test('nothing is lost and nothing is there twice, whatever is wrong', () => {
    fc.assert(
      fc.property(fc.subarray(DEVICES.map(({ id }) => id)), fc.boolean(), (wrong, alarm) => {
        const devices = DEVICES.map((device) =>
          wrong.includes(device.id) ? { ...device, state: 'refusing' as const } : device,
        );
        const lines = linesOf({ devices, alarm });
        expect(ids(lines).toSorted()).toEqual(DEVICES.map(({ id }) => id).toSorted());
        const firstWell = lines.findIndex(({ needsAttention }) => !needsAttention);
        if (firstWell >= 0) expect(lines.slice(firstWell).some(({ needsAttention }) => needsAttention)).toBe(false);
      }),
    );
  });
  test('numbers in names stand by size', () => {
    const [base] = DEVICES;
    if (base === undefined) throw new Error('no device');
    const devices = ['r-10', 'r-9', 'r-100'].map((id) => ({ ...base, id }));
    expect(ids(linesOf({ devices }))).toEqual(['r-9', 'r-10', 'r-100']);
  });
});

describe('what a line tells', () => {
  const line = (id: string, lines = linesOf()) => lines.find(({ device }) => device.id === id);
  test('the values that say most of a device of its kind, at most three', () => {
    expect(line('ups-1')?.values.map(({ point }) => point)).toEqual(['ups.status', 'ups.load', 'battery.charge']);
    expect(line('th-1')?.values.map(({ point }) => point)).toEqual(['ambient.temperature', 'ambient.humidity']);
  });
  test('what is beyond its limits comes before them', () => {
    const readings = READINGS.map((reading) =>
      reading.point === 'battery.temperature' ? { ...reading, value: 55 } : reading,
    );
    expect(line('ups-1', linesOf({ readings }))?.values[0]).toMatchObject({
      point: 'battery.temperature',
      abnormal: 'high',
    });
  });
  test('a doubtful value is counted and never called abnormal', () => {
    const found = line('ups-1', linesOf({ readings: doubtful('ups-1') }));
    expect(found?.doubtful).toBe(8);
    expect(found?.values.every(({ abnormal, isDoubtful }) => abnormal === null && isDoubtful)).toBe(true);
  });
  test('last heard is the newest good reading, and nothing of what is never read', () => {
    expect(line('ups-1')?.heardAt).toBe(iso(NOW - 500));
    expect(line('monitor-1')?.heardAt).toBeNull();
  });
});

describe('finding', () => {
  const all: ListFilter = { words: '', state: 'all', kind: '', room: '' };
  const found = (change: Partial<ListFilter>, lines = linesOf()) =>
    ids(filterLines(lines, { ...all, ...change }, ({ id }) => (id === 'ups-1' ? '10.1.2.5 主机房' : '')));
  test.each([
    ['id', { words: 'TH-1' }, ['th-1']],
    ['Chinese name', { words: '漏水' }, ['leak-1']],
    ['English name', { words: 'leak detector' }, ['leak-1']],
    ['words in any order', { words: 'detector leak' }, ['leak-1']],
    ['address', { words: '10.1.2.5' }, ['ups-1']],
    ['what people named on it', { words: 'business system pdu' }, ['pdu-1']],
    ['profile', { words: 'apc-rpdu2' }, ['pdu-1']],
    ['kind', { kind: 'cooling' }, ['ac-1']],
    ['nobody', { words: 'zzz' }, []],
  ])('by %s', (_what, change, wanted) => expect(found(change)).toEqual(wanted));
  test('by state', () => {
    const lines = linesOf({ devices: silent('th-4'), readings: doubtful('server-2'), alarm: true });
    expect(found({ state: 'alarm' }, lines)).toEqual(['ups-1']);
    expect(found({ state: 'silent' }, lines)).toEqual(['th-4']);
    expect(found({ state: 'doubtful' }, lines)).toEqual(['server-2']);
    expect(found({ state: 'attention' }, lines)).toEqual(['ups-1', 'th-4', 'server-2']);
  });
});

test('a diagnosis as text has what a report of a fault needs', () => {
  const diagnosis = diagnosisAt(NOW).diagnosis as Diagnosis;
  const text = diagnosisText(diagnosis, { site: 'sample', version: '0.1.0', at: '2026-11-21T02:00:00' });
  expect(text).toContain('Zhishou 0.1.0, site sample');
  expect(text).toContain('raw 65535 -> –  [implausible: not measured]  at 1.3.6.1.2.1.33.1.2.3.0');
  expect(text).toContain('TIMED_OUT: No answer in time (10.1.2.5)');
  expect(text).toContain('812 polls, 3 failed');
});
