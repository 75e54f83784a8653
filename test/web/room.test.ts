import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Config } from '#core/config/config.ts';
import { devicesFileSchema } from '#core/config/device.ts';
import type { RoomArrangement } from '#core/room-layout.ts';
import { milliseconds } from '#core/time.ts';
import { freePorts } from '#platform/net.ts';
import {
  makeConfig,
  PASSWORD,
  reading,
  type SignedIn,
  startDashboard,
  type TestDashboard,
} from '../dashboard-api/support.ts';
import { describeReal, findProgram } from '../support/real.ts';
import { type BuiltPage, buildPage } from './build-page.ts';

/** The plan and its editor in a real browser over the real service: what is dragged is there for everybody. Devices are made up. */

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const sensor = (id: string, zh: string, en: string, x: number, y: number, profile: string) => ({
  ...{ id, name: { zh, en }, kind: 'sensor', profile, place: { x, y }, mqtt: { topic: `z/${id}` } },
});
const DEVICES = devicesFileSchema.parse({
  devices: [
    {
      id: 'ups-1',
      name: { zh: 'UPS 一号', en: 'UPS 1' },
      kind: 'ups',
      snmp: { host: '127.0.0.1' },
      place: { x: 1, y: 5 },
    },
    { id: 'server-1', name: { zh: '一号服务器', en: 'Server 1' }, kind: 'server', place: { x: 3, y: 2 } },
    { id: 'server-2', name: { zh: '二号服务器', en: 'Server 2' }, kind: 'server' },
    sensor('th-1', '温湿度 冷通道', 'Temperature/humidity: cold aisle', 2, 1, 'zigbee2mqtt-climate'),
    sensor('th-2', '温湿度 热通道', 'Temperature/humidity: hot aisle', 6, 4, 'zigbee2mqtt-climate'),
    sensor('leak-1', '漏水探测器', 'Leak detector', 7, 5, 'zigbee2mqtt-leak'),
  ],
}).devices;

/** Black lines on white, 400 × 300. */
const PICTURE =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300"><path d="M5 5h390v290H5z" fill="#fff" stroke="#000" stroke-width="6"/></svg>';

