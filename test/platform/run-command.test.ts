import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { instant, milliseconds, seconds } from '#core/time.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { runCommand } from '#platform/run-command.ts';

const options = { clock: createSystemClock(), limit: seconds(20) };

it('exit code 0 is ok, with what the program said', async () => {
  expect(await runCommand('/bin/echo', ['all', 'well; $HOME'], options)).toEqual({
    result: 'ok',
    detail: 'exit code 0',
    output: 'all well; $HOME\n',
  });
});

it('another exit code is failed, with what it said on standard error', async () => {
  expect(await runCommand('/bin/sh', ['-c', 'echo no backup >&2; exit 3'], options)).toEqual({
    result: 'failed',
    detail: 'exit code 3',
    output: 'no backup\n',
  });
});

it('a program that is not there has failed', async () => {
  expect(await runCommand('/no/such/program', [], options)).toMatchObject({
    result: 'failed',
    detail: expect.stringContaining('cannot be run'),
  });
});

it('L20: a time-out is not a stop: the outcome is unknown, and the program finishes its work', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zhishou-run-'));
  const file = join(folder, 'done');
  const clock = createVirtualClock(instant(0));
  const running = runCommand('/bin/sh', ['-c', 'read line; echo "$line" > "$0"', file], {
    clock,
    limit: milliseconds(10),
    input: 'finished\n',
  });
  clock.advanceBy(milliseconds(10));
  expect(await running).toMatchObject({
    result: 'unknown',
    detail: expect.stringMatching(/still be running \(pid \d+\)/),
  });
  await vi.waitFor(() => expect(readFileSync(file, 'utf8')).toBe('finished\n'), { timeout: 5000 });
  rmSync(folder, { recursive: true });
});

it('a program ended by somebody else has an unknown fate', async () => {
  expect(await runCommand('/bin/sh', ['-c', 'kill -9 $$'], options)).toMatchObject({
    result: 'unknown',
    detail: 'ended by SIGKILL',
  });
});

it('keeps 4,000 characters of a flood', async () => {
  const outcome = await runCommand('/bin/sh', ['-c', 'head -c 3000000 /dev/zero | tr "\\0" x'], options);
  expect(outcome.result).toBe('ok');
  expect(outcome.output).toHaveLength(4000);
});

it('hands the service’s own secrets to no command', async () => {
  process.env.ZHISHOU_TEST_SECRET = 'hush';
  const { output } = await runCommand('/usr/bin/env', [], { ...options, variables: { RUN: 'r1' } });
  delete process.env.ZHISHOU_TEST_SECRET;
  expect(output).toContain('RUN=r1');
  expect(output).toContain('PATH=');
  expect(output).not.toContain('hush');
});
