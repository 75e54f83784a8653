import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Role } from '#core/command.ts';
import { describeReal, findProgram } from '../support/real.ts';
import { type BuiltPage, buildPage } from './build-page.ts';
import { INCIDENT, outageAt, shutdownAt } from './fixture-incident.ts';
import { alertAt, iso, readingsAt } from './fixture-room.ts';
import { type MockServer, startMock } from './mock-server.ts';

/** The built page in a real browser, over the interface of API.md. */

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

describeReal('chromium', 'the page in Chromium', () => {
  let built: BuiltPage;
  let browser: Browser;
  let mock: MockServer;
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
  beforeEach(() => {
    complaints = [];
  });
  afterEach(async () => {
    await context.close();
    await mock.close();
    expect(complaints).toEqual([]);
  });

  async function open(
    path: string,
    options: { role?: Role | null; locale?: string; width?: number; before?: (mock: MockServer) => void } = {},
  ): Promise<void> {
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
      // A broken policy or a warning of Vue would be a mistake of ours; refused and lost connections are part of the tests.
      if (['error', 'warning'].includes(message.type()) && !/Failed to load resource/.test(message.text())) {
        complaints.push(message.text());
      }
    });
    await page.goto(mock.url + path);
  }
  const outage = (server: MockServer): void => {
    server.room.mains = false;
    server.setIncidents(outageAt(Date.now()));
    server.setAlerts(alertAt(Date.now()));
  };

  test('a healthy room is "all well" at a glance, in both languages, with the duty person a touch away', async () => {
    await open('/');
    await page.getByRole('heading', { level: 1, name: '一切正常' }).waitFor();
    expect(await page.getByRole('link', { name: '+86 100 0000 0003' }).getAttribute('href')).toBe('tel:+8610000000003');
    await page.getByText('模拟', { exact: true }).first().waitFor();
    await page.goto(`${mock.url}/settings`);
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByRole('heading', { level: 1, name: 'All well' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
  });

  test('figures move with the live stream, and a doubtful value looks doubtful', async () => {
    await open('/');
    const load = page.getByRole('link', { name: /电池电量/ }).first();
    await load.waitFor();
    mock.room.charge = 41;
    mock.room.doubtful.set('ups-1/battery.runtime', 'implausible');
    mock.emit('readings', { at: iso(Date.now()), readings: readingsAt(Date.now(), mock.room) });
    await load.getByText('41', { exact: true }).waitFor();
    await page.getByText(/^不合理/).waitFor();
  });

  test('an open incident reorganises the overview: time left is the largest thing, and counts down', async () => {
    await open('/', { before: outage });
    const timer = page.getByRole('timer');
    await timer.waitFor();
    expect(await page.getByText('一切正常').count()).toBe(0);
    const sizes = await page.evaluate(() =>
      [...document.querySelectorAll('main *')].map((element) => Number.parseFloat(getComputedStyle(element).fontSize)),
    );
    expect(await timer.evaluate((element) => Number.parseFloat(getComputedStyle(element).fontSize))).toBe(
      Math.max(...sizes),
    );
    const shown = await timer.getAttribute('aria-label');
    const width = (await timer.boundingBox())?.width;
    await expect.poll(() => timer.getAttribute('aria-label')).not.toBe(shown);
    expect((await timer.boundingBox())?.width).toBe(width);
  });

  test('an answer goes out once, and is never shown as given before the service says so', async () => {
    await open(`/incidents/${INCIDENT}`, { before: outage });
    const release = mock.holdCommands();
    await page.getByRole('button', { name: /超过 90 分钟/ }).click();
    await page.getByText('正在发送…').first().waitFor();
    await page.getByRole('button', { name: /超过 90 分钟/ }).click({ force: true });
    expect(mock.commands).toEqual([
      { kind: 'incident.answer', incident: INCIDENT, step: 'ask-power-department', answer: 'over' },
    ]);
    expect(await page.getByText('更改答复').count()).toBe(0);
    release();
    mock.setIncidents(shutdownAt(Date.now()));
    await page.getByRole('button', { name: '更改答复' }).waitFor();
  });

  test('minutes and a time of day are asked for and sent as the service wants them', async () => {
    await open(`/incidents/${INCIDENT}`, { before: outage });
    await page.getByRole('button', { name: '给出分钟数' }).click();
    await page.getByLabel('分钟').fill('45');
    await page.getByRole('button', { name: '提交' }).click();
    await expect.poll(() => mock.commands.length).toBe(1);
    await page.getByRole('button', { name: '给出恢复时刻' }).click();
    await page.getByLabel('时刻').fill('13:30');
    await page.getByRole('button', { name: '提交' }).click();
    await expect.poll(() => mock.commands.length).toBe(2);
    expect(mock.commands).toMatchObject([
      { answer: 'given', minutes: 45 },
      { answer: 'at', until: expect.stringMatching(/T13:30:00\+08:00$/) },
    ]);
  });

  test('after an answer that never came, pressing again uses the same key, so it cannot act twice', async () => {
    await open(`/incidents/${INCIDENT}`, { before: outage });
    mock.refuseCommands({ status: 504, code: 'TIMED_OUT', detail: '' });
    await page.getByRole('button', { name: /超过 90 分钟/ }).click();
    await page.getByText(/再按一次是安全的/).waitFor();
    mock.refuseCommands(null);
    await page.getByRole('button', { name: /超过 90 分钟/ }).click();
    await expect.poll(() => mock.keys.length).toBe(2);
    expect(mock.keys[0]).toBe(mock.keys[1]);
  });

  test('a refusal is told in plain words', async () => {
    await open(`/incidents/${INCIDENT}`, { before: outage });
    mock.refuseCommands({ status: 409, code: 'CONFLICT', detail: '' });
    await page.getByRole('button', { name: /超过 90 分钟/ }).click();
    await page.getByRole('alert').filter({ hasText: '现在的状态不允许这样做' }).waitFor();
  });

  test('starting the shutdown asks first, needs a reason, and can be left with Escape', async () => {
    await open(`/incidents/${INCIDENT}`, { before: outage });
    await page.getByRole('button', { name: '立即开始关机流程' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    expect(await dialog.getByRole('button', { name: '立即开始关机流程' }).isDisabled()).toBe(true);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(mock.commands).toEqual([]);
    await page.getByRole('button', { name: '立即开始关机流程' }).click();
    await dialog.getByLabel(/原因/).fill('配电室说今天不来电');
    await dialog.getByRole('button', { name: '立即开始关机流程' }).click();
    await dialog.waitFor({ state: 'hidden' });
    expect(mock.commands).toMatchObject([{ kind: 'incident.start-sequence', reason: '配电室说今天不来电' }]);
  });

  test('a viewer sees everything and is offered nothing that would be refused', async () => {
    await open(`/incidents/${INCIDENT}`, { role: 'viewer', before: outage });
    await page.getByText('需要值班员或以上角色来答复。').waitFor();
    for (const name of ['立即开始关机流程', '解除', '免除', '我知道了，正在处理']) {
      expect(await page.getByRole('button', { name }).count()).toBe(0);
    }
  });

  test('when the connection breaks the page says so and that its data is old, and recovers by itself', async () => {
    await open('/');
    await page.getByRole('heading', { name: '一切正常' }).waitFor();
    mock.setReachable(false);
    await page.getByText(/起与服务器断开/).waitFor();
    await page.getByRole('heading', { name: '数据已旧，情况不明' }).waitFor();
    mock.setReachable(true);
    await page.getByRole('heading', { name: '一切正常' }).waitFor();
    expect(await page.getByText(/起与服务器断开/).count()).toBe(0);
  });

  test('signing in: a wrong password is told, the right one leads to where one wanted to go', async () => {
    await open('/sign-in?to=/alerts', { role: null });
    await page.getByLabel('用户名').fill('gao-jie');
    await page.getByLabel('密码').fill('wrong');
    await page.getByRole('button', { name: '登录' }).click();
    await page.getByText('用户名或密码不对。').waitFor();
    await page.getByLabel('密码').fill('right-password');
    await page.getByRole('button', { name: '登录' }).click();
    await page.waitForURL(`${mock.url}/alerts`);
    await page.getByText('没有告警', { exact: true }).waitFor();
  });

  test('an address of elsewhere is not followed after signing in', async () => {
    await open('/sign-in?to=//elsewhere.example', { role: null });
    await page.getByLabel('用户名').fill('gao-jie');
    await page.getByLabel('密码').fill('right-password');
    await page.getByRole('button', { name: '登录' }).click();
    await page.waitForURL(`${mock.url}/`);
  });

  test('everything is reachable by keyboard, with a skip link first and a focus that can be seen', async () => {
    await open('/');
    await page.getByRole('heading', { name: '一切正常' }).waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('href'))).toBe('#main');
    await page.keyboard.press('Tab');
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle);
    expect(outline).not.toBe('none');
    const unreachable = await page.evaluate(
      () =>
        [...document.querySelectorAll('[role=link]')].filter((element) => (element as SVGElement).tabIndex < 0).length,
    );
    expect(unreachable).toBe(0);
  });

  test('the chart of a point is drawn, and the arrow keys read its values out', async () => {
    await open('/history?device=ups-1&point=input.voltage');
    const chart = page.getByRole('application');
    await chart.locator('canvas').waitFor();
    await chart.focus();
    await page.keyboard.press('ArrowLeft');
    await page.getByText(/、输入电压 2\d\d V/).waitFor();
  });

  test('a fire is started in two touches from the overview, with one confirmation and nothing to type', async () => {
    await open('/', { width: 390 });
    await page.getByRole('link', { name: '人工启动预案' }).click();
    await page.getByRole('button', { name: '火灾' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: '启动' }).click();
    await dialog.waitFor({ state: 'hidden' });
    expect(mock.commands).toEqual([{ kind: 'incident.open', plan: 'fire', reason: '火灾' }]);
  });

  test('on a phone one request is open, the others are a touch away; ended and later steps are folded', async () => {
    await open(`/incidents/${INCIDENT}`, {
      width: 390,
      before: (server) => {
        const outage = outageAt(Date.now());
        const asked = outage.steps.find(({ kind, state }) => kind === 'ask' && state === 'waiting');
        if (asked === undefined) throw new Error('the fixture asks something');
        const other = {
          ...asked,
          id: 'other',
          title: { zh: '另一件事', en: 'Another thing' },
          script: { zh: '照着念', en: 'Say so' },
        };
        server.room.mains = false;
        server.setIncidents({ ...outage, steps: [...outage.steps, other] });
      },
    });
    await page.locator('section.ask').first().waitFor();
    expect(await page.getByText('照着念').isVisible()).toBe(false);
    await page.locator('details.folded summary').filter({ hasText: '另一件事' }).click();
    await page.getByText('照着念').waitFor();
    const ended = page.locator('details.fold').filter({ hasText: '已结束 1 步' });
    expect(await ended.getByText('通知值班员和主任').isVisible()).toBe(false);
    await ended.locator('summary').click();
    await ended.getByText('通知值班员和主任').waitFor();
  });

  test('readiness is one line on the overview, and each part says what to do', async () => {
    await open('/');
    await page.getByRole('link', { name: /就绪 2\/3/ }).click();
    await page.getByText('还没有演练过，请安排一次。').waitFor();
    await page.getByText('只够关机').waitFor();
    await page.getByRole('button', { name: '现在测试' }).click();
    await expect.poll(() => mock.commands).toEqual([{ kind: 'readiness.test', contacts: false }]);
  });

  test('a planned outage is written down in the site’s own time', async () => {
    await open('/outages');
    await page.getByLabel('停电开始').fill('2099-01-02T09:30');
    await page.getByLabel('停电结束').fill('2099-01-02T09:00');
    await page.getByLabel('通知来源和原因').fill('配电室来电话：检修');
    await page.getByText('结束时间要晚于开始时间。').waitFor();
    expect(await page.getByRole('button', { name: '登记' }).isDisabled()).toBe(true);
    await page.getByLabel('停电结束').fill('2099-01-02T11:00');
    await page.getByRole('button', { name: '登记' }).click();
    await expect
      .poll(() => mock.commands)
      .toMatchObject([{ kind: 'outage.plan', from: '2099-01-02T01:30:00.000Z', to: '2099-01-02T03:00:00.000Z' }]);
  });

  test('handing over needs a person, and then goes out with the note', async () => {
    await open(`/incidents/${INCIDENT}`, { before: outage });
    await page.getByRole('button', { name: '交接' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('button', { name: '交接' }).isDisabled()).toBe(true);
    await dialog.getByLabel('接手人').selectOption({ index: 1 });
    await dialog.getByRole('button', { name: '交接' }).click();
    await expect.poll(() => mock.commands).toMatchObject([{ kind: 'incident.hand-over', note: '' }]);
  });

  test('the simulator panel shows the change only when the room itself has said so', async () => {
    await open('/simulator');
    await page.getByRole('button', { name: '切断市电' }).click();
    await page.getByRole('button', { name: '恢复市电' }).waitFor();
    expect(mock.room.mains).toBe(false);
  });

  test.each([
    ['/', 390],
    [`/incidents/${INCIDENT}`, 390],
    ['/alerts', 390],
    ['/devices/ups-1', 390],
    ['/simulator', 390],
    ['/readiness', 390],
    ['/outages', 390],
    ['/tasks', 390],
    ['/incidents', 390],
    [`/incidents/${INCIDENT}/report`, 390],
    ['/settings', 320],
  ])('%s fits a screen of %d px without sideways scrolling, in English too', async (path, width) => {
    await open(path, { width, locale: 'en-GB', before: outage });
    await page.locator('main .page').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  });

  test('an incident, a device and a page that are not there say so', async () => {
    await open('/incidents/none');
    await page.getByText('没有这个事件').waitFor();
    await page.goto(`${mock.url}/devices/none`);
    await page.getByText('没有这台设备').waitFor();
    await page.goto(`${mock.url}/nonsense/here`);
    await page.getByText('没有这个页面').waitFor();
  });

  test('a part of the service that is silent is said plainly: without the alerts service nobody decides', async () => {
    await open('/', { before: (server) => server.setTrouble('alerts', 'recorder') });
    await page.getByText('现在没有系统在判断和处置').waitFor();
    await page.getByText('读数没有存下来').waitFor();
    await page.getByText('系统没有在值守').waitFor();
    expect(await page.getByText('一切正常').count()).toBe(0);
    // Asked again as soon as the connection is back.
    mock.setTrouble();
    mock.setReachable(false);
    await page.getByText(/与服务器断开/).waitFor();
    mock.setReachable(true);
    await page.getByText('现在没有系统在判断和处置').waitFor({ state: 'detached' });
  });

  test('a history that is behind is said calmly, in both languages; the room is watched all the same', async () => {
    await open('/', { before: (server) => server.setTrouble('history') });
    await page.getByText('历史曲线暂时滞后').waitFor();
    await page.getByText('一切正常').waitFor();
    await open('/', { locale: 'en', before: (server) => server.setTrouble('thinning') });
    await page.getByText('older readings were thinned').waitFor();
    expect(await page.getByText('The history is behind').count()).toBe(0);
  });
});
