import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { AlertView } from '#core/alert.ts';
import { describeReal, findProgram } from '../support/real.ts';
import { type BuiltPage, buildPage } from './build-page.ts';
import { alertAt } from './fixture-room.ts';
import { type MockServer, startMock } from './mock-server.ts';

/** Tones and notices in a real browser: what the page asks of it is written down, and one tab asks. */

declare global {
  interface Window {
    /** Frequencies of the notes that were started. */
    notes: number[];
    shown: string[];
    asked: number;
  }
}

/** On a busy machine. */
const SOON = { timeout: 10_000 };

/** Runs in the page before its own code. */
function watchBrowser(): void {
  window.notes = [];
  window.shown = [];
  window.asked = 0;
  // Headless browsers are lenient: here nothing sounds before a touch, as on a wall.
  let touched = false;
  addEventListener('pointerdown', () => (touched = true), { capture: true });
  Object.defineProperty(AudioContext.prototype, 'state', { get: () => (touched ? 'running' : 'suspended') });
  const { start } = OscillatorNode.prototype;
  OscillatorNode.prototype.start = function (this: OscillatorNode, when?: number): void {
    window.notes.push(Math.round(this.frequency.value));
    start.call(this, when);
  };
  class Shown extends EventTarget {
    static permission: NotificationPermission = 'default';
    static requestPermission(): Promise<NotificationPermission> {
      window.asked++;
      Shown.permission = 'granted';
      return Promise.resolve(Shown.permission);
    }
    readonly title: string;
    onclick: (() => void) | null = null;
    constructor(title: string) {
      super();
      this.title = title;
      window.shown.push(title);
    }
    close(): void {
      window.shown.push(`closed ${this.title}`);
    }
  }
  Object.defineProperty(window, 'Notification', { value: Shown, configurable: true });
}

describeReal('chromium', 'how the wall page calls', () => {
  let built: BuiltPage;
  let browser: Browser;
  let mock: MockServer;
  let context: BrowserContext;

  beforeAll(async () => {
    built = await buildPage();
    browser = await chromium.launch({
      executablePath: findProgram('chromium') ?? '',
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--no-first-run',
        '--autoplay-policy=user-gesture-required',
      ],
    });
  });
  afterAll(async () => {
    await browser?.close();
    await built?.remove();
  });
  afterEach(async () => {
    await context.close();
    await mock.close();
  });

  async function open(preferences: Record<string, unknown>, locale = 'zh-CN'): Promise<() => Promise<Page>> {
    mock = await startMock({ role: 'operator', guests: true, folder: built.folder });
    context = await browser.newContext({ locale, viewport: { width: 1440, height: 900 } });
    await context.addInitScript(watchBrowser);
    await context.addInitScript((kept) => {
      if (localStorage.getItem('zhishou.preferences') === null) localStorage.setItem('zhishou.preferences', kept);
    }, JSON.stringify(preferences));
    return async () => {
      const page = await context.newPage();
      page.setDefaultTimeout(15_000);
      await Promise.all([
        page.waitForResponse((response) => response.url().includes('/api/v1/live')),
        page.waitForResponse((response) => /attention-[\w-]+\.js$/.test(response.url())),
        page.goto(`${mock.url}/`),
      ]);
      await page
        .getByText(locale === 'en' ? 'All well' : '一切正常')
        .first()
        .waitFor();
      return page;
    };
  }
  const fire = (over: Partial<AlertView> = {}): void => mock.emit('alert', alertAt(Date.now(), over));
  const notes = (page: Page): Promise<number[]> => page.evaluate(() => window.notes);
  const touch = (page: Page): Promise<void> => page.mouse.click(700, 880);

  test('a wall without sound says so, and asks the browser for nothing', async () => {
    const page = await (await open({}))();
    await page.getByText('提示音已关').waitFor();
    fire({ id: 'a' });
    await page.getByText('市电中断').first().waitFor();
    expect(await notes(page)).toEqual([]);
    expect(await page.evaluate(() => window.asked)).toBe(0);
  });

  test('sound that the browser holds back is said, and a touch brings it', async () => {
    const page = await (await open({ sound: true }))();
    await page.getByText('点一下页面以开启提示音').waitFor();
    await touch(page);
    await page.getByText('点一下页面以开启提示音').waitFor({ state: 'detached' });
    fire({ id: 'a' });
    await expect.poll(() => notes(page), SOON).toEqual([660, 880, 660]);
  });

  test.each([
    ['high', [660, 880, 660]],
    ['medium', [660, 523]],
    ['low', [523]],
  ] as const)('%s has its own tone, once', async (severity, expected) => {
    const page = await (await open({ sound: true }))();
    await touch(page);
    await page.getByText('点一下页面以开启提示音').waitFor({ state: 'detached' });
    for (let i = 0; i < 3; i++) fire({ id: 'a', severity });
    await expect.poll(() => notes(page), SOON).toEqual(expected);
  });

  test('of two tabs one sounds', async () => {
    const openTab = await open({ sound: true });
    const tabs = [await openTab(), await openTab()];
    for (const tab of tabs) {
      await tab.bringToFront();
      await touch(tab);
      await tab.getByText('点一下页面以开启提示音').waitFor({ state: 'detached' });
    }
    const both = async (): Promise<number> => (await Promise.all(tabs.map(notes))).flat().length;
    for (const [index, id] of ['a', 'b', 'c'].entries()) {
      fire({ id, severity: 'low', since: new Date().toISOString() });
      await expect.poll(both, SOON).toBe(index + 1);
    }
  });

  test('L34: muted it is quiet and says how long; a safety alert is heard all the same', async () => {
    const page = await (await open({ sound: true, mutedUntil: Date.now() + 600_000 }))();
    await touch(page);
    await page.getByText('静音，还剩 10 分钟').waitFor();
    fire({ id: 'a' });
    fire({ id: 'b', safety: true, title: { zh: '烟雾', en: 'Smoke' }, severity: 'high' });
    await expect.poll(() => notes(page), SOON).toEqual([660, 880, 660]);
  });

  test('a notice is asked for by a touch alone, shown for a new alert, and closed when somebody has it in hand', async () => {
    const page = await (await open({}))();
    await page.goto(`${mock.url}/settings`);
    const row = page.locator('.row', { hasText: '浏览器通知' });
    expect(await page.evaluate(() => window.asked)).toBe(0);
    await row.getByRole('button').click();
    await expect.poll(() => page.evaluate(() => window.asked), SOON).toBe(1);
    await row.getByRole('button', { name: '已开启' }).waitFor();
    fire({ id: 'a' });
    await expect.poll(() => page.evaluate(() => window.shown), SOON).toEqual(['高 · 市电中断，UPS 电池供电']);
    fire({ id: 'a', state: 'acknowledged', acknowledged: { by: 'gao-jie', at: new Date().toISOString() } });
    await expect.poll(() => page.evaluate(() => window.shown.at(-1)), SOON).toBe('closed 高 · 市电中断，UPS 电池供电');
  });

  test('the settings let one listen to each tone, mute with an end, and end it; in English too', async () => {
    const page = await (await open({ sound: true }, 'en'))();
    await page.goto(`${mock.url}/settings`);
    await page.getByRole('group', { name: 'Listen' }).getByRole('button').nth(1).click();
    await expect.poll(() => notes(page), SOON).toEqual([660, 523]);
    await page.getByRole('button', { name: '15 minutes' }).click();
    await page.getByText('15 minutes left').waitFor();
    await page.getByRole('button', { name: 'End it' }).click();
    await page.getByRole('button', { name: '8 hours' }).waitFor();
  });
});
