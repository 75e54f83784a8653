import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { DutiesResponse, DutyView } from '#core/paperwork/duty-view.ts';
import { launchChromium } from '../support/browser.ts';
import { describeReal } from '../support/real.ts';
import { type RunningService, runService } from '../support/running-service.ts';

/** The daily patrol on a phone, over the whole service: what was found becomes a task, the register has its entry, and a day that nobody did is told. */

const LONG = { timeout: 60_000 };
const CONFIG = join(import.meta.dirname, '../../config');

/** A minute of the site's day that is soon, with the next one on the same day: `["14:07", "14:08"]`. */
function soon(): readonly [string, string] {
  for (let minutes = 2; ; minutes++) {
    const [from = '', due = ''] = [minutes, minutes + 1].map((later) =>
      new Date(Date.now() + later * 60_000).toLocaleTimeString('en-GB', {
        ...{ hour: '2-digit', minute: '2-digit', timeZone: 'Asia/Shanghai' },
      }),
    );
    if (from < due) return [from, due];
  }
}

/** The sample room, whose patrol may be done all day, and with one more that has one minute. */
function configure(folder: string): void {
  cpSync(CONFIG, folder, { recursive: true });
  const file = join(folder, 'duties.yaml');
  const { duties } = parse(readFileSync(file, 'utf8')) as { duties: Record<string, unknown>[] };
  const [from, due] = soon();
  const allDay = duties.map(({ escalate, ...duty }) =>
    duty.id === 'patrol' ? { ...duty, from: '00:00', due: '23:58', late_until: '1m' } : { ...duty, escalate },
  );
  const short = {
    ...{ id: 'short', title: { zh: '一分钟的工作', en: 'A duty of a minute' }, function: 'duty', when: 'daily' },
    ...{ from, due, late_until: '1m' },
  };
  writeFileSync(file, stringify({ duties: [...allDay, short] }));
}

describeReal('chromium', 'duties of the running service', () => {
  let folder: string;
  let service: RunningService;
  let browser: Browser;
  let phone: Page;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'zhishou-duties-'));
    configure(folder);
    service = await runService(['--config', folder]);
    browser = await launchChromium();
    phone = await (await browser.newContext({ viewport: { width: 390, height: 844 }, locale: 'zh-CN' })).newPage();
    phone.setDefaultTimeout(LONG.timeout);
    await phone.goto(`${service.url}/sign-in`);
    await phone.getByLabel('用户名', { exact: true }).fill('admin');
    await phone.getByLabel('密码', { exact: true }).fill(service.password);
    await phone.getByRole('button', { name: '登录' }).click();
    await phone.waitForURL(`${service.url}/`);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await service?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = async <T>(path: string): Promise<T> => (await (await fetch(`${service.url}/api/v1${path}`)).json()) as T;
  const stateOf = async (duty: string, state: string): Promise<string | null> => {
    const from = new Date(Date.now() - 2 * 86_400_000).toISOString();
    const { duties } = await ask<DutiesResponse>(`/duties?from=${from}&state=${state}`);
    return duties.find((one) => one.duty === duty)?.id ?? null;
  };

  test('O-PAT-1 O-SAF-1 the patrol is done on a phone; what was found becomes a task and the register has its entry', async () => {
    await expect.poll(() => stateOf('patrol', 'open,overdue'), { timeout: 180_000 }).not.toBe(null);
    const id = (await stateOf('patrol', 'open,overdue')) ?? '';
    // Every device has answered: nothing is missing any more.
    await expect
      .poll(
        async () =>
          (await ask<DutyView>(`/duties/${id}`)).checklist
            .filter(({ live }) => live.length > 0)
            .every(({ suggested }) => suggested === 'ok'),
        LONG,
      )
      .toBe(true);
    await phone.goto(`${service.url}/duties`);
    await phone.locator('.line').filter({ hasText: '机房日常巡检' }).first().click();
    await phone.getByRole('heading', { level: 1, name: '机房日常巡检' }).waitFor();
    const { checklist } = await ask<DutyView>(`/duties/${id}`);
    for (const { label, kind } of checklist) {
      const line = phone.getByRole('group', { name: label.zh, exact: true });
      if (kind === 'text') await phone.getByLabel('填写').fill('无');
      else if (label.zh.startsWith('门已关好')) await line.getByRole('button', { name: '有问题' }).click();
      else await line.getByRole('button', { name: /正常/ }).click();
    }
    await phone.getByLabel('发现了什么').fill('通道里有两个纸箱');
    await phone.getByRole('button', { name: '完成', exact: true }).click();
    await phone.getByRole('dialog').getByRole('button', { name: '确认完成' }).click();
    await phone.getByText('已送达并记录。').waitFor();
    await phone.getByRole('heading', { name: '由此产生的任务' }).waitFor();
    const done = await ask<DutyView>(`/duties/${id}`);
    expect(done.doneBy?.id).toBe('admin');
    expect(done.findings).toBe(1);
    expect(done.tasks).toHaveLength(1);
    const days = (Date.parse(done.tasks[0]?.dueAt ?? '') - Date.parse(done.doneAt ?? '')) / 86_400_000;
    expect(days).toBeGreaterThan(2);
    expect(days).toBeLessThanOrEqual(4);
    const [entry] = done.links;
    expect(entry?.path).toMatch(/^\/registers\/core-room\/entries\//);
    await phone.goto(`${service.url}${entry?.path}`);
    await phone
      .getByText(/日常巡检/)
      .first()
      .waitFor();
    await phone.goto(`${service.url}/tasks`);
    await phone
      .getByText(/通道里有两个纸箱/)
      .first()
      .waitFor();
  }, 300_000);

  test('a duty that nobody did is told as missed, and what happened to it can be read', async () => {
    await phone.goto(`${service.url}/simulator`);
    await phone.getByRole('button', { name: '60 倍速' }).click();
    await expect.poll(() => stateOf('short', 'missed'), { timeout: 120_000 }).not.toBe(null);
    await phone.goto(`${service.url}/duties?view=history`);
    const line = phone.locator('.line').filter({ hasText: '一分钟的工作' }).filter({ hasText: '未做' });
    await line.first().click();
    await phone.getByText('这一次没有人做，时间已过，不能再补。').waitFor();
  }, 300_000);
});
