import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from 'vitest';
import { asMeantThen, follows } from '../../services/dashboard-api/web/src/model/late-orders.ts';
import { launchChromium } from '../support/browser.ts';
import { describeReal } from '../support/real.ts';
import { type BuiltPage, buildPage } from './build-page.ts';
import { INCIDENT, outageAt } from './fixture-incident.ts';
import { type MockServer, startMock } from './mock-server.ts';

const MINUTE = 60_000;
const answer = (minutes?: number) => ({
  kind: 'incident.answer' as const,
  ...{ incident: INCIDENT, step: 'ask-power-department', answer: 'given' },
  ...(minutes === undefined ? {} : { minutes }),
});

describe('what did not get through', () => {
  it('goes out with the connection within ten minutes; afterwards its person is asked whether it still holds', () => {
    expect(follows(answer(), 0)).toBe(true);
    expect(follows(answer(), 10 * MINUTE)).toBe(true);
    expect(follows(answer(), 10 * MINUTE + 1)).toBe(false);
    expect(follows(answer(), -1)).toBe(false);
  });
  it('never goes out by itself where being late makes it another thing', () => {
    for (const body of [
      { kind: 'incident.start-sequence', incident: INCIDENT, reason: 'x' },
      { kind: 'incident.stand-down', incident: INCIDENT, reason: 'x' },
      { kind: 'incident.open', plan: 'fire', reason: 'x' },
      { kind: 'site.disarm', reason: 'x' },
    ] as const) {
      expect(follows(body, 0)).toBe(false);
    }
  });
  it('"45 minutes from now" said eight minutes ago is 37 minutes from now', () => {
    expect(asMeantThen(answer(45), 8 * MINUTE)).toMatchObject({ minutes: 37 });
    expect(asMeantThen(answer(5), 8 * MINUTE)).toMatchObject({ minutes: 0 });
    expect(asMeantThen(answer(), 8 * MINUTE)).toEqual(answer());
  });
});

describeReal('chromium', 'the page without a connection', () => {
  let built: BuiltPage;
  let browser: Browser;
  let mock: MockServer;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    built = await buildPage();
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await built?.remove();
  });
  afterEach(async () => {
    await context.close();
    await mock.close();
  });

  async function open(locale: string): Promise<void> {
    mock = await startMock({ role: 'duty', folder: built.folder });
    mock.setIncidents(outageAt(Date.now()));
    context = await browser.newContext({ locale, viewport: { width: 390, height: 844 } });
    page = await context.newPage();
    page.setDefaultTimeout(15_000);
    await page.goto(`${mock.url}/incidents/${INCIDENT}`);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    // Installed, with all its files.
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  }
  const over = (name: RegExp) => page.getByRole('button', { name }).first();

  test('an incident can be read with the page closed and opened again; an answer waits, marked, and goes out once', async () => {
    await open('zh-CN');
    mock.setGone(true);
    await page.getByText('与服务器断开').first().waitFor();
    await over(/超过 90 分钟/).click();
    const waiting = page.getByRole('status', { name: '尚未送达' });
    await waiting.getByText('未发出').waitFor();
    expect(await waiting.textContent()).toContain('超过 90 分钟');
    expect(mock.commands).toEqual([]);
    await page.screenshot({ path: shot('zh') });

    await page.reload();
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await over(/超过 90 分钟/).waitFor();
    await page.getByRole('status', { name: '尚未送达' }).getByText('未发出').waitFor();
    await page.screenshot({ path: shot('zh-again') });

    mock.setGone(false);
    await page.getByRole('status', { name: '尚未送达' }).waitFor({ state: 'detached' });
    expect(mock.commands).toEqual([
      { kind: 'incident.answer', incident: INCIDENT, step: 'ask-power-department', answer: 'over' },
    ]);
    expect(new Set(mock.keys).size).toBe(1);
  }, 60_000);

  test('what is withdrawn is never sent; whoever signs out leaves nothing behind', async () => {
    await open('en-GB');
    mock.setGone(true);
    await over(/More than 90 minutes/).click();
    const waiting = page.getByRole('status', { name: 'Not delivered' });
    await page.screenshot({ path: shot('en') });
    await waiting.getByRole('button', { name: 'Withdraw' }).click();
    await waiting.waitFor({ state: 'detached' });
    mock.setGone(false);
    await page.goto(`${mock.url}/settings`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(/sign-in/);
    expect(mock.commands).toEqual([]);
    const kept = await page.evaluate(
      () =>
        new Promise<unknown[]>((resolve) => {
          const opening = indexedDB.open('zhishou');
          opening.onsuccess = () => {
            const all = opening.result.transaction('kept').objectStore('kept').getAllKeys();
            all.onsuccess = () => resolve(all.result);
          };
        }),
    );
    expect(kept).toEqual([]);
    mock.setGone(true);
    await page.goto(`${mock.url}/incidents/${INCIDENT}`);
    expect(await page.getByText('More than 90 minutes').count()).toBe(0);
  }, 60_000);

  test('a push message is shown, takes the place of the one before it, and says which page it leads to', async () => {
    await open('zh-CN');
    await context.grantPermissions(['notifications'], { origin: mock.url });
    const devtools = await context.newCDPSession(page);
    const registered = new Promise<string>((resolve) =>
      devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        const [first] = registrations;
        if (first !== undefined) resolve(first.registrationId);
      }),
    );
    await devtools.send('ServiceWorker.enable');
    const registrationId = await registered;
    const push = (data: string) =>
      devtools.send('ServiceWorker.deliverPushMessage', { origin: mock.url, registrationId, data });
    const shown = () =>
      page.evaluate(async () => {
        const { getNotifications } = await navigator.serviceWorker.ready.then((registration) => ({
          getNotifications: () => registration.getNotifications(),
        }));
        return (await getNotifications()).map(({ title, body, tag, requireInteraction, data }) => ({
          ...{ title, body, tag, requireInteraction },
          path: (data as { path: string }).path,
        }));
      });
    const notice = { title: '【演练】市电中断', body: '电池可用 58 分钟', tag: 'inc-1', path: '/incidents/inc-1' };
    await push(JSON.stringify({ ...notice, urgent: true, again: true }));
    const { path, ...rest } = notice;
    await expect.poll(shown, { timeout: 15_000 }).toEqual([{ ...rest, path, requireInteraction: true }]);
    await push(JSON.stringify({ ...notice, title: '【演练】市电恢复', urgent: false, again: false }));
    await expect
      .poll(shown, { timeout: 15_000 })
      .toEqual([{ ...rest, title: '【演练】市电恢复', path, requireInteraction: false }]);
    await push('no JSON');
    await expect
      .poll(async () => (await shown()).map(({ title }) => title), { timeout: 15_000 })
      .toContain('值守 Zhishou');
  }, 60_000);

  const shot = (name: string): string => `${process.env.SHOTS ?? built.folder}/offline-${name}.png`;
});