describeReal('chromium', 'the room plan in Chromium', () => {
  let built: BuiltPage;
  let browser: Browser;
  let site: TestDashboard;
  let operator: SignedIn;
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    built = await buildPage();
    browser = await chromium.launch({ executablePath: findProgram('chromium') ?? '', args: FLAGS });
  });
  afterAll(async () => {
    await browser?.close();
    await built?.remove();
  });
  beforeEach(async () => {
    complaints = [];
    const [port = 0] = await freePorts(1);
    const config: Config = { ...makeConfig({ port }), devices: DEVICES };
    site = await startDashboard({ config, listen: true, webRoot: built.folder });
    operator = await site.signIn('operator');
    await say({ 'th-1': 22.4, 'th-2': 33.1 }, false);
  });
  afterEach(async () => {
    await context.close();
    await site.dashboard.stop();
    expect(complaints).toEqual([]);
  });

  /** What the sensors measure now. */
  async function say(temperatures: Record<string, number>, leak: boolean): Promise<void> {
    const at = site.clock.now();
    const times = { measuredAt: at, receivedAt: at, changedAt: at };
    const rows = Object.entries(temperatures).map(([device, value]) =>
      reading({ device, point: 'ambient.temperature', value, ...times }),
    );
    for (const row of [...rows, reading({ device: 'leak-1', point: 'room.leak', value: leak, ...times })])
      await site.publish('reading/+', row.device, { device: row.device, at, readings: [row], cause: 'schedule' });
    // What waits to go out together goes.
    await site.wall.advanceByAsync(milliseconds(300));
  }
  async function open(
    path: string,
    options: { who?: SignedIn; locale?: string; width?: number; touch?: boolean } = {},
  ): Promise<void> {
    context = await browser.newContext({
      locale: options.locale ?? 'zh-CN',
      viewport: { width: options.width ?? 1440, height: 900 },
      hasTouch: options.touch === true,
    });
    const [name = '', value = ''] = (options.who ?? operator).headers.cookie.split('=');
    await context.addCookies([{ name, value, url: site.url }]);
    page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) && !/Failed to load resource/.test(message.text()))
        complaints.push(message.text());
    });
    await page.goto(site.url + path);
  }
  const thing = (id: string): Locator => page.locator(`#thing-${id}`);
  const button = (name: string | RegExp): Locator => page.getByRole('button', { name });
  const kept = async (): Promise<RoomArrangement & { version: number }> =>
    (await site.dashboard.inject({ url: '/api/v1/room-plan', headers: operator.headers })).json();
  /** Somebody else saves over the API. */
  async function other(change: Partial<RoomArrangement>): Promise<number> {
    const { version, rooms, places } = await kept();
    const response = await site.dashboard.inject({
      method: 'PUT',
      url: '/api/v1/room-plan',
      headers: { ...operator.headers, 'if-match': `"room-plan-${version}"` },
      payload: { rooms, places, ...change },
    });
    return response.statusCode;
  }
  async function drag(from: Locator, dx: number, dy: number): Promise<void> {
    const box = await from.boundingBox();
    if (box === null) throw new Error('it is not drawn');
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + dx / 2, y + dy / 2);
    await page.mouse.move(x + dx, y + dy);
    await page.mouse.up();
  }
  const metresPerPixel = async (): Promise<number> => {
    const [a, b] = [await thing('ups-1').boundingBox(), await thing('leak-1').boundingBox()];
    const middle = (box: typeof a): number => (box === null ? 0 : box.x + box.width / 2);
    return 6 / (middle(b) - middle(a));
  };

  test('a thing is dragged by mouse onto the grid, undone, done again and saved: everybody sees it at once', async () => {
    await open('/room/edit');
    const scale = await metresPerPixel();
    await drag(thing('server-1'), 1.6 / scale, 1.05 / scale);
    await page.getByText('1 处改动未保存').waitFor();
    expect(await thing('server-1').getAttribute('aria-label')).toBe('一号服务器，距左 4.50 米，距上 3.00 米');
    await button('撤销').click();
    expect(await thing('server-1').getAttribute('aria-label')).toContain('距左 3.00 米');
    await button('重做').click();
    const watcher = await context.newPage();
    await watcher.goto(`${site.url}/room`);
    const place = (): Promise<string | null> =>
      watcher.locator('a[href="/devices/server-1"]').getAttribute('transform');
    const before = await place();
    await button('保存').click();
    await page.getByText(/已保存，所有页面已更新/).waitFor();
    expect((await kept()).places).toEqual({ 'server-1': { x: 4.5, y: 3, turn: 0 } });
    await expect.poll(place).not.toBe(before);
  });

  test('arrow keys move by 0.1 m, with Shift by 1 m, aloud; ten presses are one step back; R turns, Delete takes off', async () => {
    await open('/room/edit', { locale: 'en-GB' });
    await thing('server-1').focus();
    for (let press = 0; press < 3; press++) await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Shift+ArrowDown');
    const spoken = page.locator('[aria-live="polite"]').filter({ hasText: 'Server 1' });
    expect(await spoken.textContent()).toBe('Server 1, 3.30 m from the left, 3.00 m from the top');
    await page.keyboard.press('r');
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    expect(await thing('server-1').getAttribute('aria-label')).toContain('3.00 m from the left, 2.00 m from the top');
    await page.keyboard.press('Control+y');
    await thing('ups-1').focus();
    await page.keyboard.press('Delete');
    await page.getByText('Not placed yet (2)').waitFor();
    await thing('server-1').focus();
    await page.keyboard.press('Control+s');
    await page.getByText(/every page shows it/).waitFor();
    expect((await kept()).places).toEqual({ 'server-1': { x: 3.3, y: 3, turn: 0 }, 'ups-1': null });
  });

  test('what has no place is carried from the list, or put into the middle by a press, and goes back to devices.yaml', async () => {
    await open('/room/edit');
    await button('二号服务器').click();
    await page.getByText('全部设备都在平面图上。').waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('thing-server-2');
    await button('移出平面图').click();
    const target = await thing('server-1').boundingBox();
    const grip = await page.locator('.grip').first().boundingBox();
    if (target === null || grip === null) throw new Error('it is not drawn');
    await page.mouse.move(grip.x + 10, grip.y + 10);
    await page.mouse.down();
    await page.mouse.move(target.x + 200, target.y + 100, { steps: 4 });
    await page.mouse.up();
    await thing('server-2').waitFor();
    await drag(thing('server-1'), 90, 60);
    await page.getByText('导出为 devices.yaml').click();
    expect(await page.locator('pre').textContent()).toMatch(
      / {2}- id: server-1\n {4}place: \{ x: [\d.]+, y: [\d.]+ \}\n {2}- id: server-2/,
    );
    await button('恢复 devices.yaml 的位置').click();
    expect(await thing('server-1').getAttribute('aria-label')).toContain('距左 3.00 米，距上 2.00 米');
  });

  test('on a phone a finger drags', async () => {
    await open('/room/edit', { width: 390, touch: true });
    const before = await thing('server-1').getAttribute('aria-label');
    await thing('server-1').scrollIntoViewIfNeeded();
    const box = await thing('server-1').boundingBox();
    if (box === null) throw new Error('it is not drawn');
    const session = await context.newCDPSession(page);
    const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', dx: number, dy: number) =>
      session.send('Input.dispatchTouchEvent', {
        type,
        touchPoints: type === 'touchEnd' ? [] : [{ x: at.x + dx, y: at.y + dy }],
      });
    await touch('touchStart', 0, 0);
    await touch('touchMove', 20, 30);
    await touch('touchMove', 40, 60);
    await touch('touchEnd', 0, 0);
    await page.getByText('1 处改动未保存').waitFor();
    expect(await thing('server-1').getAttribute('aria-label')).not.toBe(before);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  });

  test('somebody else saved meanwhile: it is told, nothing is lost, and both changes are put together', async () => {
    await open('/room/edit');
    await thing('server-1').focus();
    await page.keyboard.press('Shift+ArrowRight');
    expect(await other({ places: { 'ups-1': { x: 2, y: 4, turn: 0 } } })).toBe(200);
    await page.getByText('有人刚保存了新的平面图。').waitFor();
    expect(await button('保存').isDisabled()).toBe(true);
    await button('把我的改动合并进去').click();
    await button('保存').click();
    await page.getByText(/已保存，所有页面已更新/).waitFor();
    expect(await kept()).toMatchObject({
      version: 2,
      places: { 'ups-1': { x: 2, y: 4, turn: 0 }, 'server-1': { x: 4, y: 2, turn: 0 } },
    });
  });

  test('without unsaved changes the newer plan is simply shown; theirs can be taken instead of mine', async () => {
    await open('/room/edit', { locale: 'en-GB' });
    await thing('ups-1').waitFor();
    await other({ places: { 'ups-1': { x: 2, y: 4, turn: 0 } } });
    await expect.poll(() => thing('ups-1').getAttribute('aria-label')).toContain('2.00 m from the left');
    await thing('server-1').focus();
    await page.keyboard.press('ArrowLeft');
    await other({ places: {} });
    await button('Drop mine, take the newer one').click();
    expect(await thing('ups-1').getAttribute('aria-label')).toContain('1.00 m from the left');
    expect(await thing('server-1').getAttribute('aria-label')).toContain('3.00 m from the left');
  });

  test('whoever leaves with something unsaved is asked, and may stay', async () => {
    await open('/room/edit');
    await thing('server-1').focus();
    await page.keyboard.press('ArrowLeft');
    await page.getByRole('link', { name: '总览' }).first().click();
    await page.getByRole('dialog').getByText('1 处改动还没有保存').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: '取消' }).click();
    expect(new URL(page.url()).pathname).toBe('/room/edit');
    await page.getByText('1 处改动未保存').waitFor();
    await page.getByRole('link', { name: '总览' }).first().click();
    await button('不保存，离开').click();
    await page.waitForURL((url) => url.pathname === '/');
    expect((await kept()).version).toBe(0);
  });

  test('when the session ends in the middle, what was arranged is there again after signing in', async () => {
    await open('/room/edit');
    await thing('server-1').focus();
    await page.keyboard.press('Shift+ArrowRight');
    site.accounts.endSessionsOf('operator');
    await button('保存').click();
    await page.getByText('您没有查看此页的权限').waitFor();
    await page.getByRole('link', { name: '登录' }).click();
    await page.getByLabel('用户名').fill('operator');
    await page.getByLabel('密码', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: '登录' }).click();
    await page.waitForURL((url) => url.pathname !== '/sign-in');
    operator = await site.signIn('operator');
    await page.getByRole('link', { name: '看大图' }).click();
    await page.getByRole('link', { name: '编辑平面图' }).click();
    await page.getByText('1 处改动未保存').waitFor();
    await button('保存').click();
    await page.getByText(/已保存，所有页面已更新/).waitFor();
    expect((await kept()).places).toEqual({ 'server-1': { x: 4, y: 2, turn: 0 } });
  });

  test('a picture is laid under the plan, scaled by two points, walls are drawn, and the room page shows them', async () => {
    await open('/room/edit');
    await page.getByRole('radio', { name: '墙体与底图' }).click();
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'plan.svg', mimeType: 'image/svg+xml', buffer: Buffer.from(PICTURE) });
    const picture = page.locator('image.picture');
    await picture.waitFor();
    const before = (await picture.boundingBox())?.width ?? 0;
    const label = page.getByLabel('宽（米）');
    const width = Number(await label.inputValue());
    await button('两点定比例').click();
    const box = await page.locator('svg.plan').boundingBox();
    if (box === null) throw new Error('it is not drawn');
    await page.mouse.click(box.x + 100, box.y + 100);
    await page.mouse.click(box.x + 300, box.y + 100);
    const metres = page.getByRole('dialog').getByLabel('距离（米）');
    await metres.fill(String(Number(await metres.inputValue()) * 2));
    await button('调整大小').click();
    await expect.poll(async () => Number(await label.inputValue()) / width).toBeGreaterThan(1.8);
    expect(before).toBeGreaterThan(100);
    await button('添加矩形').click();
    await page.getByLabel('长（米）').fill('7');
    await page.getByLabel('长（米）').press('Tab');
    await button('保存').click();
    await page.getByText(/已保存，所有页面已更新/).waitFor();
    const { rooms } = await kept();
    expect(rooms.core.walls).toEqual([expect.objectContaining({ height: 7 })]);
    await page.goto(`${site.url}/room`);
    await page.locator('image.picture').waitFor();
    const shown = await page.locator('image.picture').getAttribute('href');
    expect(shown).toBe(`/api/v1/room-plan/pictures/${rooms.core.picture?.id}`);
  });

  test('a picture with a script in it is refused in plain words, and the plan stays', async () => {
    await open('/room/edit', { locale: 'en-GB' });
    await page.getByRole('radio', { name: 'Walls and picture' }).click();
    const buffer = Buffer.from(PICTURE.replace('<path', '<script>document.title="x"</script><path'));
    await page.locator('input[type=file]').setInputFiles({ name: 'plan.svg', mimeType: 'image/svg+xml', buffer });
    await page
      .getByRole('alert')
      .getByText(/scripts/)
      .waitFor();
    expect(await page.locator('image.picture').count()).toBe(0);
  });

  test('a viewer sees the room but may not arrange it', async () => {
    const viewer = await site.signIn('viewer');
    await open('/room/edit', { who: viewer });
    await page.getByText('您没有查看此页的权限').waitFor();
    await page.goto(`${site.url}/room`);
    await page.locator('a[href="/devices/th-1"]').waitFor();
    expect(await page.getByRole('link', { name: '编辑平面图' }).count()).toBe(0);
  });

  test.each([
    ['zh-CN', 390],
    ['en-GB', 1440],
  ])(
    'the room page in %s at %d px: values, a field that takes colour only for the abnormal, a leak; a touch leads to the device',
    async (locale, width) => {
      await open('/room', { locale, width });
      const hot = page.locator('a[href="/devices/th-2"]');
      await hot.locator('text').getByText('33.1').waitFor();
      /** How far the field is from grey anywhere it is drawn. */
      const colourfulness = (): Promise<number> =>
        page.evaluate(async () => {
          const image = new Image();
          image.src = document.querySelector('svg.plan image')?.getAttribute('href') ?? '';
          await image.decode();
          const canvas = document.createElement('canvas');
          [canvas.width, canvas.height] = [image.width, image.height];
          const pen = canvas.getContext('2d');
          pen?.drawImage(image, 0, 0);
          const { data } = pen?.getImageData(0, 0, image.width, image.height) ?? { data: [] as number[] };
          let most = 0;
          for (let at = 0; at < data.length; at += 4) {
            if ((data[at + 3] ?? 0) < 200) continue;
            const parts = [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
            most = Math.max(most, Math.max(...parts) - Math.min(...parts));
          }
          return most;
        });
      expect(await colourfulness()).toBeLessThan(20);
      await say({ 'th-1': 22.4, 'th-2': 47.5 }, true);
      await hot.locator('text').getByText('47.5').waitFor();
      await expect.poll(colourfulness).toBeGreaterThan(50);
      const leak = page.locator('svg a[href="/devices/leak-1"]');
      await expect.poll(() => leak.getAttribute('aria-label')).toMatch(locale === 'zh-CN' ? /漏水$/ : /water$/);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      const texts = await page
        .locator('svg.plan text')
        .evaluateAll((all) => all.map((text) => text.getBoundingClientRect().height));
      expect(Math.min(...texts)).toBeGreaterThan(9);
      await hot.click();
      await page.waitForURL((url) => url.pathname === '/devices/th-2');
    },
  );
});
