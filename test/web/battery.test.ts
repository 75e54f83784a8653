import type { IncomingMessage, ServerResponse } from 'node:http';
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { BatteryTest, TestEvent } from '#core/battery-test/state.ts';
import { step } from '#core/battery-test/step.ts';
import { viewOf } from '#core/battery-test/view.ts';
import type { Role } from '#core/command.ts';
import type { BatteryTestView } from '#core/paperwork/battery-test.ts';
import { instant, minutes } from '#core/time.ts';
import { discharge, factsAt, newTest, sampleAt } from '../core/battery-test/bench.ts';
import { launchChromium } from '../support/browser.ts';
import { describeReal } from '../support/real.ts';
import { type BuiltPage, buildPage } from './build-page.ts';
import { type MockServer, startMock } from './mock-server.ts';

/** A battery test's states, by the machine itself. */
function stages(way: 'ups' | 'by-hand') {
  const began = Date.now() - minutes(20);
  const go = (test: BatteryTest, event: TestEvent, at: number): BatteryTest => step(test, event, instant(at)).state;
  const fresh = newTest(way, { createdAt: instant(began), since: instant(began) });
  const ready = go(fresh, { type: 'facts', facts: factsAt(began) }, began);
  const checking = go(fresh, { type: 'facts', facts: factsAt(began, { working: false, armed: false }) }, began);
  const starting = go(ready, { type: 'begin', by: 'ann' }, began + 1000);
  const status = way === 'ups' ? 'OL CAL DISCHRG' : 'OB DISCHRG';
  const curve = discharge({ hoursFull: 0.8, watts: 2000, to: 62 }, instant(began + 5000));
  const last = curve.at(-1);
  const looked = sampleAt(last?.at ?? began, { status, charge: last?.charge ?? 62, remainingS: 1700, runtimeS: 1900 });
  const discharging: BatteryTest = {
    ...{ ...starting, state: 'discharging', saidOff: true, from: curve[0]?.at ?? null, curve, last: looked },
    lowestCharge: looked.charge,
  };
  const stopping = go(discharging, { type: 'stop', by: 'ann', reason: null }, (last?.at ?? began) + 5000);
  let done = stopping;
  for (const i of [1, 2, 3]) {
    const at = (last?.at ?? began) + 5000 + i * 5000;
    done = go(
      done,
      { type: 'facts', facts: factsAt(at, { sample: sampleAt(at, { status: 'OL CHRG', charge: 70 }) }) },
      at,
    );
  }
  return { checking, ready, starting, discharging, stopping, done };
}

