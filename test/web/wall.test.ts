import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ReadingView } from '#core/api.ts';
import type { Value } from '#core/reading.ts';
import zh from '../../services/dashboard-api/web/src/locales/zh.ts';
import { launchChromium } from '../support/browser.ts';
import { describeReal } from '../support/real.ts';
import { type BuiltPage, buildPage } from './build-page.ts';
import { outageAt, shutdownAt } from './fixture-incident.ts';
import { alertAt, iso, readingsAt } from './fixture-room.ts';
import { fireAt, redundantAt } from './fixture-wall.ts';
import { type MockServer, startMock } from './mock-server.ts';

/** The wall in a real browser, at the sizes of real screens: seen from five metres, touched by nobody. */

/** Where pictures of each state go, for whoever looks at them. */
const SHOTS = process.env.ZHISHOU_WALL_SHOTS;
const SIZES = [
  { name: '1080p', width: 1920, height: 1080 },
  { name: '4K', width: 3840, height: 2160 },
] as const satisfies readonly { name: string; width: number; height: number }[];
interface Size {
  readonly name: string;
  readonly width: number;
  readonly height: number;
}
/** A text's key where its words are missing. */
const KEY = new RegExp(`\\b(${Object.keys(zh).join('|')})\\.[a-zA-Z]`);

