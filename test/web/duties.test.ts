import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launchChromium } from '../support/browser.ts';
import { describeReal } from '../support/real.ts';
import { type BuiltPage, buildPage } from './build-page.ts';
import { type DutyFixture, dutyFixture, TODAYS_PATROL } from './fixture-duties.ts';
import { outageAt } from './fixture-incident.ts';
import { type MockServer, startMock } from './mock-server.ts';

describeReal('chromium', 'the pages of duties in Chromium', () => {
  let built: BuiltPage;
  let browser: Browser;
  let mock: MockServer;
  let duties: DutyFixture;
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];
  const LONG = { timeout: 15_000 };

  beforeAll(async () => {
    built = await buildPage();
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await built?.remove();
  });
  beforeEach(() => {
    complaints = [];
  });
  afterEach(async () => {
    await context.close();
    await mock.close();
    expect(complaints).toEqual([]);
  });

  async function open(
    path: string,
    options: { role?: 'viewer' | 'duty' | 'operator'; locale?: string; width?: number } = {},
  ): Promise<void> {
    const { role = 'operator', locale = 'zh-CN', width = 390 } = options;
    duties = dutyFixture(role);
    mock = await startMock({ role, guests: true, folder: built.folder, also: duties.also });
    context = await browser.newContext({ locale, viewport: { width, height: 844 }, hasTouch: width < 600 });
    page = await context.newPage();
    page.setDefaultTimeout(LONG.timeout);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (
        ['error', 'warning'].includes(message.type()) &&
        !/Failed to load resource|ERR_CONNECTION|ERR_EMPTY/.test(message.text())
      )
        complaints.push(message.text());
    });
    await page.goto(mock.url + path);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
  }
  const PATROL = `/duties/${TODAYS_PATROL}`;
  const press = (line: string, name: string) =>
    page.getByRole('group', { name: line }).getByRole('button', { name, exact: true }).click();
  const finish = () => page.getByRole('button', { name: '完成', exact: true }).click();
  const confirmDone = (name = '确认完成') => page.getByRole('dialog').getByRole('button', { name }).click();
  async function answerAll(): Promise<void> {
    await page.getByRole('button', { name: '2 项读数正常，按所示确认' }).click();
    await press('冷通道温度', '有问题');
    await page.getByLabel('发现了什么').fill('前排过滤网堵塞');
    await press('精密空调送风', '看过，正常');
    await press('烟雾探测器', '正常');
    await page.getByLabel(/现场数值/).fill('1,25');
    await press('地面无杂物，通道畅通', '正常');
  }
  const kept = () =>
    page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          const opening = indexedDB.open('zhishou');
          opening.onsuccess = () => {
            const all = opening.result.transaction('kept').objectStore('kept').getAll();
            all.onsuccess = () => resolve(JSON.stringify(all.result));
          };
        }),
    );

  test('what is mine stands first, what is overdue says so, and the address keeps what was chosen', async () => {
    await open('/duties', { width: 1440 });
    await page.getByRole('heading', { name: '我现在要做的' }).waitFor();
    const panels = page.locator('section.panel');
    expect(await panels.first().innerText()).toMatch(/机房每日巡检/);
    expect(await panels.nth(1).innerText()).toMatch(/灭火器.*\n?.*林浩[\s\S]*已逾期/);
    await page.locator('label').filter({ hasText: /^工作/ }).locator('select').selectOption('friday');
    await page.waitForURL(/duty=friday/);
    await expect.poll(() => page.getByText('机房每日巡检').locator('visible=true').count(), LONG).toBe(0);
  });

  test('the month tells each day by shape and word; the history by its rate and what it is made of', async () => {
    await open('/duties?view=month', { width: 1440 });
    await page.locator('td[aria-current="date"]').waitFor();
    await page.getByRole('button', { name: '历史' }).click();
    const rate = page.locator('.rates li').filter({ hasText: '机房每日巡检' });
    await rate.getByText('92').waitFor();
    expect(await rate.innerText()).toMatch(/按时 25\/27[\s\S]*逾期 1[\s\S]*未做 1[\s\S]*免做 1/);
    const csv = await page.getByRole('link', { name: '导出 CSV' }).getAttribute('href');
    expect(csv).toMatch(/^\/api\/v1\/duties\/export\.csv\?from=.+&to=.+&language=zh$/);
    await page.locator('.line').filter({ hasText: '未做' }).click();
    await page.getByText('这一次没有人做，时间已过，不能再补。').waitFor();
  });

  test('O-PAT-1 a patrol on a phone: what is fine at once, the rest one by one; a finding becomes a task in three days', async () => {
    await open(PATROL);
    await page.getByRole('button', { name: '2 项读数正常，按所示确认' }).click();
    await finish();
    await page.getByText('还有 5 项没有填好，已转到第一项。').waitFor();
    expect(await page.evaluate(() => document.activeElement?.closest('li')?.getAttribute('data-item'))).toBe(
      'cold-aisle',
    );
    expect(duties.done).toEqual([]);
    await press('冷通道温度', '有问题');
    await page.getByLabel('发现了什么').fill('前排过滤网堵塞');
    await page.getByLabel('由谁处理').selectOption('lin-hao');
    await press('精密空调送风', '看过，正常');
    await press('烟雾探测器', '正常');
    await page.getByLabel(/现场数值/).fill('1,25');
    await press('地面无杂物，通道畅通', '正常');
    await page.getByText('7/7', { exact: true }).waitFor();
    await finish();
    await page.getByRole('dialog').getByText('共 7 项，1 项有问题。').waitFor();
    await confirmDone();
    await page.getByText('已送达并记录。').waitFor();
    const [sent] = duties.done;
    expect(sent?.items.map(({ item, verdict, value }) => [item, verdict, value])).toEqual([
      ...[
        ['ups', 'ok', null],
        ['pdu', 'ok', null],
        ['cold-aisle', 'finding', null],
        ['air', 'ok', null],
      ],
      ...[
        ['smoke', 'ok', null],
        ['extinguisher', 'ok', 1.25],
        ['tidy', 'ok', null],
      ],
    ]);
    const found = sent?.items.find(({ item }) => item === 'cold-aisle');
    expect(found).toMatchObject({ note: '前排过滤网堵塞', owner: 'lin-hao' });
    const days = (Date.parse(found?.dueAt ?? '') - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(2);
    expect(days).toBeLessThan(4);
    await page.getByRole('heading', { name: '由此产生的任务' }).waitFor();
    await page.getByRole('link', { name: '机房登记册 2026-0017' }).waitFor();
    expect(await kept()).not.toContain('前排过滤网堵塞","owner');
  }, 60_000);

  test('without a connection it is filled in, kept over a closed page, said to be not delivered, and goes out once', async () => {
    await open(PATROL);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await page.getByRole('button', { name: '2 项读数正常，按所示确认' }).click();
    mock.setGone(true);
    await page.getByText('与服务器断开').first().waitFor();
    await page.reload();
    await page.getByText('2/7', { exact: true }).waitFor();
    await page.getByText(/没有连接：这里是/).waitFor();
    await press('冷通道温度', '看过，正常');
    await press('精密空调送风', '看过，正常');
    await press('烟雾探测器', '正常');
    await page.getByLabel(/现场数值/).fill('1.2');
    await press('地面无杂物，通道畅通', '正常');
    await finish();
    await page.getByRole('dialog').getByText('送达之前不算完成').waitFor();
    await confirmDone('完成，连上后送出');
    const waiting = page.getByRole('status', { name: '尚未送达' });
    await waiting.getByText('机房每日巡检').waitFor();
    expect(duties.done).toEqual([]);
    mock.setGone(false);
    await page.getByRole('heading', { level: 1, name: '机房每日巡检' }).waitFor();
    await expect.poll(() => duties.done.length, LONG).toBe(1);
    await waiting.waitFor({ state: 'detached' });
    await page
      .getByText(/高洁 于 .* 完成/)
      .first()
      .waitFor();
    expect(duties.done).toHaveLength(1);
  }, 60_000);

  test('a colleague who was faster: nothing is delivered, and what differs is shown until it was seen', async () => {
    await open(PATROL);
    await answerAll();
    duties.doneByColleague(TODAYS_PATROL);
    await finish();
    await confirmDone();
    const conflict = page.getByRole('alert').filter({ hasText: '林浩已经做完这一次' });
    await conflict.getByText('前排过滤网堵塞').waitFor();
    expect(duties.done).toEqual([]);
    await conflict.getByRole('button', { name: '已看过，删除我填的' }).click();
    await conflict.waitFor({ state: 'detached' });
    await page
      .getByText(/林浩 于 .* 完成/)
      .first()
      .waitFor();
  });

  test('signed with the password: a wrong one is said, and none is ever kept', async () => {
    await open(PATROL);
    duties.signature = 'password';
    await page.reload();
    await answerAll();
    await finish();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('button', { name: '确认完成' }).isDisabled()).toBe(true);
    await dialog.locator('input[type="password"]').fill('a wrong secret');
    await confirmDone();
    await dialog.getByText('用户名或密码不对。').waitFor();
    expect(await kept()).not.toContain('a wrong secret');
    await dialog.locator('input[type="password"]').fill('right-password');
    await confirmDone();
    await page.getByText('已送达并记录。').waitFor();
    expect(duties.done[0]?.signature).toEqual({ kind: 'password', password: 'right-password' });
    expect(await kept()).not.toContain('right-password');
  });

  test('an operator waives it with a reason; a viewer is offered nothing that would be refused', async () => {
    await open(PATROL, { width: 1440 });
    await page.getByRole('button', { name: '免做这一次' }).click();
    await page.getByLabel('原因（必填，会写入记录）').fill('机房封闭施工');
    await page.getByRole('dialog').getByRole('button', { name: '免做这一次' }).click();
    await expect.poll(() => duties.waived, LONG).toEqual(['机房封闭施工']);
    await page.getByText('已免做').first().waitFor();
    await context.close();
    await mock.close();
    await open(PATROL, { role: 'viewer', locale: 'en-GB' });
    await page.getByText('Your role may look at it, not fill it in.').waitFor();
    expect(await page.getByRole('button', { name: /Waive|Finish|Fine/ }).count()).toBe(0);
  });

  test('on paper it is a sheet with boxes, empty lines and the limits; nothing of the page is on it', async () => {
    await open(PATROL);
    await page.emulateMedia({ media: 'print' });
    const sheet = page.locator('.sheet');
    await sheet.waitFor();
    expect(await sheet.locator('.box').count()).toBe(14);
    expect(await sheet.innerText()).toMatch(/灭火器压力 1–1.4[\s\S]*检查人[\s\S]*签字/);
    expect(await page.getByRole('button').locator('visible=true').count()).toBe(0);
  });

  test.each([
    { locale: 'zh-CN', width: 390 },
    { locale: 'en-GB', width: 1440 },
  ])(
    'nothing that axe-core calls serious, nothing wider than the screen: $locale, $width',
    async (look) => {
      await open('/duties', look);
      const faults: string[] = [];
      const check = async (name: string): Promise<void> => {
        await page.locator('[data-state="loading"]').waitFor({ state: 'detached' });
        await page.evaluate(axe.source);
        const found = await page.evaluate(async () => {
          const wide = document.documentElement.scrollWidth > window.innerWidth + 1 ? ['wider than the screen'] : [];
          const engine = (globalThis as unknown as { axe: typeof axe }).axe;
          const { violations } = await engine.run(document, { resultTypes: ['violations'] });
          const bad = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
          return [...wide, ...bad.map(({ id, nodes }) => `${id} ${nodes[0]?.target.join(' ')}`)];
        });
        faults.push(...found.map((fault) => `${name}: ${fault}`));
      };
      await check('now');
      for (const path of ['/duties?view=month', '/duties?view=history', PATROL]) {
        await page.goto(mock.url + path);
        await page.getByRole('heading', { level: 1 }).first().waitFor();
        await check(path);
      }
      const finding = look.locale === 'zh-CN' ? '有问题' : 'Finding';
      await page.locator('[data-item="tidy"]').getByRole('button', { name: finding }).click();
      await page.getByRole('button', { name: look.locale === 'zh-CN' ? '完成' : 'Finish', exact: true }).click();
      await check('found, not finished');
      expect(faults).toEqual([]);
    },
    60_000,
  );

  test('with keys alone: confirmed, found, finished', async () => {
    await open(PATROL, { width: 1440, locale: 'en-GB' });
    await page.getByRole('button', { name: 'Confirm all 2 as shown' }).press('Enter');
    const line = page.getByRole('group', { name: 'Cold aisle temperature' });
    await line.getByRole('button', { name: 'Finding' }).press('Space');
    // What was found is asked for at once.
    await page.keyboard.type('filter');
    expect(await page.getByLabel('What was found').inputValue()).toBe('filter');
  });

  test('the overview has a line when something of mine is due, and none in an emergency', async () => {
    await open('/');
    await page.locator('.mine').getByText('机房每日巡检').waitFor();
    mock.setIncidents(outageAt(Date.now()));
    await page.locator('.mine').waitFor({ state: 'detached' });
  });

  test('the wall names what is overdue, and gives way in an emergency', async () => {
    await open('/wall', { width: 1920 });
    const panel = page.getByRole('region', { name: '值班工作' });
    await panel.getByText('已逾期').waitFor();
    expect(await panel.innerText()).toMatch(/今天 1\/3[\s\S]*1 项逾期[\s\S]*机房每日巡检[\s\S]*高洁/);
    mock.setIncidents(outageAt(Date.now()));
    await panel.waitFor({ state: 'detached' });
  });
});
