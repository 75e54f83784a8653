import { Secret as OtpSecret, TOTP } from 'otpauth';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Role } from '#core/command.ts';
import { oidcSchema } from '#core/config/sign-in.ts';
import { Secret } from '#core/secret.ts';
import { seconds } from '#core/time.ts';
import { freePorts } from '#platform/net.ts';
import { actionWords, detailWords } from '../../services/dashboard-api/web/src/model/audit-words.ts';
import { browserWords } from '../../services/dashboard-api/web/src/model/browser-words.ts';
import { dayBounds } from '../../services/dashboard-api/web/src/model/day-bounds.ts';
import { passwordRules } from '../../services/dashboard-api/web/src/model/password-rules.ts';
import { CLIENT, startProvider, type TestProvider } from '../dashboard-api/oidc-provider.ts';
import { makeConfig, PASSWORD, startDashboard, type TestDashboard } from '../dashboard-api/support.ts';
import { launchChromium } from '../support/browser.ts';
import { describeReal } from '../support/real.ts';
import { type BuiltPage, buildPage } from './build-page.ts';

describe('words of accounts', () => {
  test.each([
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36', 'Chrome', 'Windows'],
    ['Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0', 'Edge', 'Windows'],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1',
      'Safari',
      'iPhone',
    ],
    ['Mozilla/5.0 (Linux; Android 14) Chrome/116.0 Mobile Safari/537.36 MicroMessenger/8.0', 'WeChat', 'Android'],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0', 'Firefox', 'Linux'],
    ['Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit Chrome/114.0 HuaweiBrowser/16.0', 'Huawei Browser', 'HarmonyOS'],
  ])('%s is %s on %s', (agent, name, system) => {
    expect(browserWords(agent)).toEqual({ name, system, isProgram: false });
  });

  test('a program is called by its own name, and nothing by none', () => {
    expect(browserWords('curl/8.5.0')).toEqual({ name: 'curl', system: null, isProgram: true });
    expect(browserWords('')).toEqual({ name: null, system: null, isProgram: false });
  });

  test.each([
    ['short', 'gao', ['long']],
    ['aaaaaaaaaa', 'gao', ['varied']],
    ['gao-jie-2026', 'gao-jie', ['noName']],
    ['a good password', 'gao-jie', []],
    // Names of two letters are in many words.
    ['an ordinary one', 'an', []],
  ])('of the rules %s breaks, for %s: %j', (password, user, broken) => {
    const unmet = passwordRules(password, user).filter(({ met }) => !met);
    expect(unmet.map(({ id }) => id)).toEqual(broken);
  });

  test('a day of the record is a day of the site, also when clocks change', () => {
    expect(dayBounds('2026-11-22', 'Asia/Shanghai')).toEqual({
      from: '2026-11-21T16:00:00.000Z',
      to: '2026-11-22T16:00:00.000Z',
    });
    const long = dayBounds('2026-10-25', 'Europe/Berlin');
    expect(Date.parse(long?.to ?? '') - Date.parse(long?.from ?? '')).toBe(25 * 3_600_000);
    expect([dayBounds('', 'Asia/Shanghai'), dayBounds('2026-13-40', 'Asia/Shanghai')]).toEqual([null, null]);
  });

  test('an order on record is told by what was ordered; what is not known stays as it is', () => {
    const order = JSON.stringify({ kind: 'alert.silence', alert: 'a', minutes: 5, reason: '检修', device: null });
    expect(detailWords({ user: 'gao', action: 'POST /api/v1/commands', detail: order })).toEqual({
      order: { zh: '搁置告警', en: 'Alert shelved' },
      rest: 'alert: a · minutes: 5 · reason: 检修',
    });
    const cut = { user: 'gao', action: 'POST /api/v1/commands', detail: '{"kind":' };
    expect(detailWords(cut)).toEqual({ order: null, rest: '{"kind":' });
    const restOf = (user: string, detail: string): string =>
      detailWords({ user, action: 'POST /api/v1/session', detail }).rest;
    expect(restOf('gao', 'sign-in of gao with a one-time code')).toBe('');
    // A stranger's attempt: the name that was typed is all that there is.
    expect(restOf('', 'sign-in of root')).toBe('root');
    expect(actionWords('POST /api/v9/new')).toEqual({ zh: 'POST /api/v9/new', en: 'POST /api/v9/new' });
  });
});

