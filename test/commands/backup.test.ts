import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HistoryResponse } from '#core/api.ts';
import { makeTemporaryFolder } from '#platform/environment.ts';
import { openJournal } from '#platform/journal.ts';
import { zhishou } from '../support/command-line.ts';
import { type RunningService, runService } from '../support/running-service.ts';

/** The day on which the disk is lost: what a person has, who ran `zhishou backup` while the service was at work. */

let folder: ReturnType<typeof makeTemporaryFolder>;
const services: RunningService[] = [];
beforeEach(() => {
  folder = makeTemporaryFolder('zhishou-backup-');
});
afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
  folder.remove();
});

async function signIn({ url }: RunningService, password: string): Promise<number> {
  const { status } = await fetch(`${url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ user: 'admin', password }),
  });
  return status;
}

/** Asked again until there is some: readings need a moment to come. */
async function history({ url }: RunningService, from: string): Promise<HistoryResponse> {
  for (;;) {
    const query = `device=ups-1&point=ups.load&from=${from}&to=${new Date(Date.now() + 864e5).toISOString()}`;
    const answer = (await (await fetch(`${url}/api/v1/readings/history?${query}`)).json()) as HistoryResponse;
    if (JSON.stringify(answer).length > 300) return answer;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

test('a house that is started on a restored backup has the accounts, the journal, the history and the keys of the one that is gone', async () => {
  const service = await runService(['--speed', '30']);
  services.push(service);
  const from = new Date(Date.now() - 5 * 864e5).toISOString();
  await history(service, from);
  const copy = join(folder.path, 'copy');
  const made = await zhishou(['backup', copy, '--state', service.stateDirectory, '--json']);
  expect([made.code, made.errors]).toEqual([0, '']);
  const { ok, files } = JSON.parse(made.output) as { ok: boolean; files: { path: string }[] };
  expect(ok).toBe(true);
  expect(files.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['journal.sqlite', 'state.sqlite', 'accounts.sqlite', 'command-key']),
  );
  await service.kill();

  expect((await zhishou(['backup', copy, '--verify'])).output).toMatch(/whole/);
  const again = join(folder.path, 'again');
  const restored = await zhishou(['restore', copy, '--state', again]);
  expect([restored.code, restored.output]).toEqual([0, expect.stringContaining(`--state ${again}`)]);
  const journal = openJournal(join(copy, 'journal.sqlite'));
  const records = [...journal.read()].length;
  journal.close();

  const second = await runService(['--speed', '30'], again);
  services.push(second);
  expect(await signIn(second, service.password)).toBe(200);
  expect(second.password).toBe('');
  expect(JSON.stringify(await history(second, from)).length).toBeGreaterThan(300);
  const continued = openJournal(join(again, 'journal.sqlite'));
  expect([...continued.read()].length).toBeGreaterThanOrEqual(records);
  expect(continued.verify()).toBeNull();
  continued.close();
}, 120_000);

test('mistakes are told in a sentence: a target that has something, no backup, no new state directory', async () => {
  const used = await zhishou(['backup', join(import.meta.dirname, '..'), '--state', folder.path]);
  expect([used.code, used.errors]).toEqual([1, expect.stringMatching(/not an empty directory/)]);
  const none = await zhishou(['backup', folder.path, '--verify']);
  expect([none.code, none.errors]).toEqual([1, expect.stringMatching(/manifest is written last/)]);
  const missing = await zhishou(['restore', folder.path]);
  expect([missing.code, missing.errors]).toEqual([1, expect.stringMatching(/--state/)]);
});
