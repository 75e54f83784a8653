import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Role } from '#core/command.ts';
import { barsOf, weeksOfMonth } from '../../services/dashboard-api/web/src/model/rota-calendar.ts';
import { launchChromium } from '../support/browser.ts';
import { describeReal } from '../support/real.ts';
import { type BuiltPage, buildPage } from './build-page.ts';
import { rotaAt } from './fixture-rota.ts';
import { type MockServer, startMock } from './mock-server.ts';

test('the weeks of a month begin on Monday and cover it whole', () => {
  expect(weeksOfMonth('2026-11-22')).toEqual([
    '2026-10-26',
    '2026-11-02',
    '2026-11-09',
    '2026-11-16',
    '2026-11-23',
    '2026-11-30',
  ]);
  expect(weeksOfMonth('2027-02-10')).toEqual(['2027-02-01', '2027-02-08', '2027-02-15', '2027-02-22']);
});

test('the bars of a week fill it without hole or overlap, also where a day is an hour shorter', () => {
  const span = (from: string, to: string, person: string | null) => ({
    ...{ from, to, person, why: 'rotation' as const, turn: `${person}`, change: null, reason: null },
  });
  const spans = [
    span('2026-03-22T07:30:00Z', '2026-03-25T07:30:00Z', 'a'),
    span('2026-03-25T07:30:00Z', '2026-03-29T00:30:00Z', null),
    span('2026-03-29T00:30:00Z', '2026-04-05T00:30:00Z', 'b'),
  ];
  const bars = barsOf({ spans }, '2026-03-23', 'Europe/Berlin');
  expect(bars.map(({ start }) => start)).toEqual([0, ...bars.slice(0, -1).map(({ end }) => end)]);
  expect(bars.at(-1)?.end).toBe(7);
  expect(bars.map(({ before, after }) => [before, after])).toEqual([
    [true, false],
    [false, false],
    [false, true],
  ]);
});

