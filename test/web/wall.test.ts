import { expect, test } from 'vitest';
import type { ReadingView } from '#core/api.ts';
import type { Value } from '#core/reading.ts';
import zh from '../../services/dashboard-api/web/src/locales/zh.ts';
import { describeReal } from '../support/real.ts';
import { outageAt, shutdownAt } from './fixture-incident.ts';
import { alertAt, iso, readingsAt } from './fixture-room.ts';
import { fireAt, redundantAt } from './fixture-wall.ts';
import type { MockServer } from './mock-server.ts';
import { fire, type Options, outage, SIZES, wallStage, warm } from './wall-stage.ts';

/** The wall at the sizes of real screens: seen from five metres, touched by nobody. */

/** A text's key where its words are missing. */
const KEY = new RegExp(`\\b(${Object.keys(zh).join('|')})\\.[a-zA-Z]`);

describeReal('chromium', 'the wall in Chromium', () => {
  const stage = wallStage();

  interface State {
    readonly name: string;
    /** In both languages at both sizes; the others in both languages at the smaller. */
    readonly everywhere?: true;
    readonly options?: Options;
    readonly before?: (mock: MockServer) => void;
    readonly zh: string;
    readonly en: string;
  }
  const STATES: readonly State[] = [
    { name: 'calm', everywhere: true, zh: '一切正常', en: 'All well' },
    { name: 'calm-three-rooms', options: { weather: 'three rooms' }, zh: '一切正常', en: 'All well' },
    { name: 'alert', everywhere: true, before: warm, zh: '2 项告警需要处理', en: '2 alerts need a person' },
    { name: 'outage', everywhere: true, before: outage, zh: '等人处理', en: 'Waiting for people' },
    {
      name: 'fire',
      everywhere: true,
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

  const CASES = STATES.flatMap((state) => (['zh', 'en'] as const).map((language) => ({ ...state, language })));
  test.each(CASES)('$name in $language: whole, nothing scrolls, readable from five metres', async (row) => {
    const { name, everywhere, options, before, language, [language]: words } = row;
    await stage.open(`?lang=${language}`, { ...options, ...(before === undefined ? {} : { before }) });
    await stage.page.getByText(words, { exact: false }).first().waitFor();
    // The drawings take their size from their place.
    await expect.poll(() => stage.page.locator('.drawing li, .plan svg').count()).toBeGreaterThan(0);
    if (name.startsWith('calm') || name === 'alert')
      await stage.page.getByText(language === 'zh' ? '一周气候' : 'Weather of the week').waitFor();
    for (const size of everywhere === true ? SIZES : SIZES.slice(0, 1)) {
      await stage.resize(size);
      await stage.shoot(`${name}-${size.name}-${language}`);
      await stage.checkWhole(size);
    }
    expect(await stage.page.locator('main').innerText()).not.toMatch(KEY);
    expect(await stage.page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
  });

  test.each([
    { name: 'upright', width: 1080, height: 1920, least: 0.009 },
    { name: 'an old monitor', width: 1280, height: 1024, least: 0.0115 },
  ])('a screen of another shape is filled too: $name', async ({ least, ...size }) => {
    await stage.open('', { size });
    await stage.page.getByRole('heading', { level: 1, name: '一切正常' }).waitFor();
    await stage.page.getByText('一周气候').waitFor();
    await stage.shoot(`calm-${size.name}-zh`);
    await stage.checkWhole(size, least);
    outage(stage.mock);
    await stage.page.getByRole('timer').first().waitFor();
    await stage.shoot(`outage-${size.name}-zh`);
    await stage.checkWhole(size, least);
  });

  test('in an emergency it is still said that nobody decides any more', async () => {
    await stage.open('', {
      before: (server) => {
        outage(server);
        server.setTrouble('alerts');
      },
    });
    await stage.page.getByRole('alert').getByText('告警服务没有响应').waitFor();
    await stage.shoot('outage-unwatched-1080p-zh');
    await stage.checkWhole(SIZES[0]);
  });

  test('it has no header, nothing to press and no pointer; a moved mouse is seen for a moment', async () => {
    await stage.open('');
    await stage.page.getByRole('heading', { level: 1, name: '一切正常' }).waitFor();
    expect(await stage.page.locator('button, input, select, nav, a').count()).toBe(0);
    const cursor = () => stage.page.locator('main').evaluate((element) => getComputedStyle(element).cursor);
    expect(await cursor()).toBe('none');
    await stage.page.mouse.move(300, 300);
    await expect.poll(cursor).toBe('default');
  });

  test('a screen that is not allowed says as whom it comes and what to do, and begins by itself when it is', async () => {
    await stage.open('', { guests: false });
    await stage.page.getByText('这块屏幕尚未获准').waitFor();
    await stage.page.getByText('192.0.2.77').waitFor();
    expect(await stage.page.locator('.whole').count()).toBe(0);
  });

  test.each(SIZES)(
    'cut off, it is doubtful across the screen and says since when; it comes back by itself ($name)',
    async (size) => {
      await stage.open('', { before: warm, size });
      await stage.page.getByRole('heading', { level: 1, name: '2 项告警需要处理' }).waitFor();
      stage.mock.setReachable(false);
      const alarm = stage.page.getByRole('alert');
      await alarm.getByText('连接中断').waitFor();
      await alarm.getByText(/\d\d:\d\d:\d\d 起，已 \d+ 秒/).waitFor();
      const box = await alarm.boundingBox();
      expect(box?.width).toBe(size.width);
      expect(box?.height).toBeGreaterThan(size.height * 0.15);
      // What was known stays in sight below it.
      const below = await stage.page.locator('.whole').boundingBox();
      expect(below?.y).toBeGreaterThanOrEqual(box?.height ?? 0);
      expect((below?.y ?? 0) + (below?.height ?? 0)).toBeLessThanOrEqual(size.height + 1);
      await stage.shoot(`offline-${size.name}-zh`);
      stage.mock.setReachable(true);
      await alarm.waitFor({ state: 'detached' });
      await stage.page.getByRole('heading', { level: 1, name: '2 项告警需要处理' }).waitFor();
    },
  );

  test('cut off in an outage its clocks run on, marked as carried on from before', async () => {
    await stage.open('?lang=en', { before: outage });
    await stage.page.getByRole('timer').first().waitFor();
    stage.mock.setReachable(false);
    await stage.page.getByRole('alert').getByText('Connection lost').waitFor();
    await stage.page.getByText('carried on from what was known before').first().waitFor();
    await stage.shoot('offline-outage-1080p-en');
  });

  test.each([{ reducedMotion: undefined }, { reducedMotion: 'reduce' as const }])(
    'a page that hangs says so, without its scripts and with any setting of motion: $reducedMotion',
    async ({ reducedMotion }) => {
      await stage.open('', reducedMotion === undefined ? {} : { reducedMotion });
      await stage.page.getByRole('heading', { level: 1, name: '一切正常' }).waitFor();
      const frozen = stage.page.locator('.frozen');
      const opacity = () => frozen.evaluate((element) => getComputedStyle(element).opacity);
      expect(await opacity()).toBe('0');
      // It beats: each second puts the sign off again.
      const before = await frozen.getAttribute('class');
      await expect.poll(() => frozen.getAttribute('class'), { timeout: 15_000 }).not.toBe(before);
      await stage.page.evaluate(() => {
        document.documentElement.style.setProperty('--frozen-after', '0.2s');
        // The site's clock and all else stop: what a hanging page looks like to the screen.
        for (let timer = 0; timer < 10_000; timer++) clearInterval(timer);
      });
      await expect.poll(opacity).toBe('1');
      await stage.shoot(`frozen-1080p-zh`);
    },
  );

  test('a part of the page that fails makes the whole doubtful instead of standing still quietly', async () => {
    await stage.open('');
    await stage.page.getByRole('heading', { level: 1, name: '一切正常' }).waitFor();
    stage.mock.setAlerts(
      { ...alertAt(Date.now()), title: null } as never,
      { ...alertAt(Date.now()), id: 'x', device: null, point: 7 } as never,
    );
    await stage.page.getByRole('alert').getByText('画面出错').waitFor();
    stage.forgive();
  });

  test('while nobody decides it is never well', async () => {
    await stage.open('', { before: (server) => server.setTrouble('alerts') });
    await stage.page.getByRole('heading', { level: 1, name: '情况不明：系统没有在值守' }).waitFor();
    await stage.shoot('unwatched-1080p-zh');
  });

  test('a new version is taken by itself, once', async () => {
    await stage.open('');
    await stage.page.getByRole('heading', { level: 1, name: '一切正常' }).waitFor();
    // The service is away, and comes back with another stage.page.
    let loads = 0;
    stage.page.on('load', () => {
      loads += 1;
    });
    await stage.page.route('**/wall', async (route) => {
      const response = await route.fetch();
      const html = await response.text();
      const isNavigation = route.request().isNavigationRequest();
      await route.fulfill({ response, body: isNavigation ? html : html.replace(/wall-[\w-]+\.js/, 'wall-another.js') });
    });
    stage.mock.setReachable(false);
    await stage.page.waitForTimeout(200);
    stage.mock.setReachable(true);
    await expect.poll(() => loads, { timeout: 20_000 }).toBe(1);
    await stage.page.getByRole('heading', { level: 1, name: '一切正常' }).waitFor();
    stage.mock.setReachable(false);
    await stage.page.waitForTimeout(200);
    stage.mock.setReachable(true);
    await stage.page.getByRole('heading', { level: 1, name: '一切正常' }).waitFor();
    await stage.page.waitForTimeout(1500);
    expect(loads).toBe(1);
  });

  test('digits of a clock keep their places, over the full hour too', async () => {
    await stage.open('', {
      before: (server) => {
        const incident = outageAt(Date.now());
        server.setIncidents({
          ...incident,
          clocks: incident.clocks && { ...incident.clocks, latestSafeStart: iso(Date.now() + 3_612_000) },
        });
      },
    });
    const timer = stage.page.getByRole('timer').first();
    await timer.waitFor();
    const box = await timer.boundingBox();
    expect(await timer.getAttribute('aria-label')).toContain('1:00:');
    await expect.poll(() => timer.getAttribute('aria-label'), { timeout: 25_000 }).toContain('0:59:5');
    expect(await timer.boundingBox()).toEqual(box);
  });

  test('an emergency takes the wall at once and gives it back when it is over; the clocks are its largest words', async () => {
    await stage.open('');
    await stage.page.getByRole('heading', { level: 1, name: '一切正常' }).waitFor();
    outage(stage.mock);
    await stage.page.getByRole('timer').first().waitFor();
    expect(await stage.page.getByText('一周气候').count()).toBe(0);
    const sizes = await stage.page.evaluate(() =>
      [...document.querySelectorAll('main *')].map((element) => Number.parseFloat(getComputedStyle(element).fontSize)),
    );
    const largest = await stage.page
      .getByRole('timer')
      .first()
      .evaluate((element) => Number.parseFloat(getComputedStyle(element).fontSize));
    expect(largest).toBe(Math.max(...sizes.filter((one) => one < 1000)));
    stage.mock.room.mains = true;
    stage.mock.setAlerts(alertAt(Date.now(), { state: 'cleared', clearedAt: iso(Date.now()) }));
    stage.mock.setIncidents({ ...outageAt(Date.now()), phase: 'closed', closedAt: iso(Date.now()) });
    stage.mock.emit('readings', { at: iso(Date.now()), readings: readingsAt(Date.now(), stage.mock.room) });
    await stage.page.getByRole('heading', { level: 1, name: '一切正常' }).waitFor();
    await stage.page.getByText('一周气候').waitFor();
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
    await stage.open('', {
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
    const power = stage.page.getByRole('region', { name: '供电' });
    await power.getByText('电池供电').first().waitFor();
    await power.getByText('取自 UPS 乙').waitFor();
    await expect.poll(() => power.locator('li').count()).toBe(15);
    // Each server hangs on both boards.
    expect(await power.getByText('1 + 1', { exact: true }).count()).toBe(1);
    await stage.shoot('redundant-1080p-zh');
  });

  test('theme and language are this screen’s alone: what a person chose in this browser stays', async () => {
    await stage.open('?lang=en&theme=light');
    await stage.page.getByRole('heading', { level: 1, name: 'All well' }).waitFor();
    expect(await stage.page.evaluate(() => document.documentElement.dataset.theme)).toBe('light');
    await stage.shoot('light-1080p-en');
    expect(await stage.page.evaluate(() => localStorage.getItem('zhishou.preferences'))).toBeNull();
  });
});