describeReal('chromium', 'the pages of accounts in Chromium, over the service itself', () => {
  let built: BuiltPage;
  let browser: Browser;
  let provider: TestProvider;
  let site: TestDashboard;
  const contexts: BrowserContext[] = [];
  let complaints: string[] = [];

  beforeAll(async () => {
    [built, browser, provider] = await Promise.all([buildPage(), launchChromium(), startProvider()]);
  });
  afterAll(async () => {
    await browser?.close();
    await provider?.close();
    await built?.remove();
  });
  beforeEach(() => {
    complaints = [];
  });
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
    await site.dashboard.stop();
    expect(complaints).toEqual([]);
  });

  async function start(options: { firstRun?: 'setup'; issuer?: string } = {}): Promise<void> {
    const [port = 0] = await freePorts(1);
    const config = makeConfig({ simulation: false, port });
    const { issuer, ...given } = options;
    const oidc =
      issuer === undefined
        ? {}
        : {
            public_url: `http://127.0.0.1:${port}`,
            oidc: oidcSchema.parse({ issuer, client_id: CLIENT.id, client_secret: new Secret(CLIENT.secret) }),
          };
    const http = { ...config.site.http, ...oidc };
    site = await startDashboard({
      config: { ...config, site: { ...config.site, http } },
      ...{ simulation: false, listen: true, webRoot: built.folder, ...given },
    });
  }

  async function open(path: string, options: { locale?: string; width?: number; session?: Role } = {}): Promise<Page> {
    const { locale = 'zh-CN', width = 1440, session } = options;
    const context = await browser.newContext({ locale, viewport: { width, height: 900 }, hasTouch: width < 600 });
    contexts.push(context);
    if (session !== undefined) {
      const { headers } = await site.signIn(session);
      const value = headers.cookie.replace('zhishou_session=', '');
      await context.addCookies([{ name: 'zhishou_session', value, url: site.url, sameSite: 'Strict', httpOnly: true }]);
    }
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) && !/Failed to load resource/.test(message.text()))
        complaints.push(message.text());
    });
    await page.goto(`${site.url}${path}`);
    return page;
  }
  const codeOf = (key: string): string =>
    new TOTP({ secret: OtpSecret.fromBase32(key.replaceAll(' ', '')) }).generate({ timestamp: site.wall.now() });
  const isWide = (page: Page): Promise<boolean> =>
    page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

  test('the first run on a telephone in Chinese: link, room, oneself, what comes next; the code leaves the address', async () => {
    await start({ firstRun: 'setup' });
    const page = await open(`/first-run#${site.dashboard.setupCode}`, { width: 390 });
    await page.getByRole('heading', { name: '这是您的机房吗？' }).waitFor();
    expect(new URL(page.url()).hash).toBe('');
    await page.getByText('示例机房').waitFor();
    expect(await isWide(page)).toBe(false);
    await page.getByRole('button', { name: '是，继续' }).click();
    await page.getByLabel('您是值班名单里的哪一位？').selectOption('zhou-min');
    // The name is taken over from the list, and may be changed.
    expect(await page.getByLabel('姓名').inputValue()).toBe('周敏');
    const make = page.getByRole('button', { name: '建立管理员' });
    await page.getByLabel('密码', { exact: true }).fill('zhou-min-2026');
    await page.getByLabel('再输一次').fill('zhou-min-2026');
    expect(await make.isDisabled()).toBe(true);
    await page.getByLabel('密码', { exact: true }).fill(PASSWORD);
    await page.getByText('两次输入不一致。').waitFor();
    await page.getByLabel('再输一次').fill(PASSWORD);
    expect(await isWide(page)).toBe(false);
    await make.click();
    await page.getByRole('heading', { name: '周敏，管理员已建立。' }).waitFor();
    expect(site.accounts.users()).toMatchObject([{ user: 'zhou-min', role: 'administrator', person: 'zhou-min' }]);
    await page.getByRole('link', { name: '给每个人建立自己的账号' }).click();
    await page.getByRole('heading', { name: '账号管理' }).waitFor();
    const late = await open('/first-run', { locale: 'en' });
    await late.getByText('There are accounts already').waitFor();
  });

  test('the first run in English: a wrong code is told, the sign-in page shows the way', async () => {
    await start({ firstRun: 'setup' });
    const page = await open('/sign-in', { locale: 'en' });
    await page.getByRole('link', { name: 'First setup' }).click();
    await page.getByLabel('Setup code').fill('not the code');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('alert').getByText('The setup code is wrong').waitFor();
    await page.getByLabel('Setup code').fill(site.dashboard.setupCode ?? '');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { name: 'Is this your room?' }).waitFor();
  });

  test.each([
    [
      'zh-CN',
      390,
      {
        begin: '开通',
        password: '当前密码',
        next: '下一步',
        prove: '输入验证器上显示的 6 位数字',
        confirm: '确认开通',
        kept: '我已保存',
        out: '退出登录',
        user: '用户名',
        pw: '密码',
        signIn: '登录',
        code: '动态验证码',
        wrong: '用户名或密码不对。',
        paper: '手机不在身边？用恢复码',
        recovery: '恢复码',
      },
    ],
    [
      'en-GB',
      1440,
      {
        begin: 'Turn on',
        password: 'Present password',
        next: 'Next',
        prove: 'Type the six digits that it shows',
        confirm: 'Turn on',
        kept: 'I have kept them',
        out: 'Sign out',
        user: 'User name',
        pw: 'Password',
        signIn: 'Sign in',
        code: 'One-time code',
        wrong: 'User name or password is wrong',
        paper: 'Phone not at hand? Use a recovery code',
        recovery: 'Recovery code',
      },
    ],
  ])(
    'one-time codes in %s at %i: picture, key, first code, recovery codes; then sign-in in two steps',
    async (locale, width, words) => {
      await start();
      const page = await open('/settings', { locale, width, session: 'duty' });
      const codes = page
        .locator('section')
        .filter({ has: page.getByRole('heading', { name: locale === 'zh-CN' ? '动态验证码' : 'One-time codes' }) });
      await codes.getByRole('button', { name: words.begin, exact: true }).click();
      await codes.getByLabel(words.password).fill(PASSWORD);
      await codes.getByRole('button', { name: words.next }).click();
      const picture = codes.getByRole('img');
      await picture.waitFor();
      // The picture's modules are as dark and as light as a camera wants them, in any theme.
      expect((await picture.boundingBox())?.width).toBeGreaterThanOrEqual(160);
      const key = (await codes.locator('code.key').textContent()) ?? '';
      expect(key).toMatch(/^([A-Z2-7]{4} ?){8}$/);
      expect(await isWide(page)).toBe(false);
      await codes.getByLabel(words.prove).fill(codeOf(key));
      await codes.getByRole('button', { name: words.confirm, exact: true }).click();
      await codes.locator('.recovery li').first().waitFor();
      const recovery = await codes.locator('.recovery li').allTextContents();
      expect(recovery).toHaveLength(10);
      await codes.getByRole('button', { name: words.kept }).click();
      await page.getByRole('button', { name: words.out }).click();
      await site.wall.advanceByAsync(seconds(30));
      await page.getByLabel(words.user).fill('duty');
      await page.getByLabel(words.pw, { exact: true }).fill(PASSWORD);
      await page.getByRole('button', { name: words.signIn, exact: true }).click();
      await page.getByLabel(words.code, { exact: true }).fill('000000');
      await page.getByRole('button', { name: words.signIn, exact: true }).click();
      await page.getByRole('alert').getByText(words.wrong).waitFor();
      await page.getByRole('button', { name: words.paper }).click();
      await page.getByLabel(words.recovery, { exact: true }).fill(recovery[3] ?? '');
      await page.getByRole('button', { name: words.signIn, exact: true }).click();
      await page.waitForURL(({ pathname }) => pathname !== '/sign-in');
      expect(site.accounts.recoveryLeft('duty')).toBe(9);
    },
  );

  test('sessions: which is this one, and another one is ended and its page goes to sign-in', async () => {
    await start();
    const other = await open('/settings', { session: 'duty' });
    await other.getByText('已登录的设备').waitFor();
    const page = await open('/settings', { session: 'duty', locale: 'en', width: 390 });
    const list = page
      .locator('section')
      .filter({ has: page.getByRole('heading', { name: 'Where you are signed in' }) });
    await list.getByText('this one').waitFor();
    expect(await isWide(page)).toBe(false);
    await list.getByRole('button', { name: /^End / }).click();
    await list.getByText('Sessions ended: 1.').waitFor();
    await list.getByText('You are signed in here alone.').waitFor();
    await other.getByRole('button', { name: '退出登录' }).click();
    await other.waitForURL(/sign-in/);
  });

  test('everybody’s sessions are for administrators, by person', async () => {
    await start();
    await site.signIn('duty');
    const page = await open('/sessions', { session: 'administrator', width: 390 });
    await page.getByRole('button', { name: '退出全部 duty' }).click();
    await page.getByText('已退出 1 处登录。').waitFor();
    const denied = await open('/sessions', { session: 'operator', locale: 'en' });
    await denied.getByText('You may not see this page').waitFor();
    expect(await denied.getByRole('button', { name: 'End all' }).count()).toBe(0);
  });

  test('the record: who, what, from where, with which result; by person and action; it holds, and a broken one is told', async () => {
    await start();
    const { headers } = await site.signIn('duty');
    const order = { kind: 'site.arm', reason: 'because' };
    await site.dashboard.inject({ method: 'POST', url: '/api/v1/commands', headers, payload: order });
    const page = await open('/audit', { session: 'administrator', locale: 'en' });
    await page.getByText(/^Verified to entry \d+: the chain holds/).waitFor();
    await page.getByRole('row', { name: /duty Site armed reason: because 127\.0\.0\.1 refused 403/ }).waitFor();
    await page.getByLabel('Person').selectOption('admin');
    await page.getByText('Site armed').waitFor({ state: 'detached' });
    expect(await page.locator('a[download]').getAttribute('href')).toBe('/api/v1/audit?user=admin&format=csv');
    await page.getByLabel('Day').fill('2020-01-01');
    await page.getByText('No entries fit').waitFor();
    const narrow = await open('/audit', { session: 'administrator', width: 320 });
    await narrow.getByText(/^已核对到第 \d+ 条：全部相连/).waitFor();
    expect(await isWide(narrow)).toBe(false);
    const { audit } = site.accounts;
    audit.verifyStretch = () => ({ to: 1, last: 3, broken: { seq: 2, reason: 'it was changed' } });
    await narrow.getByRole('button', { name: '重新核对' }).click();
    await narrow.getByText('第 2 条起不相连').waitFor();
  });

  test('accounts: made with a password shown once, role and person changed, codes taken off; a token with its scopes', async () => {
    await start();
    await site.signIn('duty');
    const page = await open('/users', { session: 'administrator', width: 390 });
    await page.getByRole('heading', { name: '账号管理' }).waitFor();
    expect(await isWide(page)).toBe(false);
    await page.getByLabel('duty 对应人员').selectOption('lin-hao');
    await expect.poll(() => site.accounts.user('duty')?.person).toBe('lin-hao');
    await page.getByLabel('duty 角色').selectOption('operator');
    await expect.poll(() => site.accounts.user('duty')?.role).toBe('operator');
    const tokens = page.locator('section').filter({ has: page.getByRole('heading', { name: '程序令牌' }) });
    await tokens.getByLabel('用途').fill('alertmanager');
    await tokens.getByLabel('查看', { exact: true }).uncheck();
    await tokens.getByLabel('送入告警').check();
    // The role that the scope is of no use without comes with it.
    await expect.poll(() => tokens.getByLabel('角色').inputValue()).toBe('duty');
    await tokens.getByRole('button', { name: '新建令牌' }).click();
    await tokens.getByText(/^zt_/).waitFor();
    expect(site.accounts.tokens()).toMatchObject([{ name: 'alertmanager', role: 'duty', scopes: ['alertmanager'] }]);
    expect(await isWide(page)).toBe(false);
  });

  test('at the provider: there and back in a real browser, to where one wanted to be', async () => {
    provider.visitedBy({ sub: 's-1', preferred_username: 'lin-hao', name: '林浩' });
    await start({ issuer: provider.issuer });
    const page = await open('/sign-in?to=/settings', { locale: 'en', width: 390 });
    await page.getByRole('link', { name: 'Sign in with single sign-on' }).click();
    await page.waitForURL(`${site.url}/settings`);
    await page.getByText('This account signs in at the provider alone').waitFor();
    await page.getByText('single sign-on').first().waitFor();
    expect(site.accounts.user('lin-hao')).toMatchObject({ name: '林浩', role: 'viewer' });
  });

  test('an account is linked with the provider by its owner, and undone', async () => {
    provider.visitedBy({ sub: 's-2', preferred_username: 'x' });
    await start({ issuer: provider.issuer });
    const page = await open('/settings', { session: 'duty' });
    await page.getByRole('button', { name: '关联', exact: true }).click();
    await page.getByText('关联成功，以后可以用统一身份认证登录。').waitFor();
    expect(site.accounts.linkedUser(provider.issuer, 's-2')).toBe('duty');
    await page.getByRole('button', { name: '取消关联' }).click();
    await expect.poll(() => site.accounts.isLinked('duty')).toBe(false);
  });

  test('a provider that is down is told in words, and local sign-in works', async () => {
    const gone = await startProvider();
    await start({ issuer: gone.issuer });
    await gone.close();
    await site.dashboard.inject('/api/v1/oidc/start');
    const page = await open('/sign-in?oidc=down');
    await page.getByRole('alert').getByText('连不上认证服务器，请用本机账号登录。').waitFor();
    await page.getByText('现在连不上统一身份认证，请用本机账号登录。').waitFor();
    await site.signIn('duty');
    await page.getByLabel('用户名').fill('duty');
    await page.getByLabel('密码', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: '登录', exact: true }).click();
    await page.waitForURL(`${site.url}/`);
  });
});
