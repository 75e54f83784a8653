import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Role } from '#core/command.ts';
import type { ForecastView } from '#core/forecast.ts';
import type { IncidentView } from '#core/incident.ts';
import { describeReal, findProgram } from '../support/real.ts';
import { type BuiltPage, buildPage } from './build-page.ts';
import { type ForecastFixture, forecastAt } from './fixture-forecast.ts';
import { INCIDENT, outageAt } from './fixture-incident.ts';
import { iso } from './fixture-room.ts';
import { type MockServer, startMock } from './mock-server.ts';

/** The incident's page in a real browser, at night on a phone and at the desk, in both languages: over the interface's fixtures. */

const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1440, height: 900 };

describeReal('chromium', 'the incident page', () => {
  let browser: Browser;
  let built: BuiltPage;
  let mock: MockServer;
  let context: BrowserContext;
  let page: Page;
  let complaints: string[] = [];
  let forecast: ForecastView | null = null;

  beforeAll(async () => {
    built = await buildPage();
    browser = await chromium.launch({ executablePath: findProgram('chromium') ?? '', args: FLAGS });
  }, 120_000);
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
    readonly role?: Role;
    readonly locale?: string;
    readonly size?: { readonly width: number; readonly height: number };
    readonly incident?: IncidentView;
    readonly forecast?: ForecastView | null;
  }
  async function open(options: Opening = {}): Promise<void> {
    forecast = options.forecast === undefined ? forecastAt(Date.now()) : options.forecast;
    mock = await startMock({
      role: options.role ?? 'operator',
      guests: true,
      folder: built.folder,
      forecast: () => forecast,
    });
    mock.room.mains = false;
    mock.setIncidents(options.incident ?? outageAt(Date.now()));
    context = await browser.newContext({ locale: options.locale ?? 'zh-CN', viewport: options.size ?? DESK });
    page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) && !/Failed to load resource/.test(message.text()))
        complaints.push(message.text());
    });
    await page.goto(`${mock.url}/incidents/${INCIDENT}`);
  }
  const tell = (fixture: ForecastFixture): void => {
    forecast = forecastAt(Date.now(), fixture);
    mock.emit('forecast', { incident: INCIDENT, at: forecast.at });
  };
  /** A busy machine takes its time. */
  const poll = <T>(look: () => T) => expect.poll(look, { timeout: 15_000 });
  const answer = (name: string | RegExp) => page.getByRole('button', { name });

  test.each([
    ['zh-CN', PHONE, /超过 90 分钟.*立即备份并关机.*全部关闭；电池 \d\d:\d\d 耗尽/, /拿不准时：他们也不知道/],
    [
      'en',
      DESK,
      /More than 90 minutes.*Backup and shutdown start now.*All down at \d\d:\d\d; battery empty/,
      /If in doubt: They do not know/,
    ],
  ] as const)(
    'each answer says what it leads to, with clock times, and the one for whoever does not know is named (%s)',
    async (locale, size, said, advice) => {
      await open({ locale, size });
      await answer(said).waitFor();
      await page.getByText(advice).first().waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    },
  );

  test('an answer with a time says both sides of the border, and only its own once the minutes are there', async () => {
    await open();
    const given = answer(/^给出分钟数/);
    await poll(() => given.textContent()).toMatch(/\d\d:\d\d 前：继续等待来电.*\d\d:\d\d 后：立即备份并关机/);
    await given.click();
    await page.getByRole('button', { name: '30 分' }).click();
    await poll(() => given.textContent()).not.toMatch(/立即备份并关机/);
    await page.getByLabel('分钟', { exact: true }).fill('95');
    await poll(() => given.textContent()).toMatch(/立即备份并关机/);
    await poll(() => given.textContent()).not.toMatch(/继续等待来电/);
    await page.getByRole('button', { name: '提交' }).click();
    await poll(() => mock.commands).toMatchObject([{ answer: 'given', minutes: 95 }]);
  });

  test('what wavers by a minute stands still while it is read; another verdict is there at once', async () => {
    await open();
    const within = answer(/^90 分钟以内/);
    await poll(() => within.textContent()).toMatch(/自动开始关机/);
    const before = await within.textContent();
    tell({ shiftMs: 60_000 });
    await page.waitForResponse((response) => response.url().endsWith('/forecast'));
    await page.evaluate(() => new Promise(requestAnimationFrame));
    expect(await within.textContent()).toBe(before);
    const top = (await answer(/^超过 90 分钟/).boundingBox())?.y;
    tell({ shiftMs: 60_000, late: true });
    await poll(() => within.textContent()).toMatch(/来不及备份：三号服务器/);
    await page.getByText(/拿不准时：超过 90 分钟/).waitFor();
    expect((await answer(/^超过 90 分钟/).boundingBox())?.y).toBe(top);
  });

  test('without a forecast the answers are there all the same, with what the incident itself says of them', async () => {
    await open({ forecast: null });
    await answer(/超过 90 分钟.*立即备份三台服务器/).waitFor();
    await answer(/超过 90 分钟/).click();
    await poll(() => mock.commands).toMatchObject([{ answer: 'over' }]);
  });

  test('an order says what it leads to before it is given; one that is not possible says why', async () => {
    await open();
    await answer(/立即开始关机流程.*立即备份并关机/).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/全部关闭；电池/).waitFor();
    await page.keyboard.press('Escape');
    expect(await page.getByRole('button', { name: '解除', exact: true }).count()).toBe(0);
    await page.getByText('现在不能“解除”，原因').click();
    await page.getByText('市电尚未恢复，无可解除').waitFor();
  });

  test('a waiver takes a reason and says what it leads to', async () => {
    await open();
    await page.getByRole('button', { name: /^免除 给配电室打电话/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('免除后：').waitFor();
    await dialog.getByLabel(/原因/).fill('配电室已来电');
    await dialog.getByRole('button', { name: '免除' }).click();
    await poll(() => mock.commands).toMatchObject([{ kind: 'incident.waive', reason: '配电室已来电' }]);
  });

  test.each([
    ['zh-CN', '答复', '打电话', '指令', /超过 90 分钟/],
    ['en', 'Answer', 'Call', 'Orders', /More than 90 minutes/],
  ] as const)('on a phone everything is under the thumb (%s)', async (locale, answers, call, orders, over) => {
    await open({ locale, size: PHONE });
    const bar = page.getByRole('navigation').filter({ has: page.getByRole('button', { name: orders, exact: true }) });
    for (const name of [answers, call, orders]) {
      const box = await bar.getByRole('button', { name, exact: true }).boundingBox();
      expect(box?.y).toBeGreaterThan(PHONE.height / 2);
      expect(box?.height).toBeGreaterThanOrEqual(44);
    }
    await bar.getByRole('button', { name: call, exact: true }).click();
    const sheet = page.getByRole('dialog');
    expect(
      await sheet
        .getByRole('link', { name: /100 0000 0100/ })
        .first()
        .getAttribute('href'),
    ).toBe('tel:10000000100');
    await page.keyboard.press('Escape');
    await bar.getByRole('button', { name: answers, exact: true }).click();
    const small = await sheet
      .getByRole('button')
      .evaluateAll((all) =>
        all.map((one) => one.getBoundingClientRect()).filter(({ height, width }) => height < 44 || width < 44),
      );
    expect(small).toEqual([]);
    await sheet.getByRole('button', { name: over }).click();
    await poll(() => mock.commands).toMatchObject([{ kind: 'incident.answer', answer: 'over' }]);
  });

  /** What the duty person sees when a colleague has answered the question on their screen. */
  const answeredBySomebodyElse = (now: number): IncidentView => {
    const before = outageAt(now);
    const by = 'lin-hao';
    const steps = before.steps.map((step) =>
      step.id === 'ask-power-department'
        ? {
            ...step,
            state: 'done' as const,
            answer: { id: 'within', label: { zh: '90 分钟以内', en: 'Within 90 minutes' }, by, at: iso(Date.now()) },
          }
        : step,
    );
    return { ...before, phase: 'holding', steps };
  };

  test('somebody else answers meanwhile: it is told, and the question does not vanish without a word', async () => {
    const now = Date.now();
    await open({ incident: outageAt(now) });
    await answer(/超过 90 分钟/).waitFor();
    mock.setIncidents(answeredBySomebodyElse(now));
    const news = page.getByRole('status').filter({ hasText: '已答复' });
    await news.getByText(/已答复“给配电室打电话：停电多久？”：90 分钟以内/).waitFor();
    await news.getByRole('button', { name: '知道了' }).click();
    await poll(() => news.count()).toBe(0);
    await page.getByRole('button', { name: '更改答复' }).waitFor();
  });

  test('a request answered late does not take back what the stream has told since: no question is open twice', async () => {
    const now = Date.now();
    await open({ incident: outageAt(now) });
    await answer(/超过 90 分钟/).waitFor();
    let deliver = (): void => {};
    const late = new Promise<void>((resolve) => {
      deliver = resolve;
    });
    await page.route(`**/incidents/${INCIDENT}`, async (route) => {
      if (route.request().resourceType() === 'document') return route.continue();
      const response = await route.fetch();
      await late;
      await route.fulfill({ response });
    });
    const asked = page.waitForRequest((request) => request.url().includes(`/api/v1/incidents/${INCIDENT}`));
    await page.reload();
    await asked;
    await answer(/超过 90 分钟/).waitFor();
    mock.setIncidents(answeredBySomebodyElse(now));
    await page.getByRole('button', { name: '更改答复' }).waitFor();
    const told = page.waitForResponse((response) => response.url().includes('/deliveries?incident='));
    deliver();
    await told;
    expect(await answer(/超过 90 分钟/).count()).toBe(0);
    await page.getByRole('button', { name: '更改答复' }).waitFor();
  });

  test('who does what, whom to call with role and duty, and the record by what one looks for', async () => {
    await open();
    const doing = page.getByRole('region', { name: '谁在做什么' });
    await doing.getByText('高洁').waitFor();
    await doing.getByText(/待答复：给配电室打电话/).waitFor();
    const contacts = page.getByRole('region', { name: '联系谁' });
    await contacts.getByRole('link', { name: /动力分公司配电室.*100 0000 0100.*外部/ }).waitFor();
    await contacts
      .getByText(/现在值班/)
      .first()
      .waitFor();
    const record = page.getByRole('region', { name: '全程记录' });
    await record.getByText(/记录完整：.* 412 条/).waitFor();
    const lines = record.getByRole('listitem');
    const all = await lines.count();
    await record.getByRole('button', { name: '决定' }).click();
    await poll(() => lines.count()).toBeLessThan(all);
    await record.getByRole('button', { name: '全部' }).click();
    await record.getByRole('searchbox').fill('没有这样的一行');
    await record.getByText('没有符合的记录。').waitFor();
  });

  test('a viewer sees what answers would lead to nobody: nothing is offered that would be refused', async () => {
    await open({ role: 'viewer', size: PHONE });
    await page.getByText('需要值班员或以上角色来答复。').first().waitFor();
    expect(await page.getByRole('button', { name: '答复', exact: true }).count()).toBe(0);
    await page.getByText('没有人答复：').waitFor();
  });
});