describeReal('chromium', 'the wall in Chromium', () => {
  let built: BuiltPage;
  let browser: Browser;
  let mock: MockServer;
  let context: BrowserContext | null = null;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    built = await buildPage();
    browser = await launchChromium();
    if (SHOTS !== undefined) mkdirSync(SHOTS, { recursive: true });
  });
  afterAll(async () => {
    await browser?.close();
    await built?.remove();
  });
  beforeEach(() => {
    complaints = [];
  });
  afterEach(async () => {
    await context?.close();
    await mock.close();
    expect(complaints).toEqual([]);
  });

  type Options = Parameters<typeof startMock>[0] & {
    size?: Size;
    locale?: string;
    reducedMotion?: 'reduce';
    before?: (mock: MockServer) => void;
  };
  async function open(
    query: string,
    { size = SIZES[0], locale = 'zh-CN', reducedMotion, before, ...options }: Options = {},
  ) {
    mock = await startMock({ role: null, guests: true, folder: built.folder, ...options });
    before?.(mock);
    context = await browser.newContext({
      ...{ locale, viewport: { width: size.width, height: size.height } },
      ...(reducedMotion === undefined ? {} : { reducedMotion }),
    });
    page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) && !/Failed to load resource/.test(message.text())) {
        complaints.push(message.text());
      }
    });
    await page.goto(`${mock.url}/wall${query}`);
  }
  const shoot = async (name: string): Promise<void> => {
    if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, `${name}.png`) });
  };

  /** Text that is seen: its size on the screen, whatever its unit or drawing scale. */
  const smallestText = () =>
    page.evaluate(() => {
      const found: { size: number; text: string }[] = [];
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
        const element = node.parentElement;
        const text = node.textContent?.trim() ?? '';
        if (element === null || text === '' || ['SCRIPT', 'STYLE', 'TITLE'].includes(element.tagName)) continue;
        if (element.closest('.visually-hidden, title, .frozen') !== null) continue;
        const scale = element instanceof SVGGraphicsElement ? (element.getScreenCTM()?.a ?? 1) : 1;
        found.push({ size: Number.parseFloat(getComputedStyle(element).fontSize) * scale, text });
      }
      return found.sort((a, b) => a.size - b.size)[0] ?? { size: 0, text: '' };
    });
  /** Nothing is cut off at the screen's edges or scrolls; no part of the wall lies on another. */
  const checkWhole = async (size: Omit<Size, 'name'>, least = 0.012): Promise<void> => {
    const sheet = await page.evaluate(() => ({
      width: document.documentElement.scrollWidth,
      height: document.documentElement.scrollHeight,
    }));
    expect(sheet.width).toBeLessThanOrEqual(size.width);
    expect(sheet.height).toBeLessThanOrEqual(size.height);
    const { overlaps, cut } = await page.evaluate(() => {
      const boxes = [...document.querySelectorAll('.whole .panel, .whole .head, .whole .clocks')].map((element) => ({
        name: element.getAttribute('aria-label') ?? element.className,
        element,
        box: element.getBoundingClientRect(),
      }));
      return {
        overlaps: boxes.flatMap((a, index) =>
          boxes.slice(index + 1).flatMap((b) => {
            if (a.element.contains(b.element) || b.element.contains(a.element)) return [];
            const apart =
              a.box.right <= b.box.left + 1 ||
              b.box.right <= a.box.left + 1 ||
              a.box.bottom <= b.box.top + 1 ||
              b.box.bottom <= a.box.top + 1;
            return apart ? [] : [`${a.name} / ${b.name}`];
          }),
        ),
        cut: boxes
          .filter(({ box }) => box.bottom > innerHeight + 1 || box.right > innerWidth + 1)
          .map(({ name }) => name),
      };
    });
    expect(overlaps).toEqual([]);
    expect(cut).toEqual([]);
    const { size: smallest, text } = await smallestText();
    expect([text, smallest >= size.height * least]).toEqual([text, true]);
  };

  interface State {
    readonly name: string;
    /** In both languages at both sizes; the others in both languages at the smaller. */
    readonly everywhere?: true;
    readonly options?: Options;
    readonly before?: (mock: MockServer) => void;
    readonly zh: string;
    readonly en: string;
  }
  const outage = (server: MockServer): void => {
    server.room.mains = false;
    server.room.charge = 89;
    server.setIncidents(outageAt(Date.now()));
    server.setAlerts(alertAt(Date.now()));
  };
  const fire = (server: MockServer): void => {
    server.room.smoke = true;
    server.setIncidents(fireAt(Date.now()));
    server.setAlerts(
      alertAt(Date.now(), {
        id: 'smoke',
        rule: 'smoke',
        device: 'smoke-1',
        point: 'room.smoke',
        value: true,
        safety: true,
        title: { zh: '烟雾', en: 'Smoke' },
      }),
    );
  };
  const warm = (server: MockServer): void =>
    server.setAlerts(
      alertAt(Date.now(), {
        ...{ id: 'warm', rule: 'temperature-high', device: 'th-1', point: 'ambient.temperature', value: 28.3 },
        ...{ severity: 'medium', title: { zh: '冷通道温度偏高', en: 'Cold aisle too warm' } },
      }),
      alertAt(Date.now(), {
        ...{ id: 'sensor', rule: 'sensor-battery', device: 'th-2', point: 'sensor.battery', value: 12 },
        ...{ severity: 'low', title: { zh: '传感器电量低', en: 'Sensor battery low' } },
        acknowledged: { by: 'lin-hao', at: iso(Date.now() - 60_000) },
        state: 'acknowledged',
      }),
    );
  const STATES: readonly State[] = [
    { name: 'calm', everywhere: true, zh: '一切正常', en: 'All well' },
    { name: 'calm-three-rooms', options: { weather: 'three rooms' }, zh: '一切正常', en: 'All well' },
    { name: 'alert', everywhere: true, before: warm, zh: '2 项告警需要处理', en: '2 alerts need a person' },
    { name: 'outage', everywhere: true, before: outage, zh: '等人处理', en: 'Waiting for people' },
    {
      name: 'fire',
      before: fire,
      zh: '机房有烟：先撤人，再查看。',
      en: 'Smoke in the room: people out first, then look.',
    },
    {
      name: 'fire-and-shutdown-drill',
      before: (server) => {
        fire(server);
        server.room.mains = false;
        server.setIncidents(fireAt(Date.now()), { ...shutdownAt(Date.now()), mode: 'drill' });
      },
      zh: '同时',
      en: 'At the same time',
    },
    {
      name: 'shutdown-unarmed',
      before: (server) => {
        outage(server);
        server.room.off.add('server-1').add('display-1');
        server.setIncidents({ ...shutdownAt(Date.now()), mode: 'advice' });
      },
      zh: '仅提示',
      en: 'Advice only',
    },
    {
      name: 'recovering',
      before: (server) => {
        const incident = shutdownAt(Date.now());
        server.room.off.add('server-1').add('server-2');
        server.setIncidents({
          ...incident,
          phase: 'recovering',
          headline: { zh: '市电已恢复，正在按顺序启动设备。', en: 'Mains is back; equipment is started in order.' },
          clocks: incident.clocks && { ...incident.clocks, mains: 'present' },
          steps: incident.steps.map((step) =>
            step.id === 'start:array-1'
              ? { ...step, state: 'verifying', startedAt: iso(Date.now() - 80_000) }
              : step.stage === 'protect'
                ? { ...step, state: 'done' }
                : step,
          ),
        });
      },
      zh: '正在恢复',
      en: 'Recovering',
    },
  ];

  const CASES = STATES.flatMap((state) =>
    SIZES.filter(({ name }) => state.everywhere === true || name === '1080p').flatMap((size) =>
      (['zh', 'en'] as const).map((language) => ({ ...state, size, language })),
    ),
  );
  test.each(CASES)(
    '$name at $size.name in $language: whole, nothing scrolls, readable from five metres',
    async ({ name, options, before, size, language, ...texts }) => {
      await open(`?lang=${language}`, { size, ...options, ...(before === undefined ? {} : { before }) });
      await page.getByText(texts[language], { exact: false }).first().waitFor();
      // The drawings take their size from their place.
      await expect.poll(() => page.locator('.drawing li, .plan svg').count()).toBeGreaterThan(0);
      if (name.startsWith('calm') || name === 'alert')
        await page.getByText(language === 'zh' ? '一周气候' : 'Weather of the week').waitFor();
      await shoot(`${name}-${size.name}-${language}`);
      await checkWhole(size);
      // No key of a text that is missing.
      expect(await page.locator('main').innerText()).not.toMatch(KEY);
      expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
    },
  );

  test.each([
    { name: 'upright', width: 1080, height: 1920, least: 0.009 },
    { name: 'an old monitor', width: 1280, height: 1024, least: 0.0115 },
  ])('a screen of another shape is filled too: $name', async ({ least, ...size }) => {
    await open('', { size });
    await page.getByRole('heading', { level: 1, name: '一切正常' }).waitFor();
    await page.getByText('一周气候').waitFor();
    await shoot(`calm-${size.name}-zh`);
    await checkWhole(size, least);
    outage(mock);
    await page.getByRole('timer').first().waitFor();
    await shoot(`outage-${size.name}-zh`);
    await checkWhole(size, least);
  });

  test('in an emergency it is still said that nobody decides any more', async () => {
    await open('', {
      before: (server) => {
        outage(server);
        server.setTrouble('alerts');
      },
    });
    await page.getByRole('alert').getByText('告警服务没有响应').waitFor();
    await shoot('outage-unwatched-1080p-zh');
    await checkWhole(SIZES[0]);
  });

  test('it has no header, nothing to press and no pointer; a moved mouse is seen for a moment', async () => {
    await open('');
    await page.getByRole('heading', { level: 1, name: '一切正常' }).waitFor();
    expect(await page.locator('button, input, select, nav, a').count()).toBe(0);
    const cursor = () => page.locator('main').evaluate((element) => getComputedStyle(element).cursor);
    expect(await cursor()).toBe('none');
    await page.mouse.move(300, 300);
    await expect.poll(cursor).toBe('default');
  });

  test('a screen that is not allowed says as whom it comes and what to do, and begins by itself when it is', async () => {
    await open('', { guests: false });
    await page.getByText('这块屏幕尚未获准').waitFor();
    await page.getByText('192.0.2.77').waitFor();
    expect(await page.locator('.whole').count()).toBe(0);
  });

  test.each(SIZES)(
    'cut off, it is doubtful across the screen and says since when; it comes back by itself ($name)',
    async (size) => {
      await open('', { before: warm, size });
      await page.getByRole('heading', { level: 1, name: '2 项告警需要处理' }).waitFor();
      mock.setReachable(false);
      const alarm = page.getByRole('alert');
      await alarm.getByText('连接中断').waitFor();
      await alarm.getByText(/\d\d:\d\d:\d\d 起，已 \d+ 秒/).waitFor();
      const box = await alarm.boundingBox();
      expect(box?.width).toBe(size.width);
      expect(box?.height).toBeGreaterThan(size.height * 0.15);
      // What was known stays in sight below it.
      const below = await page.locator('.whole').boundingBox();
      expect(below?.y).toBeGreaterThanOrEqual(box?.height ?? 0);
      expect((below?.y ?? 0) + (below?.height ?? 0)).toBeLessThanOrEqual(size.height + 1);
      await shoot(`offline-${size.name}-zh`);
      mock.setReachable(true);
      await alarm.waitFor({ state: 'detached' });
      await page.getByRole('heading', { level: 1, name: '2 项告警需要处理' }).waitFor();
    },
  );

  test('cut off in an outage its clocks run on, marked as carried on from before', async () => {
    await open('?lang=en', { before: outage });
    await page.getByRole('timer').first().waitFor();
    mock.setReachable(false);
    await page.getByRole('alert').getByText('Connection lost').waitFor();
    await page.getByText('carried on from what was known before').first().waitFor();
    await shoot('offline-outage-1080p-en');
  });

  test.each([{ reducedMotion: undefined }, { reducedMotion: 'reduce' as const }])(
    'a page that hangs says so, without its scripts and with any setting of motion: $reducedMotion',
    async ({ reducedMotion }) => {
      await open('', reducedMotion === undefined ? {} : { reducedMotion });
      await page.getByRole('heading', { level: 1, name: '一切正常' }).waitFor();
      const frozen = page.locator('.frozen');
      const opacity = () => frozen.evaluate((element) => getComputedStyle(element).opacity);
      expect(await opacity()).toBe('0');
      // It beats: each second puts the sign off again.
      const before = await frozen.getAttribute('class');
      await expect.poll(() => frozen.getAttribute('class')).not.toBe(before);
      await page.evaluate(() => {
        document.documentElement.style.setProperty('--frozen-after', '0.2s');
        // The site's clock and all else stop: what a hanging page looks like to the screen.
        for (let timer = 0; timer < 10_000; timer++) clearInterval(timer);
      });
      await expect.poll(opacity).toBe('1');
      await shoot(`frozen-1080p-zh`);
    },
  );

  test('a part of the page that fails makes the whole doubtful instead of standing still quietly', async () => {
    await open('');
    await page.getByRole('heading', { level: 1, name: '一切正常' }).waitFor();
    mock.setAlerts(
      { ...alertAt(Date.now()), title: null } as never,
      { ...alertAt(Date.now()), id: 'x', device: null, point: 7 } as never,
    );
    await page.getByRole('alert').getByText('画面出错').waitFor();
    complaints = [];
  });

  test('while nobody decides it is never well', async () => {
    await open('', { before: (server) => server.setTrouble('alerts') });
    await page.getByRole('heading', { level: 1, name: '情况不明：系统没有在值守' }).waitFor();
    await shoot('unwatched-1080p-zh');
  });

  test('a new version is taken by itself, once', async () => {
    await open('');
    await page.getByRole('heading', { level: 1, name: '一切正常' }).waitFor();
    // The service is away, and comes back with another page.
    let loads = 0;
    page.on('load', () => {
      loads += 1;
    });
    await page.route('**/wall', async (route) => {
      const response = await route.fetch();
      const html = await response.text();
      const isNavigation = route.request().isNavigationRequest();
      await route.fulfill({ response, body: isNavigation ? html : html.replace(/wall-[\w-]+\.js/, 'wall-another.js') });
    });
    mock.setReachable(false);
    await page.waitForTimeout(200);
    mock.setReachable(true);
    await expect.poll(() => loads, { timeout: 20_000 }).toBe(1);
    await page.getByRole('heading', { level: 1, name: '一切正常' }).waitFor();
    mock.setReachable(false);
    await page.waitForTimeout(200);
    mock.setReachable(true);
    await page.getByRole('heading', { level: 1, name: '一切正常' }).waitFor();
    await page.waitForTimeout(1500);
    expect(loads).toBe(1);
  });

  test('digits of a clock keep their places, over the full hour too', async () => {
    await open('', {
      before: (server) => {
        const incident = outageAt(Date.now());
        server.setIncidents({
          ...incident,
          clocks: incident.clocks && { ...incident.clocks, latestSafeStart: iso(Date.now() + 3_602_500) },
        });
      },
    });
    const timer = page.getByRole('timer').first();
    await timer.waitFor();
    const box = await timer.boundingBox();
    expect(await timer.getAttribute('aria-label')).toContain('1:00:0');
    await expect.poll(() => timer.getAttribute('aria-label'), { timeout: 8000 }).toContain('0:59:5');
    expect(await timer.boundingBox()).toEqual(box);
  });

  test('an emergency takes the wall at once and gives it back when it is over; the clocks are its largest words', async () => {
    await open('');
    await page.getByRole('heading', { level: 1, name: '一切正常' }).waitFor();
    outage(mock);
    await page.getByRole('timer').first().waitFor();
    expect(await page.getByText('一周气候').count()).toBe(0);
    const sizes = await page.evaluate(() =>
      [...document.querySelectorAll('main *')].map((element) => Number.parseFloat(getComputedStyle(element).fontSize)),
    );
    const largest = await page
      .getByRole('timer')
      .first()
      .evaluate((element) => Number.parseFloat(getComputedStyle(element).fontSize));
    expect(largest).toBe(Math.max(...sizes.filter((one) => one < 1000)));
    mock.room.mains = true;
    mock.setAlerts(alertAt(Date.now(), { state: 'cleared', clearedAt: iso(Date.now()) }));
    mock.setIncidents({ ...outageAt(Date.now()), phase: 'closed', closedAt: iso(Date.now()) });
    mock.emit('readings', { at: iso(Date.now()), readings: readingsAt(Date.now(), mock.room) });
    await page.getByRole('heading', { level: 1, name: '一切正常' }).waitFor();
    await page.getByText('一周气候').waitFor();
  });

  test('a room with two ways of everything: both lines of each consumer, the transfer switch, what has lost one', async () => {
    const at = iso(Date.now());
    const said = (device: string, point: string, value: Value): ReadingView => ({
      ...{ device, point, value, unit: '', quality: 'good', reason: null, simulated: true },
      ...{ measuredAt: at, receivedAt: at, changedAt: at },
    });
    const outlets = ['pdu-a', 'pdu-b'].flatMap((pdu) =>
      [1, 2, 3, 4, 5, 6].flatMap((n) => [
        said(pdu, `outlet.${n}.status`, pdu === 'pdu-b' && n === 3 ? 'off' : 'on'),
        said(pdu, `outlet.${n}.realpower`, 130 + n * 20),
      ]),
    );
    await open('', {
      devices: redundantAt,
      more: () => [
        ...outlets,
        ...[
          said('ups-a', 'ups.status', 'OB DISCHRG'),
          said('ups-a', 'input.voltage', 0),
          said('ups-a', 'ups.load', 38),
        ],
        ...[
          said('ups-a', 'battery.charge', 81),
          said('ups-a', 'battery.runtime', 2400),
          said('ups-a', 'ups.realpower', 1100),
        ],
        ...[said('ups-b', 'ups.status', 'OL'), said('ups-b', 'ups.load', 44), said('ups-b', 'battery.charge', 100)],
        ...[
          said('ups-b', 'battery.runtime', 4200),
          said('ups-b', 'ups.realpower', 1300),
          said('sts-1', 'ats.source.status', 'source-b'),
        ],
      ],
    });
    const power = page.getByRole('region', { name: '供电' });
    await power.getByText('电池供电').first().waitFor();
    await power.getByText('取自 UPS 乙').waitFor();
    await expect.poll(() => power.locator('li').count()).toBe(15);
    // Each server hangs on both boards.
    expect(await power.getByText('1 + 1', { exact: true }).count()).toBe(1);
    await shoot('redundant-1080p-zh');
  });

  test('theme and language are this screen’s alone: what a person chose in this browser stays', async () => {
    await open('?lang=en&theme=light');
    await page.getByRole('heading', { level: 1, name: 'All well' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('light');
    await shoot('light-1080p-en');
    expect(await page.evaluate(() => localStorage.getItem('zhishou.preferences'))).toBeNull();
  });
});
