import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { instant } from '#core/time.ts';
import { openDutyStore } from '#platform/duty-store.ts';
import { makeTemporaryFolder } from '#platform/environment.ts';
import { zhishou } from '../support/command-line.ts';

/** `zhishou duties list`, beside a service or without one. */
let folder: ReturnType<typeof makeTemporaryFolder>;
beforeEach(() => {
  folder = makeTemporaryFolder('zhishou-duties-test-');
});
afterEach(() => folder.remove());
const at = (text: string) => instant(Date.parse(text));
const list = (...more: readonly string[]) => zhishou(['duties', 'list', '--state', folder.path, ...more]);
/** So far ahead that it is planned whenever this is run. */
const THURSDAY = ['--from', '2099-11-26', '--to', '2099-11-26'];

describe('zhishou duties list', () => {
  test('O-THU-1: what the sample has on a Thursday, by the rota, in Chinese', async () => {
    const { output, code } = await list(...THURSDAY, '--language', 'zh');
    expect(code).toBe(0);
    expect(
      output
        .trim()
        .split('\n')
        .map((line) => line.replaceAll(/\s+/g, ' ')),
    ).toEqual([
      '2099-11-26 10:30 planned 机房日常巡检 (林浩) patrol@2099-11-26',
      '2099-11-26 17:30 planned 周四下午打扫卫生 (林浩) cleaning@2099-11-26',
    ]);
  });
  test('says what became of it, out of a copy of the store', async () => {
    const store = openDutyStore(join(folder.path, 'duties.sqlite'));
    for (const duty of ['patrol', 'cleaning']) store.knownSince(duty, at('2026-11-01T00:00:00Z'));
    store.end({
      ...{
        occurrence: 'patrol@2099-11-26',
        duty: 'patrol',
        kind: 'done',
        by: 'gao',
        byName: 'Gao',
        findings: 0,
        body: {},
      },
      ...{ from: at('2099-11-26T00:30:00Z'), due: at('2099-11-26T02:30:00Z'), at: at('2099-11-26T03:00:00Z') },
    });
    store.close();
    const { output } = await list(...THURSDAY, '--json');
    const rows = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; state: string });
    expect(rows.find(({ id }) => id === 'patrol@2099-11-26')?.state).toBe('done-late');
  });
  test.each([
    [['--from', 'monday'], 'write a date'],
    [['--from', '2026-11-26', '--to', '2026-11-25'], 'is before from'],
  ])('%j is refused with a sentence', async (more, told) => {
    const { errors, code } = await list(...more);
    expect([code, errors.includes(told)]).toEqual([1, true]);
  });
});
