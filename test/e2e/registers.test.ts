import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SessionView } from '#core/api.ts';
import type { EntriesResponse } from '#core/paperwork/register-view.ts';
import { launchChromium } from '../support/browser.ts';
import { describeReal } from '../support/real.ts';
import { type RunningService, runService } from '../support/running-service.ts';

/** The registers as people use them, in Chinese, against the whole service: at the door, through a repair, and with somebody else's consent. */

const SHOTS = join(import.meta.dirname, 'shots/registers');
const LONG = { timeout: 30_000 };
const PASSWORD = 'a made-up pass phrase';

describeReal('chromium', 'the registers of the running service', () => {
  let service: RunningService;
  let browser: Browser;
  const complaints: string[] = [];
  interface Person {
    readonly page: Page;
    readonly cookie: string;
  }
  let door: Person;
  let lin: Person;
  let zhou: Person;
  let admin: Person;

  beforeAll(async () => {
    mkdirSync(SHOTS, { recursive: true });
    service = await runService();
    browser = await launchChromium();
    const first = await session('admin', service.password);
    const head = await newPassword(first, service.password, 'admin');
    admin = await personOf(head, 1440);
    lin = await personOf(await account(head, 'lin', '林浩', 'duty', 'lin-hao'), 1440);
    zhou = await personOf(await account(head, 'zhou', '周敏', 'director', 'zhou-min'), 1440);
    door = await personOf(await account(head, 'door', '门口手机', 'duty', null), 390);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await service?.stop();
  });

  interface Signed {
    readonly cookie: string;
    readonly csrf: string;
  }
  async function session(user: string, password: string): Promise<Signed> {
    const response = await fetch(`${service.url}/api/v1/session`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ user, password }) },
    });
    expect(response.status).toBe(200);
    const { csrf } = (await response.json()) as SessionView;
    return { csrf, cookie: (response.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '' };
  }
  async function call(by: Signed, method: string, path: string, body: unknown): Promise<unknown> {
    const headers = { 'content-type': 'application/json', cookie: by.cookie, 'x-zhishou-csrf': by.csrf };
    const response = await fetch(`${service.url}/api/v1${path}`, { method, headers, body: JSON.stringify(body) });
    expect(response.ok, `${method} ${path} ${response.status}`).toBe(true);
    return response.status === 204 ? null : await response.json();
  }
  async function newPassword(by: Signed, current: string, user: string): Promise<Signed> {
    await call(by, 'PUT', '/password', { current, next: PASSWORD });
    return session(user, PASSWORD);
  }
  async function account(by: Signed, user: string, name: string, role: string, person: string | null): Promise<Signed> {
    const made = (await call(by, 'POST', '/users', { user, name, role, person })) as { password: string };
    return newPassword(await session(user, made.password), made.password, user);
  }
  async function personOf({ cookie }: Signed, width: number): Promise<Person> {
    const height = width < 600 ? 844 : 900;
    const context = await browser.newContext({
      ...{ locale: 'zh-CN', viewport: { width, height }, hasTouch: width < 600, serviceWorkers: 'block' },
    });
    const [name = '', value = ''] = cookie.split('=');
    await context.addCookies([{ name, value, url: service.url }]);
    const page = await context.newPage();
    page.setDefaultTimeout(LONG.timeout);
    page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
    return { page, cookie };
  }

  const open = async ({ page }: Person, path: string): Promise<void> => {
    await page.goto(service.url + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
  };
  const press = (where: Page | Locator, name: string): Promise<void> =>
    where.getByRole('button', { name, exact: true }).click();
  /** The step's own dialog: filled in, confirmed, gone. */
  const step = async ({ page }: Person, name: string, fill?: (dialog: Locator) => Promise<void>): Promise<void> => {
    await press(page, name);
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    await fill?.(dialog);
    await press(dialog, name);
    await dialog.waitFor({ state: 'hidden' });
  };
  const shot = ({ page }: Person, name: string): Promise<unknown> =>
    page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
  const entryOf = ({ page }: Person): string => new URL(page.url()).pathname;
  const state = (person: Person, label: string): Promise<void> =>
    person.page.locator('main header').getByText(label, { exact: true }).waitFor();
  const sign = async (page: Page, dialog: Locator): Promise<void> => {
    const pad = dialog.locator('.pad svg');
    await pad.scrollIntoViewIfNeeded();
    const box = await pad.boundingBox();
    if (box === null) throw new Error('nowhere to sign');
    await page.mouse.move(box.x + 40, box.y + 60);
    await page.mouse.down();
    for (const [x, y] of [
      [90, 30],
      [130, 90],
      [190, 40],
      [260, 80],
    ] as const)
      await page.mouse.move(box.x + x, box.y + y, { steps: 4 });
    await page.mouse.up();
  };

  test('a visitor signs in on a telephone by the code at the door, the host confirms, the visitor signs out (O-REG-2)', async () => {
    await open(lin, '/registers/auxiliary-room?door=1');
    await lin.page.getByText('进出请扫码登记').waitFor();
    const address = await lin.page.locator('.address').innerText();
    const { page } = door;
    await page.goto(address);
    await page.getByLabel('来访人姓名').fill('赵强');
    await page.getByLabel('接待人').selectOption({ label: '林浩' });
    await page.getByLabel('事由').fill('更换门禁电池');
    await shot(door, '1-door-form');
    await press(page, '签到');
    await page.getByText('待接待人确认').waitFor();
    expect(await page.getByRole('button', { name: '签出' }).count()).toBe(0);

    await open(lin, '/paperwork');
    await lin.page.getByRole('link', { name: /赵强/ }).waitFor();
    await shot(lin, '2-waiting-for-the-host');
    await lin.page.getByRole('link', { name: /赵强/ }).click();
    await step(lin, '确认接待');
    await state(lin, '在机房内');

    // Nobody reloads: the telephone at the door and the host's page hear of each other.
    await page.getByRole('button', { name: '签出', exact: true }).waitFor();
    await shot(door, '3-inside');
    await step(door, '签出');
    await page.getByText('签出 ·').waitFor();
    await state(lin, '已离开');
    await shot(lin, '4-left');
  }, 120_000);

  test('a repair: reported, approved by the director’s password, mended, signed, confirmed at the meeting (O-REG-6)', async () => {
    await open(lin, '/registers/repairs/new');
    const { page } = lin;
    await page.getByLabel(/^设备/).selectOption({ label: 'UPS 一号' });
    await page.getByLabel('资产编号').fill('ZC-2019-0042');
    await page.getByLabel('故障现象').fill('电池报警');
    await press(page, '提交');
    await page.getByText('已登记，编号').waitFor();
    const path = entryOf(lin);
    // Whoever wrote it does not approve it.
    expect(await page.getByRole('button', { name: '批准', exact: true }).count()).toBe(0);

    await open(zhou, path);
    await shot(zhou, '5-repair-waits');
    await step(zhou, '批准', (dialog) => dialog.getByLabel(/登录密码/).fill(PASSWORD));
    await state(zhou, '已批准');

    await page.reload();
    await step(lin, '室内维修', async (dialog) => {
      await dialog.getByLabel('维修人或单位').fill('示例维修公司');
      await dialog.getByLabel('预计完成').fill('2027-01-15');
    });
    await step(lin, '已修复', async (dialog) => {
      await dialog.getByLabel('实际费用').fill('1 280,50');
      await sign(page, dialog);
      await shot(lin, '6-signing');
    });
    await state(lin, '已修复，待例会确认');
    await open(zhou, path);
    await step(zhou, '例会确认');
    await state(zhou, '例会已确认，待复查');
    await zhou.page.getByText('1 280.50 元').first().waitFor();
    await zhou.page.getByText('90 天内复查').first().waitFor();
    await shot(zhou, '7-repair-confirmed');
    await open(lin, '/registers/repairs');
    await shot(lin, '8-repairs');
  }, 120_000);

  test('a correction shows both versions and why (O-REG-1)', async () => {
    await open(lin, '/registers/core-room/new');
    const { page } = lin;
    await page.getByLabel('工作内容').fill('更换滤网');
    await press(page, '提交');
    await page.getByText('已登记，编号').waitFor();
    await press(page, '更正');
    await page.getByLabel('工作内容').fill('更换精密空调滤网');
    await page.getByLabel(/^原因/).fill('写得不清楚');
    await press(page, '保存更正');
    await page.getByText('更正已保存').waitFor();
    const last = page.locator('ol > li').last();
    expect(await last.locator('del').innerText()).toContain('更换滤网');
    expect(await last.locator('ins').innerText()).toContain('更换精密空调滤网');
    await last.getByText('原因：写得不清楚').waitFor();
    await shot(lin, '9-corrected');
    await step(lin, '签出');
    await state(lin, '已离开');
  }, 120_000);

  test('a change is consented to by somebody else only, the director’s own too (O-CHG-1)', async () => {
    await open(zhou, '/registers/changes/new');
    const { page } = zhou;
    await page.getByLabel('电源插座').check();
    await page.getByLabel('在“设备”中查找').fill('配电');
    await page.getByLabel('配电单元').first().check();
    await page.getByLabel('原因和内容').fill('更换 3 号插座上的服务器电源');
    await page.getByLabel('从', { exact: true }).fill('2027-11-25T17:00');
    await page.getByLabel('到', { exact: true }).fill('2027-11-25T18:00');
    await page.getByLabel('影响和风险').fill('三号服务器短时断电');
    await page.getByLabel('回退办法').fill('插回原插座');
    await press(page, '提交');
    await page.getByText('已登记，编号').waitFor();
    const path = entryOf(zhou);
    expect(await page.getByRole('button', { name: '同意', exact: true }).count()).toBe(0);
    await shot(zhou, '10-own-change');
    await open(lin, path);
    expect(await lin.page.getByRole('button', { name: '同意', exact: true }).count()).toBe(0);
    await open(admin, path);
    await step(admin, '同意', (dialog) => dialog.getByLabel(/登录密码/).fill(PASSWORD));
    await state(admin, '已同意');
    await shot(admin, '11-change-approved');
    expect(complaints).toEqual([]);
  }, 120_000);

  test('a photo goes through the canvas and the service takes it', async () => {
    await open(lin, '/registers/repairs');
    const { page } = lin;
    await page
      .getByRole('link', { name: /^\d{4}-\d{4}$/ })
      .first()
      .click();
    const picture = await page.screenshot({ type: 'png' });
    await page.getByLabel('选择图片').setInputFiles({ name: '1.png', mimeType: 'image/png', buffer: picture });
    await page.getByRole('button', { name: '放大第 1 张照片' }).click();
    await expect
      .poll(() => page.locator('img.whole').evaluate((image: HTMLImageElement) => image.naturalWidth), LONG)
      .toBeGreaterThan(600);
    await page.keyboard.press('Escape');
    const answer = await fetch(`${service.url}/api/v1/registers/repairs/entries`, { headers: { cookie: lin.cookie } });
    expect(((await answer.json()) as EntriesResponse).entries[0]?.photos).toBe(1);
  }, 120_000);
});
