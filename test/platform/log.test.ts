import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Secret } from '#core/secret.ts';
import { instant, minutes, seconds } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { limitLog } from '#platform/log.ts';
import { createLog } from '#platform/open-log.ts';

const START = instant(Date.UTC(2026, 0, 5, 12, 0, 1));

function catchLines(format: 'json' | 'people' = 'json') {
  const lines: string[] = [];
  const clock = createVirtualClock(START);
  return { lines, clock, log: createLog({ write: (line) => lines.push(line), format, clock, level: 'debug' }) };
}

it('writes one JSON line an entry, stamped by the clock it is given, with the child’s fields', () => {
  const { lines, log } = catchLines();
  log.child({ service: 'collector' }).warn({ device: 'ups-1', err: new Error('no answer') }, 'does not answer');
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 'warn',
    time: '2026-01-05T12:00:01.000Z',
    service: 'collector',
    device: 'ups-1',
    msg: 'does not answer',
    err: { message: 'no answer' },
  });
});

it('never writes a secret', () => {
  const { lines, log } = catchLines();
  log.info({ password: new Secret('hush'), deep: { key: new Secret('hush') } }, 'with secrets');
  expect(lines.join()).not.toContain('hush');
});

it('is one readable line for people', () => {
  const { lines, log } = catchLines('people');
  log.child({ service: 'alerts' }).error({ rule: 'smoke' }, 'fired');
  expect(lines).toEqual(['12:00:01 ERROR alerts: fired {"rule":"smoke"}\n']);
});

it('appends to a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'zhishou-log-'));
  const file = join(folder, 'deep', 'zhishou.log');
  createLog({ file }).info({}, 'one');
  createLog({ file }).info({}, 'two');
  expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(2);
  rmSync(folder, { recursive: true });
});

it('writes the first of a kind at once, then one a minute with the number left out', () => {
  const { lines, log, clock } = catchLines();
  const limited = limitLog(log, clock);
  for (let i = 0; i < 1000; i++) limited.warn('bad json', { i }, 'rejected');
  limited.error('other', {}, 'another kind');
  expect(lines).toHaveLength(2);
  clock.advanceBy(minutes(1));
  limited.warn('bad json', { i: 'later' }, 'rejected');
  limited.warn('bad json', {}, 'rejected');
  expect(lines).toHaveLength(3);
  expect(JSON.parse(lines[2] ?? '')).toMatchObject({ i: 'later', leftOut: 999 });
  clock.advanceBy(seconds(61));
  limited.warn('bad json', {}, 'rejected');
  expect(JSON.parse(lines[3] ?? '')).toMatchObject({ leftOut: 1 });
});

it('keeps its memory bounded when the kinds are many', () => {
  const { lines, log, clock } = catchLines();
  const limited = limitLog(log, clock);
  for (let i = 0; i < 5000; i++) limited.warn(`kind ${i}`, {}, 'x');
  expect(lines).toHaveLength(5000);
});
