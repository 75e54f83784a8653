import { readFile } from 'node:fs/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { DeviceView, ReadingView } from '#core/api.ts';
import type { Role } from '#core/command.ts';
import { launchChromium } from '../support/browser.ts';
import { describeReal } from '../support/real.ts';
import { type BuiltPage, buildPage } from './build-page.ts';
import { alertAt, devicesAt, iso, readingsAt } from './fixture-room.ts';
import { type MockServer, startMock } from './mock-server.ts';

/** Devices, their charts and their diagnostics: the built page in a real browser. */

/** Two cores may be shared by many builds: what is right comes, only later. */
const patiently = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: 15_000 });

describeReal('chromium', 'devices in Chromium', () => {
  let built: BuiltPage;
  let browser: Browser;
  let mock: MockServer;
  let context: BrowserContext;
  let page: Page;
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

  interface Opening {
    readonly role?: Role | null;
    readonly locale?: string;
    readonly width?: number;
    readonly before?: (mock: MockServer) => void;
  }
  async function open(path: string, options: Opening = {}): Promise<void> {
    mock = await startMock({
      role: options.role === undefined ? 'operator' : options.role,
      guests: true,
      folder: built.folder,
    });
    options.before?.(mock);
    context = await browser.newContext({
      locale: options.locale ?? 'zh-CN',
      viewport: { width: options.width ?? 1440, height: 900 },
    });
    page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) && !/Failed to load resource/.test(message.text()))
        complaints.push(message.text());
    });
    await page.goto(mock.url + path);
  }
  const asked = (): string[] => mock.asked.filter((url) => url.startsWith('/api/v1/history?'));
  const seriesAsked = (): string[][] => asked().map((url) => new URL(url, 'http://x').searchParams.getAll('series'));

  /** A thousand sensors beside the room's own devices. Made up. */
  function thousand(): { devices: DeviceView[]; readings: ReadingView[] } {
    const now = Date.now();
    const base = devicesAt(now).find(({ id }) => id === 'th-1');
    const reading = readingsAt(now, mock.room).find(({ point }) => point === 'ambient.temperature');
    if (base === undefined || reading === undefined) throw new Error('the fixture has no th-1');
    const ids = Array.from({ length: 1000 }, (_, i) => `rack-${i + 1}`);
    return {
      devices: ids.map((id, i) => ({
        ...base,
        id,
        name: { zh: `机柜 ${i + 1} 温度`, en: `Rack ${i + 1} temperature` },
        state: i === 776 ? 'silent' : 'responding',
        reason: i === 776 ? 'no answer within 30s' : null,
        limits: [],
      })),
      readings: ids.map((device, i) => ({ ...reading, device, value: 20 + (i % 50) / 10 })),
    };
  }

  test('a thousand devices are listed with what is wrong first, and one is found by its name in a moment', async () => {
    await open('/devices');
    await page.getByRole('link', { name: /UPS 一号/ }).waitFor();
    const { devices, readings } = thousand();
    for (const device of devices) mock.emit('device', device);
    mock.emit('readings', { at: iso(Date.now()), readings });
    await page.getByRole('button', { name: '全部 1017' }).waitFor();
    const first = page.locator('main ul li a').first();
    await patiently(() => first.textContent()).toContain('机柜 777');
    // Not all of them stand in the page at once, and all are come to.
    expect(await page.locator('main ul li').count()).toBeLessThan(400);
    const before = await page.locator('main ul li').count();
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await patiently(() => page.locator('main ul li').count()).toBeGreaterThan(before);
    const search = page.getByRole('searchbox', { name: '查找设备' });
    await search.fill('机柜 512');
    await patiently(() => page.locator('main ul li').count()).toBe(1);
    expect(new URL(page.url()).searchParams.get('q')).toBe('机柜 512');
    await search.fill('');
    await page.getByRole('button', { name: /无应答/ }).click();
    await patiently(() => page.locator('main ul li').count()).toBe(1);
  });

  test('a device is found by id, address, outlet name and either language; nothing found says so', async () => {
    await open('/devices', { locale: 'en-GB' });
    const search = page.getByRole('searchbox', { name: 'Find a device' });
    for (const [words, name] of [
      ['10.1.2.5', 'UPS 1'],
      ['business system', 'Power distribution unit'],
      ['apc-rpdu2', 'Power distribution unit'],
      ['精密空调', 'Air conditioner'],
    ] as const) {
      await search.fill(words);
      await page
        .getByRole('link', { name: new RegExp(name) })
        .first()
        .waitFor();
    }
    await search.fill('no such thing');
    await page.getByText('No device fits').waitFor();
  });

  test('an alert puts its device first, with its severity’s shape and word', async () => {
    await open('/devices', { before: (server) => server.setAlerts(alertAt(Date.now())), width: 390 });
    const first = page.locator('main ul li a').first();
    await patiently(() => first.textContent()).toContain('UPS 一号');
    expect(await first.textContent()).toContain('1 项告警');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  });

  test('a device’s page says who watches it, what happened to it, and leads to its charts and diagnostics', async () => {
    await open('/devices/ups-1');
    await page.getByText('看管它的规则').waitFor();
    await page.getByText('告警时启动预案“停电应急预案”').waitFor();
    await page.getByRole('link', { name: '停电应急预案：一号 UPS 市电中断' }).waitFor();
    await page.getByRole('link', { name: '诊断', exact: true }).waitFor();
    await page.getByRole('button', { name: '选择对比' }).click();
    await page.getByRole('checkbox', { name: '选择负载率' }).check();
    await page.getByRole('checkbox', { name: '选择电池电量' }).check();
    await page.getByRole('link', { name: '对比所选 2 项' }).click();
    await patiently(() => new URL(page.url()).searchParams.getAll('s')).toEqual([
      'ups-1/ups.load',
      'ups-1/battery.charge',
    ]);
    await page.locator('canvas').waitFor();
  });

  const COMPARISON =
    '/history?s=th-1/ambient.temperature&s=th-2/ambient.temperature&s=ups-1/battery.charge&s=ups-1/ups.status';
  test('a comparison is a link: one request has all its points, and what is changed is in the address', async () => {
    await open(`${COMPARISON}&range=24h&over=week&layout=apart`);
    await page.locator('canvas').waitFor();
    expect(seriesAsked()[0]).toEqual([
      'th-1/ambient.temperature',
      'th-2/ambient.temperature',
      'ups-1/battery.charge',
      'ups-1/ups.status',
    ]);
    await page.getByRole('button', { name: '分开' }).and(page.locator('[aria-pressed=true]')).waitFor();
    expect(await page.getByRole('combobox', { name: '叠加' }).inputValue()).toBe('week');
    await page.getByRole('button', { name: '1 年' }).click();
    await patiently(() => new URL(page.url()).searchParams.get('range')).toBe('1y');
    await page.getByRole('button', { name: '移除 温湿度 冷通道后 · 环境温度' }).click();
    await patiently(() => new URL(page.url()).searchParams.getAll('s')).toHaveLength(3);
    await page.getByRole('button', { name: '添加测点' }).click();
    await page.getByRole('searchbox', { name: '查找测点' }).fill('输入电压');
    await page.getByRole('button', { name: /UPS 一号 ?输入电压/ }).click();
    await patiently(() => new URL(page.url()).searchParams.getAll('s').at(-1)).toBe('ups-1/input.voltage');
  });

  test('the wheel zooms where the pointer is, dragging moves, and only the finer or missing part is asked for', async () => {
    await open('/history?s=th-1/ambient.temperature&range=24h');
    const chart = page.getByRole('application');
    await chart.locator('canvas').waitFor();
    await patiently(() => asked().length).toBe(1);
    const box = await chart.boundingBox();
    if (box === null) throw new Error('no chart');
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.keyboard.down('Control');
    for (let i = 0; i < 6; i++) await page.mouse.wheel(0, -240);
    await page.keyboard.up('Control');
    const span = async (): Promise<number> => {
      const query = new URL(page.url()).searchParams;
      return Date.parse(query.get('to') ?? '') - Date.parse(query.get('from') ?? '');
    };
    await patiently(span).toBeLessThan(12 * 3_600_000);
    // What is at hand is shown meanwhile: the picture is never empty while the finer one comes.
    await patiently(() => asked().length).toBeGreaterThan(1);
    // The address follows a moment after the hand: it is read when it stands still.
    const stands = async (): Promise<number> => {
      const one = await span();
      await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 600)));
      return (await span()) - one;
    };
    await patiently(stands).toBe(0);
    const length = await span();
    const from = new URL(page.url()).searchParams.get('from');
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 + 60, box.y + box.height / 2, { steps: 3 });
    await page.mouse.up();
    await patiently(() => new URL(page.url()).searchParams.get('from')).not.toBe(from);
    expect(Math.abs((await span()) - length)).toBeLessThan(2000);
  });

  test('by keys alone: values are read out with what happened, zoomed and moved; the page tells nothing else apart', async () => {
    await open('/history?s=ups-1/ups.load&range=6h', { locale: 'en-GB' });
    const chart = page.getByRole('application', { name: 'Chart of Load' });
    await chart.locator('canvas').waitFor();
    await chart.focus();
    await patiently(async () => {
      await page.keyboard.press('ArrowLeft');
      return page.locator('.frame [aria-live]').textContent();
    }).toMatch(/Load \d+ %/);
    await page.keyboard.press('+');
    await patiently(
      () => new URL(page.url()).searchParams.get('range') ?? new URL(page.url()).searchParams.get('from'),
    ).not.toBe('6h');
    await page.keyboard.press('PageUp');
    await patiently(() => new URL(page.url()).searchParams.get('from')).not.toBeNull();
  });

  test('what happened meanwhile stands under the chart in words, leads to itself and can be looked at closely', async () => {
    await open('/history?s=ups-1/ups.load&range=6h');
    await page.getByRole('heading', { name: '期间发生的事' }).waitFor();
    expect(await page.getByRole('link', { name: '停电应急预案：一号 UPS 市电中断' }).getAttribute('href')).toBe(
      '/incidents/20261121-1',
    );
    await page.getByRole('button', { name: '细看这一段：市电中断' }).click();
    await patiently(() => new URL(page.url()).searchParams.get('from')).not.toBeNull();
  });

  test('the table says the same as the picture, and CSV takes it away', async () => {
    await open('/history?s=th-1/ambient.temperature&s=ups-1/ups.status&range=1h&table=1');
    await page.getByRole('columnheader', { name: '温湿度 冷通道前 · 环境温度' }).waitFor();
    expect(await page.getByRole('cell', { name: /°C/ }).count()).toBeGreaterThan(20);
    await page.getByRole('cell', { name: '电池供电、放电' }).first().waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: '导出 CSV' }).click(),
    ]);
    const text = await readFile(await download.path(), 'utf8');
    expect(text.startsWith('\uFEFFtime,device,point')).toBe(true);
    expect(text).toMatch(/\+08:00,th-1,ambient\.temperature,温湿度 冷通道前 · 环境温度,°C,\d/);
  });

  test('a point that is not configured any more says so, and the rest is shown', async () => {
    await open('/history?s=gone-1/ups.load&s=th-1/no.such&s=th-1/ambient.temperature&range=1h');
    await page.getByText('gone-1/ups.load 已不在配置中').waitFor();
    await page.getByText('th-1/no.such 已不在配置中').waitFor();
    await page.locator('canvas').waitFor();
    expect(seriesAsked()[0]).toEqual(['th-1/ambient.temperature']);
  });

  test('on a phone the chart fits, and nothing reaches beyond the screen', async () => {
    await open(COMPARISON, { width: 390 });
    await page.locator('canvas').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  });

  test('diagnostics ask once, show raw values with their source and the last polls, and can be copied for a report', async () => {
    await open('/devices/ups-1/diagnosis');
    await page.getByText('UPS-MIB::upsEstimatedChargeRemaining').waitFor();
    await page.getByText('超时', { exact: true }).waitFor();
    await page.getByText('65535').waitFor();
    expect(mock.surveys).toEqual([{ kind: 'diagnose', device: 'ups-1' }]);
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: '复制为文本' }).click();
    await page.getByRole('button', { name: '已复制' }).waitFor();
    const text = await page.evaluate(() => navigator.clipboard.readText());
    expect(text).toContain('battery.charge');
    expect(text).toContain('TIMED_OUT');
  });

  test('adding a device: an example of each way is a touch away, and what is read at the address already is said', async () => {
    await open('/add-device', { locale: 'en-GB' });
    await page.getByLabel('Address', { exact: true }).fill('10.1.2.5');
    await page.getByText('Already read at this address:').waitFor();
    await page.getByRole('link', { name: 'UPS 1' }).waitFor();
    await page.getByLabel('Port', { exact: true }).fill('1161');
    await patiently(() => page.getByText('Already read at this address:').count()).toBe(0);
    await page.getByRole('radio', { name: 'Another way' }).click();
    await page.getByRole('button', { name: 'Redfish' }).click();
    expect(await page.locator('#survey-url').inputValue()).toMatch(/^redfish:/);
  });

  test('diagnostics are for operators: others are told so, and nothing is asked', async () => {
    await open('/devices/ups-1/diagnosis', { role: 'viewer', locale: 'en-GB' });
    await page
      .getByRole('heading', { level: 1 })
      .or(page.getByText(/not allowed|may not|role/i))
      .first()
      .waitFor();
    expect(mock.surveys).toEqual([]);
    await page.goto(`${mock.url}/devices/ups-1`);
    await page.getByText('Rules that watch it').waitFor();
    expect(await page.getByRole('link', { name: 'Diagnostics' }).count()).toBe(0);
  });
});
