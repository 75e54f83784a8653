import { deflateSync } from 'node:zlib';
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Role } from '#core/command.ts';
import { isDrawing } from '#core/paperwork/drawn-signature.ts';
import type { EntryMoveGiven, NewEntry } from '#core/paperwork/register-view.ts';
import { launchChromium } from '../support/browser.ts';
import { describeReal } from '../support/real.ts';
import { type BuiltPage, buildPage } from './build-page.ts';
import { type RegistersFixture, registersAt } from './fixture-registers.ts';
import { type MockServer, startMock } from './mock-server.ts';

/** A PNG of one colour, as large as a camera's picture. */
function bigPicture(width: number, height: number): Buffer {
  const crcs = Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c >>> 0;
  });
  const crc = (bytes: Buffer): number =>
    ~bytes.reduce((sum, byte) => crcs[(sum ^ byte) & 255]! ^ (sum >>> 8), ~0) >>> 0;
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 0, 0, 0, 0], 8);
  const rows = Buffer.alloc((width + 1) * height, 128);
  for (let row = 0; row < height; row++) rows[row * (width + 1)] = 0;
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
/** Width and height of a JPEG: its first frame header. */
function sizeOfJpeg(bytes: Buffer): { width: number; height: number } | null {
  for (let at = 2; at + 9 < bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes.readUInt16BE(at);
    if (marker >= 0xffc0 && marker <= 0xffc3)
      return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
  }
  return null;
}

