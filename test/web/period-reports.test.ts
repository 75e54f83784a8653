import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Role } from '#core/command.ts';
import { daysOf, periodBeside, periodOn } from '../../services/dashboard-api/web/src/model/period-names.ts';
import { launchChromium } from '../support/browser.ts';
import { describeReal } from '../support/real.ts';
import { type BuiltPage, buildPage } from './build-page.ts';
import { type ReportsFixture, reportsFixture } from './fixture-reports.ts';
import { type MockServer, startMock } from './mock-server.ts';

test.each([
  ['weekly', '2026-11-09', '2026-W46', 'a Monday'],
  ['weekly', '2026-11-15', '2026-W46', 'the Sunday after it'],
  ['weekly', '2027-01-01', '2026-W53', 'a week belongs to the year of its Thursday'],
  ['weekly', '2024-12-30', '2025-W01', 'the same at its other end'],
  ['monthly', '2026-11-30', '2026-11', 'a month'],
  ['quarterly', '2026-12-31', '2026-Q4', 'a quarter'],
  ['yearly', '2026-01-01', '2026', 'a year'],
] as const)('%s: %s lies in %s (%s)', (period, day, name, _why) => {
  expect(periodOn(period, day)).toBe(name);
  const days = daysOf(period, name)!;
  expect(days.from <= day && day < days.to).toBe(true);
  expect(periodBeside(period, periodBeside(period, name, 1)!, -1)).toBe(name);
});

test('no days of what is no period', () => {
  expect(daysOf('weekly', 'weekly')).toBeNull();
});

const SHOTS = join(import.meta.dirname, '../e2e/shots');