describeReal('chromium', 'the pages of battery tests in Chromium (O-BAT-1)', () => {
  let built: BuiltPage;
  let browser: Browser;
  let mock: MockServer;
  let context: BrowserContext;
  let page: Page;
  let shown: BatteryTestView;
  let complaints: string[];

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

  const also = (request: IncomingMessage, response: ServerResponse, { pathname }: URL): boolean => {
    if (request.method !== 'GET' || !pathname.startsWith('/api/v1/battery-tests')) return false;
    const { curve, preconditions, ...summary } = shown;
    const list = {
      ...{ tests: [summary], next: null },
      upses: [{ ups: 'ups-1', name: { zh: 'UPS 一号', en: 'UPS 1' }, ways: ['ups', 'by-hand'], breaker: null }],
    };
    const one = {
      test: shown,
      previousCurve: curve.map((point) => ({ ...point, charge: (point.charge ?? 0) / 2 + 50 })),
    };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(pathname.endsWith('/battery-tests') ? list : one));
    return preconditions.length >= 0;
  };

  async function open(
    test: BatteryTest,
    { role = 'operator' as Role | null, locale = 'zh-CN', width = 1440, path = `/battery-tests/${test.id}` } = {},
  ): Promise<void> {
    shown = viewOf(test);
    mock = await startMock({ role, guests: true, folder: built.folder, also });
    context = await browser.newContext({ locale, viewport: { width, height: 844 }, hasTouch: width < 600 });
    page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
        complaints.push(message.text());
    });
    await page.goto(mock.url + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
  }

  test('what is missing stands first, with its value; nothing can be begun', async () => {
    await open(stages('ups').checking);
    await page.getByText('还差 2 项').waitFor();
    const first = page.locator('ul li', { hasText: '停电预案可自动执行' });
    expect(await first.getByRole('img').getAttribute('aria-label')).toBe('不符合');
    expect(await page.getByRole('button', { name: '开始放电' }).isDisabled()).toBe(true);
  });

  test('before it begins it says until when, how far and what if; then the order goes out', async () => {
    await open(stages('by-hand').ready, { locale: 'en-GB' });
    await page.getByRole('button', { name: 'Begin the discharge' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/down to \d+ %/).waitFor();
    await dialog.getByText(/breaker must be closed within 3 min/).waitFor();
    await dialog.getByText(/the outage plan runs as ever/).waitFor();
    await dialog.getByRole('button', { name: 'Begin the discharge' }).click();
    await expect
      .poll(() => mock.commands, { timeout: 15_000 })
      .toEqual([{ kind: 'battery-test.confirm', test: shown.id, word: 'begin' }]);
  });

  test.each([
    ['zh-CN', '停止测试'],
    ['en-GB', 'Stop the test'],
  ])(
    'on a phone (%s) STOP stays in reach wherever one has scrolled to, and whoever is on duty may press it',
    async (locale, stop) => {
      await open(stages('ups').discharging, { locale, width: 390, role: 'duty' });
      const button = page.getByRole('button', { name: stop });
      await page.getByRole('img', { name: /放电时间|over the time/ }).waitFor();
      for (const top of [0, 400, 9999]) {
        await page.evaluate((y) => scrollTo(0, y), top);
        const box = await button.boundingBox();
        expect(box?.y).toBeGreaterThan(300);
        expect((box?.y ?? 999) + (box?.height ?? 0)).toBeLessThan(844);
        expect(box?.height).toBeGreaterThanOrEqual(44);
      }
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      await button.click();
      await page.getByRole('dialog').getByRole('button', { name: stop }).click();
      await expect
        .poll(() => mock.commands, { timeout: 15_000 })
        .toEqual([{ kind: 'battery-test.stop', test: shown.id }]);
    },
  );

  test('by hand it says what to do and for how long; the word is one press', async () => {
    await open(stages('by-hand').stopping, { width: 390 });
    await page.getByText('请立即合上本 UPS 的市电输入开关。').waitFor();
    await page.getByRole('button', { name: '开关已合上' }).click();
    await expect
      .poll(() => mock.commands, { timeout: 15_000 })
      .toEqual([{ kind: 'battery-test.confirm', test: shown.id, word: 'mains-on' }]);
  });

  test('what came of it in plain words; a word on the stream brings the newest', async () => {
    const { stopping, done } = stages('ups');
    await open(stopping, { locale: 'en-GB', role: 'viewer' });
    await page.getByText('waiting to see it back on mains').waitFor();
    expect(await page.getByRole('button', { name: /Stop/ }).count()).toBe(0);
    shown = viewOf(done);
    mock.emit('battery-test', { id: shown.id, ups: shown.ups, state: shown.state });
    await page.getByText('Battery health').waitFor();
    await page.getByText(/^(80|79|81) %$/).waitFor();
    await page
      .getByText(/Shorter than forecast|The forecast|Less than|As it was|Too shallow/)
      .first()
      .waitFor();
  });

  test('the list leads to the test under way; nobody who may not is offered to begin', async () => {
    await open(stages('ups').discharging, { path: '/battery-tests', role: 'viewer' });
    await page
      .getByText('操作员登录后可以开始测试。')
      .or(page.getByRole('link', { name: /正在放电/ }))
      .first()
      .waitFor();
    expect(await page.getByRole('button', { name: '准备测试' }).count()).toBe(0);
    await page
      .getByRole('link', { name: /UPS 一号/ })
      .first()
      .click();
    await page.getByRole('heading', { name: /UPS 一号 · 电池测试/ }).waitFor();
  });

  test('axe-core finds nothing serious', async () => {
    await open(stages('by-hand').discharging, { width: 390 });
    await page.getByRole('button', { name: '停止测试' }).waitFor();
    await page.evaluate(axe.source);
    const found = await page.evaluate(async () => {
      const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run();
      return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id }) => id);
    });
    expect(found).toEqual([]);
  });
});