describeReal('chromium', 'the registers’ pages in Chromium', () => {
  let built: BuiltPage;
  let browser: Browser;
  let mock: MockServer;
  let books: RegistersFixture;
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

  async function open(
    path: string,
    options: { role?: Role | null; locale?: string; width?: number; director?: boolean } = {},
  ): Promise<void> {
    const { role = 'operator', locale = 'zh-CN', width = 1440, director = false } = options;
    books = registersAt(Date.now());
    if (director) books.me = { user: 'zhou-min', name: '周敏', role: 'director' };
    mock = await startMock({ role, guests: true, folder: built.folder, also: books.also });
    context = await browser.newContext({
      ...{ locale, viewport: { width, height: 900 }, hasTouch: width < 600, timezoneId: 'Europe/Berlin' },
    });
    page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) && !/Failed to load resource/.test(message.text()))
        complaints.push(message.text());
    });
    await page.goto(mock.url + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
  }
  const sent = <T>(): T => books.sent.at(-1)?.body as T;
  const submit = () => page.getByRole('button', { name: '提交', exact: true }).click();

  test('each kind of field has the input that it wants, filled in beforehand, and is sent as its value', async () => {
    await open('/registers/everything/new');
    expect(await page.getByLabel('电话').getAttribute('inputmode')).toBe('tel');
    expect(await page.getByLabel('金额').getAttribute('inputmode')).toBe('decimal');
    // On duty, and me: by name.
    expect(await page.getByLabel('人员 选填', { exact: true }).inputValue()).toBe('gao-jie');
    expect(await page.getByRole('group', { name: '多名人员' }).getByLabel('高洁').isChecked()).toBe(true);
    await page.getByLabel('文字', { exact: true }).fill(' 换滤网 ');
    await page.getByLabel('长文字').fill('一\n二');
    await page.getByLabel('数字').fill('21,5');
    await page.getByLabel('金额').fill('1200.5');
    await page.getByLabel('日期').fill('2026-11-23');
    await page.getByLabel('时刻').fill('2026-11-23T08:30');
    await page.getByRole('group', { name: '是否' }).getByLabel('否').check();
    await page.getByLabel('绿').check();
    await page.getByLabel('左').check();
    await page.getByLabel('设备 选填', { exact: true }).selectOption({ label: '精密空调' });
    await page.getByLabel('在“多台设备”中查找').fill('UPS');
    await page.getByLabel('UPS 一号').check();
    await page.getByLabel('机房 选填', { exact: true }).selectOption('auxiliary');
    await page.getByLabel('电话').fill('010 1234 5678');
    await page.getByLabel('维修单').selectOption('2026-0002');
    await submit();
    await page.waitForURL(/entries\/2026-0010/);
    const { moment, ...values } = sent<NewEntry>().values;
    expect(moment).toBe('2026-11-23T00:30:00.000Z');
    expect(values).toEqual({
      ...{ text: '换滤网', 'long-text': '一\n二', number: 21.5, money: 1200.5, date: '2026-11-23', 'yes-no': false },
      ...{ choice: 'green', choices: ['left'], person: 'gao-jie', people: ['gao-jie'], device: 'ac-1' },
      ...{ devices: ['ups-1'], room: 'auxiliary', phone: '010 1234 5678', entry: '2026-0002' },
    });
    await page.getByText('已登记，编号 2026-0010。').waitFor();
    await page.getByRole('link', { name: 'UPS 一号' }).waitFor();
  });

  test('what is wrong stands beside its field, in the service’s words where it said so', async () => {
    await open('/registers/everything/new');
    await page.getByLabel('数字').fill('99');
    await submit();
    await page.getByText('请填写。').waitFor();
    await page.getByText('不能大于 60。').waitFor();
    expect(books.sent).toEqual([]);
    expect(await page.getByLabel('文字', { exact: true }).evaluate((it) => it === document.activeElement)).toBe(true);
    await page.getByLabel('数字').fill('60');
    await page.getByLabel('文字', { exact: true }).fill('禁用词');
    await submit();
    await page.getByText('这个词不能用').waitFor();
    expect(await page.getByLabel('文字', { exact: true }).getAttribute('aria-invalid')).toBe('true');
  });

  test('what was typed outlives a lost connection and a closed page, and is one entry however often it is sent', async () => {
    await open('/registers/core-room/new');
    await page.getByLabel('工作内容').fill('更换二号服务器硬盘');
    books.fail = 'offline';
    await submit();
    await page.getByText('填写的内容已留在这台设备上').waitFor();
    await page.reload();
    await page.getByText('没有提交的内容').waitFor();
    expect(await page.getByLabel('工作内容').inputValue()).toBe('更换二号服务器硬盘');
    books.fail = null;
    await submit();
    await page.waitForURL(/entries\/2026-0010/);
    expect(sent<NewEntry>().values.work).toBe('更换二号服务器硬盘');
    expect(String(books.sent.at(-1)?.headers['idempotency-key'])).toMatch(/^[0-9a-f]{32}$/);
    await page.goto(`${mock.url}/registers/core-room/new`);
    expect(await page.getByLabel('工作内容').inputValue()).toBe('');
  });

  test('a device’s page leads to its repair, and shows what is open (O-REG-6)', async () => {
    await open('/devices/ac-1');
    await page.getByRole('link', { name: '维修登记 2026-0002' }).waitFor();
    await page.getByRole('link', { name: '登记：维修登记' }).click();
    expect(await page.getByLabel('设备').inputValue()).toBe('ac-1');
    await page.getByLabel('故障现象').fill('异响');
    await page.getByLabel('选择图片').setInputFiles({
      ...{ name: '1.png', mimeType: 'image/png', buffer: bigPicture(40, 30) },
    });
    await page.getByRole('img', { name: '第 1 张照片' }).waitFor();
    books.fail = 'offline';
    await submit();
    await page.getByText('填写的内容已留在这台设备上').waitFor();
    await page.goto(`${mock.url}/registers/repairs/new`);
    // The photo was kept with what was typed.
    await page.getByRole('img', { name: '第 1 张照片' }).waitFor();
    expect(await page.getByLabel('设备').inputValue()).toBe('ac-1');
    books.fail = null;
    await submit();
    await page.waitForURL(/entries\/2026-0010/);
    expect(books.photos.map(sizeOfJpeg)).toEqual([{ width: 40, height: 30 }]);
  });

  test('a session that ended takes nothing away', async () => {
    await open('/registers/core-room/new');
    await page.getByLabel('工作内容').fill('巡检');
    books.fail = 'signed-out';
    await submit();
    await page.getByText('填写的内容已留在这台设备上').waitFor();
    books.fail = null;
    await page.getByRole('main').getByRole('link', { name: '登录' }).click();
    await page.getByLabel('用户名').fill('gao-jie');
    await page.getByLabel('密码').fill('right-password');
    await page.getByRole('button', { name: '登录' }).click();
    await page.waitForURL(/core-room\/new/);
    await expect.poll(() => page.getByLabel('工作内容').inputValue(), { timeout: 15_000 }).toBe('巡检');
  });

  test('at the door: in with three touches, and out again what is in (O-REG-1)', async () => {
    await open('/registers/core-room/new?quick=1', { width: 390 });
    await page.getByLabel('工作内容').fill('更换滤网');
    await page.getByRole('button', { name: '签到', exact: true }).click();
    await page.getByText('已登记，编号 2026-0010').waitFor();
    // What the door does not ask goes along.
    expect(Object.keys(sent<NewEntry>().values).sort()).toEqual(['in-at', 'person', 'work']);
    await page.reload();
    await page.getByRole('button', { name: '签出' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '签出' }).click();
    await expect.poll(() => books.entries.get('core-room/2026-0010')?.state, { timeout: 15_000 }).toBe('left');
    await page.getByRole('button', { name: '签到', exact: true }).waitFor();
  });

  test('a step is signed with the password, and a wrong one says so (O-REG-6)', async () => {
    await open('/registers/repairs/entries/2026-0002', { director: true, role: 'director' });
    await page.getByRole('button', { name: '批准', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: '批准' }).click();
    await dialog.getByText('请签名。').waitFor();
    await dialog.getByLabel(/登录密码/).fill('wrong');
    await dialog.getByRole('button', { name: '批准' }).click();
    await dialog.getByText('密码不正确').waitFor();
    await dialog.getByLabel(/登录密码/).fill('right-password');
    await dialog.getByRole('button', { name: '批准' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByText('已用密码签名').waitFor();
    expect(books.sent.at(-1)?.headers['if-match']).toBe('"v3"');
    expect(await page.getByRole('button', { name: '批准', exact: true }).count()).toBe(0);
  });

  test('a signature is drawn, undone and drawn again; a keyboard types the password', async () => {
    await open('/registers/repairs/entries/2026-0002');
    books.entries.set('repairs/2026-0002', { ...books.entries.get('repairs/2026-0002')!, state: 'approved' });
    await page.reload();
    await page.getByRole('button', { name: '修好了' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('维修人').fill('张三');
    await dialog.getByLabel('费用').fill('350');
    const pad = dialog.locator('.pad svg');
    const stroke = async (y: number): Promise<void> => {
      const box = (await pad.boundingBox())!;
      await page.mouse.move(box.x + 40, box.y + y);
      await page.mouse.down();
      await page.mouse.move(box.x + 140, box.y + y + 20, { steps: 6 });
      await page.mouse.move(box.x + 240, box.y + y, { steps: 6 });
      await page.mouse.up();
    };
    await stroke(40);
    await stroke(80);
    await dialog.getByRole('button', { name: '退一笔' }).click();
    // The same with keys.
    await dialog.locator('.sheet').focus();
    for (const key of ['ArrowRight', ' ', 'ArrowRight', 'ArrowDown', 'ArrowRight', ' ']) await page.keyboard.press(key);
    await dialog.getByRole('button', { name: '修好了' }).click();
    await dialog.waitFor({ state: 'hidden' });
    const { signature, values } = sent<EntryMoveGiven>();
    expect(values).toEqual({ repairer: '张三', phone: null, cost: 350 });
    if (signature?.kind !== 'drawn') throw new Error('not drawn');
    expect(isDrawing(signature.path)).toBe(true);
    expect(signature.path.match(/M/g)).toHaveLength(2);
    await page.getByText('已手写签名').waitFor();
  });

  test('photos are made small before they are sent, several one after the other', async () => {
    await open('/registers/repairs/new');
    await page.getByLabel('设备').selectOption('ups-1');
    await page.getByLabel('故障现象').fill('蜂鸣');
    const files = [1, 2].map((n) => ({ name: `${n}.png`, mimeType: 'image/png', buffer: bigPicture(2400, 1200) }));
    await page.getByLabel('选择图片').setInputFiles(files);
    await page.getByRole('img', { name: '第 2 张照片' }).waitFor();
    await page
      .getByLabel('选择图片')
      .setInputFiles({ name: 'x.heic', mimeType: 'image/heic', buffer: Buffer.from('no') });
    await page.getByText('读不懂图片 x.heic').waitFor();
    await submit();
    await page.waitForURL(/entries\/2026-0010/);
    expect(books.photos.map(sizeOfJpeg)).toEqual([
      { width: 1600, height: 800 },
      { width: 1600, height: 800 },
    ]);
    await page.getByRole('button', { name: '放大第 1 张照片' }).click();
    await page.getByRole('dialog', { name: '照片' }).waitFor();
    await page.keyboard.press('ArrowRight');
    await page.getByText('第 2 张，共 2 张').waitFor();
    await page.keyboard.press('Escape');
  });

  test('a correction says what it was and what it is now, and asks why', async () => {
    await open('/registers/repairs/entries/2026-0002');
    await page.getByRole('button', { name: '更正', exact: true }).click();
    await page.getByRole('button', { name: '保存更正' }).click();
    await page.getByText('内容没有改动。').waitFor();
    await page.getByLabel('故障现象').fill('风扇停转');
    await page.getByLabel(/^原因/).fill('写错了');
    await page.getByRole('button', { name: '保存更正' }).click();
    await page.getByText('更正已保存').waitFor();
    expect(sent()).toEqual({ values: { reason: '风扇停转' }, reason: '写错了' });
    const last = page.locator('ol > li').last();
    expect(await last.locator('del').innerText()).toContain('压缩机高压报警');
    expect(await last.locator('ins').innerText()).toContain('风扇停转');
    await last.getByText('原因：写错了').waitFor();
  });

  test('a colleague’s change is seen without a touch, and nobody corrects over it unseen', async () => {
    await open('/registers/repairs/entries/2026-0002');
    await page.getByRole('button', { name: '更正', exact: true }).click();
    await page.getByLabel('故障现象').fill('风扇停转');
    await page.getByLabel(/^原因/).fill('写错了');
    const entry = books.entries.get('repairs/2026-0002')!;
    books.entries.set('repairs/2026-0002', { ...entry, version: 'v4', values: { ...entry.values, parts: ['board'] } });
    mock.emit('registers', { at: new Date().toISOString() });
    const read = () => mock.asked.filter((path) => path.endsWith('/entries/2026-0002')).length;
    await expect.poll(read, { timeout: 15_000 }).toBeGreaterThan(1);
    await page.getByRole('button', { name: '保存更正' }).click();
    await page.getByText('别人已先改动').waitFor();
    expect(await page.getByLabel('故障现象').inputValue()).toBe('风扇停转');
    await page.getByRole('button', { name: '保存更正' }).click();
    await page.getByText('更正已保存').waitFor();
    expect(sent()).toEqual({ values: { reason: '风扇停转' }, reason: '写错了' });
  });

  test('nothing is offered that would be refused', async () => {
    await open('/registers', { role: 'viewer' });
    await page.getByRole('link', { name: '维修登记', exact: true }).waitFor();
    expect(await page.getByRole('link', { name: /中登记$/ }).count()).toBe(0);
    await page.goto(`${mock.url}/registers/core-room/new`);
    await page.getByText('您的角色不能在这里登记').waitFor();
    await page.goto(`${mock.url}/registers/nothing`);
    await page.getByText('没有这个登记册').waitFor();
  });

  test('what waits for the reader comes first; parts that this site does not keep are absent', async () => {
    await open('/paperwork', { director: true, role: 'director' });
    await page.getByRole('link', { name: /维修登记 · 精密空调/ }).waitFor();
    expect(await page.getByText('已逾期').count()).toBeGreaterThan(0);
    const doors = await page.getByRole('navigation', { name: '文书各页' }).getByRole('link').allInnerTexts();
    expect(doors.map((text) => text.split('\n')[0])).toEqual(['登记册', '改进任务', '值班表']);
    await page.getByRole('link', { name: /^登记册/ }).click();
    await page.getByRole('link', { name: '维修登记', exact: true }).click();
    await page.getByLabel('查找').fill('没有这样的');
    await page.getByText('没有符合的内容').waitFor();
    expect(page.url()).toContain('search=');
    await page.getByRole('button', { name: '取消筛选' }).click();
    await page.getByRole('link', { name: '2026-0002' }).waitFor();
    const excel = await page.getByRole('link', { name: 'Excel' }).getAttribute('href');
    expect(excel).toBe('/api/v1/registers/repairs/export?format=xlsx&language=zh');
  });

  test.each([
    ['desk, Chinese', 1440, 'zh-CN'],
    ['phone, English', 390, 'en-GB'],
  ])('every page is whole for who listens and fits its screen: %s', async (_name, width, locale) => {
    await open('/paperwork', { director: true, role: 'director', width, locale });
    const faults: string[] = [];
    for (const path of [
      ...['/paperwork', '/registers', '/registers/repairs', '/registers/core-room?door=1', '/registers/everything/new'],
      ...['/registers/core-room/new?quick=1', '/registers/repairs/entries/2026-0002'],
    ]) {
      await page.goto(mock.url + path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForFunction(() => document.querySelector('[data-state="loading"]') === null);
      await page.evaluate(axe.source);
      const found = await page.evaluate(async () => {
        const engine = (globalThis as unknown as { axe: typeof axe }).axe;
        const { violations } = await engine.run(document, { resultTypes: ['violations'] });
        const wide = document.documentElement.scrollWidth > window.innerWidth + 1 ? ['wider than the screen'] : [];
        return [...wide, ...violations.map(({ id, nodes }) => `${id} ${nodes[0]?.target.join(' ')}`)];
      });
      faults.push(...found.map((fault) => `${path}: ${fault}`));
    }
    expect(faults).toEqual([]);
  });
});