describeReal('chromium', 'the rota page in Chromium', () => {
  let built: BuiltPage;
  let browser: Browser;
  let mock: MockServer;
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];
  const DAY = 86_400_000;

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
    options: { role?: Role; locale?: string; width?: number; before?: (mock: MockServer) => void } = {},
  ): Promise<void> {
    const { role = 'operator', locale = 'zh-CN', width = 1440 } = options;
    mock = await startMock({ role, guests: true, folder: built.folder });
    options.before?.(mock);
    context = await browser.newContext({ locale, viewport: { width, height: 1000 }, hasTouch: width < 600 });
    page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) && !/Failed to load resource/.test(message.text()))
        complaints.push(message.text());
    });
    await page.goto(`${mock.url}/rota`);
    await page.getByRole('heading', { level: 1 }).waitFor();
  }

  /** The turns of the duty that have not begun, as the service tells them. */
  const coming = () => {
    const now = Date.now();
    const answer = rotaAt(mock.rota, new Date(now).toISOString(), new Date(now + 40 * DAY).toISOString(), now);
    return answer.layers[0]!.turns.filter(({ from }) => Date.parse(from) > now);
  };
  /** Both turns are on the screen: the week view of the next week knows one, the month may end before the second. */
  const bar = (id: string) => {
    const turn = coming().find((one) => one.id === id)!;
    const name = { 'lin-hao': '林浩', 'gao-jie': '高洁', 'sam-reed': '山姆' }[turn.person ?? ''];
    const date = new Intl.DateTimeFormat('zh-CN', { month: '2-digit', day: '2-digit', timeZone: 'Asia/Shanghai' });
    // A turn that begins today is told by its time alone.
    const [day, today] = [date.format(Date.parse(turn.from)), date.format(Date.now())];
    const begins = day === today ? '08:30' : `${day} 08:30`;
    return page.getByRole('button', { name: `${name}，值班员，${begins}` }).last();
  };

  test('who is on now and until when, a touch from calling them; today, holidays and both rotations are there', async () => {
    await open();
    const now = page.locator('.now .panel').first();
    await now.getByText('山姆').waitFor();
    expect(await now.getByRole('link').getAttribute('href')).toBe('tel:+8610000000004');
    expect(await page.locator('[aria-current="date"]').count()).toBe(1);
    expect(await page.locator('.track').count()).toBe((await page.locator('.week').count()) * 2);
    await page.getByRole('link', { name: '值班', exact: true }).waitFor();
  });

  test('a turn dragged onto another is swapped after its consequence was read', async () => {
    await open();
    const [one, two] = coming();
    // From the first of the month on both turns are shown.
    await page.locator('.week').first().waitFor();
    if ((await bar(two!.id).count()) === 0) await page.getByRole('button', { name: '往后' }).click();
    await bar(one!.id).dragTo(bar(two!.id));
    await page.getByRole('dialog').waitFor();
    const says = page.locator('.consequence');
    await says.getByText(/林浩.*高洁|高洁.*林浩/).waitFor();
    expect(mock.commands).toEqual([]);
    await page.getByRole('button', { name: '调换班次' }).click();
    await expect.poll(() => mock.commands).toEqual([{ kind: 'rota.swap', a: one!.id, b: two!.id, reason: '' }]);
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
  });

  test('the same with keys alone: the turn is opened, the partner chosen', async () => {
    await open();
    const [one, two] = coming();
    await bar(one!.id).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: '调换', exact: true }).press('Enter');
    await page.getByLabel('与哪个班次调换').selectOption(two!.id);
    await page.getByLabel('原因（可不填）').fill('婚礼');
    await page.keyboard.press('Enter');
    await expect.poll(() => mock.commands).toEqual([{ kind: 'rota.swap', a: one!.id, b: two!.id, reason: '婚礼' }]);
  });

  test('on a phone it is a list, and a touch has somebody stand in', async () => {
    await open({ width: 390 });
    expect(await page.locator('.week').first().isVisible()).toBe(false);
    const [one] = coming();
    await page.locator('.list .turn').nth(1).tap();
    await page.getByRole('button', { name: '代班', exact: true }).tap();
    await page.getByLabel('由谁代班').selectOption('gao-jie');
    await page
      .locator('.consequence')
      .getByText(/高洁代班/)
      .waitFor();
    await page.getByRole('button', { name: '登记代班' }).tap();
    await expect
      .poll(() => mock.commands)
      .toMatchObject([{ kind: 'rota.cover', role: 'duty', person: 'gao-jie', from: one!.from, to: one!.to }]);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(390);
  });

  test('a hand-over that nobody confirmed is said, with the note of the turn before', async () => {
    await open({
      before: (server) => {
        server.rota.unaccepted = true;
        server.rota.note = '空调 2 在等备件';
      },
    });
    await page
      .getByText(/起尚未确认接班/)
      .first()
      .waitFor();
    await page.getByText('空调 2 在等备件').first().waitFor();
    // Signed in as gao-jie, who has neither turn: nobody says it for somebody else.
    expect(await page.getByRole('button', { name: '确认接班' }).count()).toBe(0);
  });

  test('whoever took over says so with one touch', async () => {
    await open({
      before: (server) => {
        const [from, to] = [-1, 1].map((hours) => new Date(Date.now() + hours * 3_600_000).toISOString());
        server.rota.unaccepted = true;
        server.rota.changes = [
          {
            ...{ kind: 'cover', id: 'rota-00001', role: 'duty', by: 'gao-jie', reason: '', cancelled: null },
            ...{ at: from!, from: from!, to: to!, person: 'gao-jie' },
          },
        ];
      },
    });
    await page.getByRole('button', { name: '确认接班' }).click();
    await expect.poll(() => mock.commands).toEqual([{ kind: 'rota.accept', role: 'duty' }]);
  });

  test('L25: hours without anybody are said in words, and stand out in the calendar', async () => {
    await open({
      before: (server) => {
        server.rota.off = true;
      },
    });
    await page.getByRole('alert').getByText('有无人值班的时段').waitFor();
    expect(await page.locator('.bar.nobody').count()).toBeGreaterThan(0);
  });

  test('a viewer may look at everything and change nothing', async () => {
    await open({ role: 'viewer' });
    const [one] = coming();
    await bar(one!.id).click();
    await page.getByRole('dialog').getByText('您可以查看排班').waitFor();
    expect(await page.getByRole('dialog').getByRole('button').allTextContents()).toEqual(['关闭']);
    expect(await page.locator('.bar[draggable="true"]').count()).toBe(0);
  });

  test('a change that holds is listed and can be called off; in English it reads as well', async () => {
    await open({
      locale: 'en-GB',
      before: (server) => {
        mock = server;
        const [one, two] = coming();
        server.rota.changes = [
          {
            ...{ kind: 'swap', id: 'rota-00001', role: 'duty', by: 'lin-hao', reason: 'wedding', cancelled: null },
            at: new Date().toISOString(),
            a: { turn: one!.id, person: one!.person! },
            b: { turn: two!.id, person: two!.person! },
          },
        ];
      },
    });
    await page.getByText(/Gao Jie takes the turn from .* Lin Hao the turn from/).waitFor();
    await page.getByRole('button', { name: 'Call this change off' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Call this change off' }).click();
    await expect.poll(() => mock.commands).toEqual([{ kind: 'rota.cancel', change: 'rota-00001' }]);
  });
});
