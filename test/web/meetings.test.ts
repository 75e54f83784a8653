import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launchChromium } from '../support/browser.ts';
import { describeReal } from '../support/real.ts';
import { type BuiltPage, buildPage } from './build-page.ts';
import { MEETING, meetingFixture } from './fixture-meetings.ts';
import { type MockServer, startMock } from './mock-server.ts';

describeReal('chromium', 'the pages of meetings in Chromium (O-WK-3)', () => {
  let built: BuiltPage;
  let browser: Browser;
  let mock: MockServer;
  let room: ReturnType<typeof meetingFixture>;
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
    const { role = 'operator', locale = 'zh-CN', width = 1440 } = options;
    room = meetingFixture(role);
    mock = await startMock({ role, guests: true, folder: built.folder, also: room.also });
    context = await browser.newContext({ locale, viewport: { width, height: 900 } });
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
  const seen = (text: string | RegExp) => page.getByText(text).first().waitFor();
  const press = (name: string) => page.getByRole('button', { name, exact: true }).first().click();
  const agenda = () => page.getByRole('region', { name: '议程' });

  test('from the list to the meeting: begin, decide against an item with an owner, present, close; the minutes stay', async () => {
    await open('/meetings');
    await page.getByRole('link', { name: '机房周例会' }).first().click();
    await agenda().waitFor();
    await press('开始会议');
    await seen(/已议 0\/2/);
    await press('林浩');
    await expect.poll(() => room.meetings.get(MEETING, null).present.map(({ id }) => id), LONG).toEqual(['lin-hao']);
    await agenda()
      .getByRole('button', { name: /核对负载/ })
      .click();
    const matter = page.getByRole('region', { name: '核对负载' });
    await matter.getByRole('textbox', { name: '决定' }).fill('本周五前重新分配');
    await matter.getByLabel('负责人').selectOption('lin-hao');
    await matter.getByText('将成为任务，期限为下次例会。').waitFor();
    await matter.getByRole('textbox', { name: '决定' }).press('Enter');
    await page.getByRole('region', { name: '本次决定' }).getByText('本周五前重新分配').waitFor();
    await expect.poll(() => room.tasks.all().some(({ title }) => title.zh === '本周五前重新分配'), LONG).toBe(true);
    await expect.poll(() => matter.getByRole('textbox', { name: '决定' }).inputValue(), LONG).toBe('');
    await matter.getByLabel('记录').fill('负载差 300 W');
    await matter.getByLabel('记录').blur();
    await expect
      .poll(() => room.meetings.get(MEETING, null).agenda.map(({ note }) => note), LONG)
      .toEqual([null, '负载差 300 W']);
    await press('结束会议');
    await page.getByRole('dialog').getByRole('button', { name: '结束会议' }).click();
    await seen(/纪要不再更改/);
    expect(await page.getByRole('textbox', { name: '决定' }).count()).toBe(0);
    await press('增加补充');
    await page.getByRole('dialog').getByLabel('补充内容').fill('更正：周四前');
    await page.getByRole('dialog').getByRole('button', { name: '增加补充' }).click();
    await page.getByRole('region', { name: '补充' }).getByText('更正：周四前').waitFor();
    expect(room.meetings.get(MEETING, null).decisions).toHaveLength(1);
  });

  test('what a colleague has closed meanwhile is refused in words, and the closed minutes are shown', async () => {
    await open(`/meetings/${MEETING}`);
    await page.getByLabel('增加一项议程').fill('备件预算');
    room.meetings.close(MEETING, room.who);
    await press('增加');
    await page.locator('p.error').waitFor();
    await seen(/纪要不再更改/);
  });

  test('who may only read is offered nothing that would be refused; whoever writes minutes does not close them', async () => {
    await open(`/meetings/${MEETING}`, { role: 'viewer' });
    await agenda().waitFor();
    expect(await page.getByRole('button', { name: '开始会议' }).count()).toBe(0);
    expect(await page.getByRole('textbox', { name: '决定' }).count()).toBe(0);
    await context.close();
    await mock.close();
    await open(`/meetings/${MEETING}`, { role: 'duty' });
    await press('开始会议');
    await seen(/已议 0\/2/);
    expect(await page.getByRole('button', { name: '结束会议' }).count()).toBe(0);
  });

  test.each([
    { locale: 'zh-CN', width: 1440 },
    { locale: 'en-GB', width: 390 },
  ])('nothing that axe-core calls serious, nothing wider than the screen: $locale, $width', async (look) => {
    await open('/meetings', look);
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
    await check('list');
    room.meetings.decide(MEETING, { item: null, text: 'x', owner: 'lin-hao', dueAt: null }, room.who);
    await page.goto(`${mock.url}/meetings/${MEETING}`);
    await page.locator('.matter').first().click();
    await check('open');
    room.meetings.close(MEETING, room.who);
    room.meetings.add(MEETING, 'later', room.who);
    await page.reload();
    await page.locator('.matter').first().waitFor();
    await check('closed');
    expect(faults).toEqual([]);
  });
});
