import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../support/browser.ts';
import { describeReal } from '../support/real.ts';
import { type RunningService, runService } from '../support/running-service.ts';

/** "Add a device" as a person does it, against the simulated UPS, whose card answers like any other. */

const SHOTS = join(import.meta.dirname, 'shots');
const LONG = { timeout: 30_000 };

describeReal('chromium', 'adding a device from the page', () => {
  let service: RunningService;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    mkdirSync(SHOTS, { recursive: true });
    service = await runService();
    browser = await launchChromium();
    page = await (await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'zh-CN' })).newPage();
    await page.goto(`${service.url}/sign-in`);
    await page.getByLabel('用户名', { exact: true }).fill('admin');
    await page.getByLabel('密码', { exact: true }).fill(service.password);
    await page.getByRole('button', { name: '登录' }).click(LONG);
    await page.waitForURL(`${service.url}/`);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await service?.stop();
  });
  const shot = (name: string): Promise<unknown> =>
    page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
  const port = (): string => service.ports.SIM_UPS_1_PORT ?? '';

  test('an address is looked at: what it is, what it reads, live, and the entry for devices.yaml', async () => {
    await page.goto(`${service.url}/devices`);
    await page.getByRole('link', { name: '添加设备' }).click(LONG);
    await page.getByLabel('地址', { exact: true }).fill('127.0.0.1');
    await page.getByLabel('端口', { exact: true }).fill(port());
    await page.getByRole('button', { name: '查看', exact: true }).click(LONG);
    await page.getByRole('heading', { name: 'rfc1628-ups' }).waitFor(LONG);
    await page.getByText(/个测点，实时/).waitFor(LONG);
    await page
      .getByRole('cell', { name: /电池电量/ })
      .first()
      .waitFor(LONG);
    const entry = (await page.locator('pre').textContent()) ?? '';
    expect(entry).toContain('profile: rfc1628-ups');
    expect(entry).toContain(`port: ${port()}`);
    await shot('add-device-zh');
    await page.setViewportSize({ width: 390, height: 844 });
    await shot('add-device-phone-zh');
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.getByRole('button', { name: '结束', exact: true }).click(LONG);
    await page.getByText(/个测点，最后一次读数/).waitFor(LONG);
  }, 120_000);

  test('a range is looked at with its progress, and one of those that answered is shown live, in English', async () => {
    await page.evaluate(() => localStorage.setItem('zhishou.preferences', JSON.stringify({ language: 'en' })));
    await page.goto(`${service.url}/add-device`);
    await page.getByRole('heading', { name: 'Add a device' }).waitFor(LONG);
    await page.getByRole('radio', { name: 'A range of addresses' }).click(LONG);
    await page.getByLabel('Range', { exact: true }).fill('127.0.0.1-4');
    await page.getByLabel('Port', { exact: true }).fill(port());
    await page.getByRole('button', { name: 'Look', exact: true }).click(LONG);
    await page.getByText('4 of 4 addresses looked at, 1 answered').waitFor(LONG);
    await shot('add-device-range-en');
    await page.getByRole('button', { name: 'Show live' }).click(LONG);
    await page.getByText(/points, live/).waitFor(LONG);
    await shot('add-device-en');
  }, 120_000);

  test('an address where nobody answers says what to look at', async () => {
    await page.getByLabel('Address', { exact: true }).fill('127.0.0.1');
    await page.getByLabel('Port', { exact: true }).fill('9');
    await page.getByRole('button', { name: 'Look', exact: true }).click(LONG);
    await page
      .getByRole('alert')
      .getByText(/No answer|cannot be reached/)
      .waitFor(LONG);
    await shot('add-device-nobody-en');
  }, 120_000);
});