describeReal('chromium', 'the pages of reports in Chromium', () => {
  let built: BuiltPage;
  let browser: Browser;
  let mock: MockServer;
  let context: BrowserContext;
  let page: Page;
  let reports: ReportsFixture;
  let complaints: string[];

  beforeAll(async () => {
    built = await buildPage();
    browser = await launchChromium();
    mkdirSync(SHOTS, { recursive: true });
  });
  afterAll(async () => {
    await browser?.close();
    await built?.remove();
  });
  beforeEach(() => {
    complaints = [];
    reports = reportsFixture();
  });
  afterEach(async () => {
    await context.close();
    await mock.close();
    expect(complaints).toEqual([]);
  });

  async function open(
    path: string,
    options: { role?: Role | null; locale?: string; width?: number } = {},
  ): Promise<void> {
    const { role = 'duty', locale = 'zh-CN', width = 1440 } = options;
    mock = await startMock({ role, guests: true, folder: built.folder, also: reports.also });
    context = await browser.newContext({ locale, viewport: { width, height: width < 600 ? 844 : 900 } });
    page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) && !/Failed to load resource/.test(message.text()))
        complaints.push(message.text());
    });
    await page.goto(`${mock.url}${path}`);
  }
  const shot = (name: string): Promise<unknown> => page.screenshot({ path: join(SHOTS, `${name}.png`) });
  /** Nothing is cut off at the right: what is too wide is scrolled in itself. */
  const overflow = (): Promise<number> =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  async function accessible(): Promise<void> {
    await page.evaluate(axe.source);
    const found = await page.evaluate(async () => {
      const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(document);
      return violations.map(
        ({ id, nodes }) =>
          `${id}: ${nodes
            .map(({ html }) => html)
            .join(' ')
            .slice(0, 300)}`,
      );
    });
    expect(found).toEqual([]);
  }

  test('O-WK-1: the archive says what each week was, whether its files are still those, and who was mailed', async () => {
    await open('/reports');
    const lines = page.locator('main li, .panel li').filter({ has: page.getByRole('link', { name: /机房运行/ }) });
    await expect.poll(() => lines.count()).toBe(3);
    await lines.nth(0).getByText('文件完好').waitFor();
    await lines.nth(0).getByText('已寄给 高洁').waitFor();
    await lines.nth(0).getByText('寄给 林浩 未成：550 no such mailbox').waitFor();
    await lines.nth(1).getByText('文件已被改动或损坏').waitFor();
    const word = lines.nth(0).getByRole('link', { name: 'Word' });
    expect(await word.getAttribute('href')).toBe('/api/v1/reports/weekly-2026-W47/files/docx?language=zh');
    await page.getByRole('button', { name: '年报' }).click();
    await expect.poll(() => lines.count()).toBe(1);
    await accessible();
    await shot('reports-zh');
  });

  test('a report is mailed again to those who are chosen, and who has no address is named', async () => {
    await open('/reports');
    await page.getByRole('button', { name: '邮寄' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('周敏').check();
    await dialog.getByRole('button', { name: '邮寄' }).click();
    await page.getByText('没有邮箱，寄不到：周敏').waitFor();
    expect(reports.mailed).toEqual([{ id: 'weekly-2026-W47', to: ['gao-jie', 'lin-hao', 'zhou-min'] }]);
  });

  test('any period is found by one of its days; who may is offered to archive it', async () => {
    await open('/reports');
    await page.getByLabel('种类').selectOption('monthly');
    await page.getByLabel('其中一天').fill('2026-03-17');
    await page.getByText('机房运行月报 2026 年 3 月').waitFor();
    await page.getByRole('button', { name: '归档这一期' }).click();
    await expect.poll(() => reports.made).toEqual([{ period: 'monthly', name: '2026-03' }]);
    await expect.poll(() => page.url()).toMatch(/\/reports\/monthly-2026-03$/);
    await page.getByRole('heading', { name: '没有这一期报告' }).waitFor();
  });

  test('who only looks is offered nothing that would be refused', async () => {
    await open('/reports', { role: 'viewer' });
    await page.getByRole('link', { name: /第 47 周/ }).waitFor();
    expect(await page.getByRole('button', { name: '邮寄' }).count()).toBe(0);
    expect(await page.getByRole('button', { name: '归档这一期' }).count()).toBe(0);
  });

  test('an empty archive, a failure with a way on, and who is not signed in', async () => {
    reports.archived = [];
    await open('/reports');
    await page.getByText('还没有归档的报告').waitFor();
    reports.failure = { status: 503, code: 'STORE_DOWN', detail: 'history' };
    await page.goto(`${mock.url}/reports/weekly-2026-W46`);
    await page.getByText('没有读到内容').waitFor();
    reports.failure = null;
    await page.getByRole('button', { name: '重试' }).click();
    await page.getByRole('heading', { level: 1, name: '机房运行周报 2026 年第 46 周' }).waitFor();
  });

  test('who is not signed in is told to', async () => {
    reports.failure = { status: 401, code: 'NOT_SIGNED_IN', detail: '' };
    await open('/reports/weekly-2026-W46', { role: null });
    await page.getByText('登录后才能看报告。').waitFor();
    expect(await page.locator('main .button, .state .button').first().getAttribute('href')).toBe(
      '/sign-in?to=/reports/weekly-2026-W46',
    );
  });

  test('O-WK-1 … O-WK-3: a week reads from top to bottom with its curves, week before and after a touch away', async () => {
    await open('/reports/weekly-2026-W46');
    await page.getByRole('heading', { level: 1, name: '机房运行周报 2026 年第 46 周' }).waitFor();
    const says = page.locator('article');
    await says.getByText('22.4 ℃', { exact: true }).waitFor();
    for (const heading of ['机房环境', '供电与电池', '网络与服务', '例行值守', '决定与任务', '数字的由来'])
      await says.getByRole('heading', { name: heading, exact: true }).waitFor();
    const curve = says.getByRole('img', { name: '曲线图：核心机房 温度' });
    await expect.poll(() => curve.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(300);
    // A chart that has no data is not there.
    await expect.poll(() => says.getByRole('img', { name: '曲线图：每天的报警' }).count()).toBe(0);
    expect(await page.getByRole('link', { name: 'PDF' }).getAttribute('href')).toBe(
      '/api/v1/reports/weekly-2026-W46/files/pdf?language=zh',
    );
    await accessible();
    await shot('report-week-zh');
    await page.getByRole('link', { name: /上一期/ }).click();
    await page.getByRole('heading', { level: 1, name: /第 45 周/ }).waitFor();
    await page.getByText('本周尚未结束').waitFor();
  });

  test('a terrible week on a telephone: nothing is cut off, what matters first', async () => {
    await open('/reports/weekly-2026-W47', { width: 390 });
    await page.getByRole('heading', { name: '需要注意' }).waitFor();
    await page.getByRole('link', { name: /空调全部停机，11月11日/ }).waitFor();
    expect(await overflow()).toBe(0);
    await shot('report-terrible-zh-phone');
  });

  test('in English, a year', async () => {
    await open('/reports/yearly-2026', { locale: 'en-GB' });
    await page.getByRole('heading', { level: 1, name: 'Yearly report, 2026' }).waitFor();
    await page.getByText('GB 50174-2017 grade B').waitFor();
    expect(await overflow()).toBe(0);
    await shot('report-year-en');
    await page.goto(`${mock.url}/reports`);
    await page.getByRole('link', { name: 'Weekly report, week 47 of 2026' }).waitFor();
    await shot('reports-en');
  });
});
