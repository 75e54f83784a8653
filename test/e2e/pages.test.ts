import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IncidentsResponse, SessionView } from '#core/api.ts';
import type { DutiesResponse } from '#core/paperwork/duty-view.ts';
import type { MeetingsResponse } from '#core/paperwork/meeting-view.ts';
import { launchChromium } from '../support/browser.ts';
import { describeReal } from '../support/real.ts';
import { type RunningService, runService } from '../support/running-service.ts';

/**
 * Every page of the real service over the simulated room, calm and in an outage: nothing that axe-core calls serious or critical,
 * nothing wider than the screen, nothing that the browser complains of. Pictures for whoever looks: test/e2e/shots/pages.
 */

const SHOTS = join(import.meta.dirname, 'shots/pages');
const LONG = { timeout: 60_000 };
const CALM = [
  ...['/', '/incidents', '/alerts', '/alarm-figures', '/messages', '/people', '/drills', '/rota', '/rules'],
  ...['/duties', '/duties?view=month', '/duties?view=history'],
  ...['/readiness', '/tasks', '/outages', '/room', '/room/edit', '/devices', '/add-device', '/devices/ups-1'],
  ...['/paperwork', '/registers', '/registers/core-room', '/registers/core-room?door=1', '/registers/repairs/new'],
  ...['/registers/auxiliary-room/new?quick=1', '/registers/changes/new'],
  ...['/battery-tests', '/reports', '/reports/weekly-2026-W46', '/meetings'],
  ...['/devices/ups-1/diagnosis', '/history', '/simulator', '/settings', '/audit', '/sessions', '/users', '/nowhere'],
];
const WALL = [
  ['1080p', 1920, 1080],
  ['4k', 3840, 2160],
] as const;
const LOOKS = [
  { name: 'desk-zh', locale: 'zh-CN', language: 'zh', theme: 'light', width: 1440, height: 900 },
  { name: 'phone-en', locale: 'en-GB', language: 'en', theme: 'dark', width: 390, height: 844 },
] as const;
const NEW_PASSWORD = 'a made-up pass phrase';

describeReal('chromium', 'each page of the running service', () => {
  let service: RunningService;
  let browser: Browser;
  let session: SessionView;
  let cookie: { name: string; value: string };

  beforeAll(async () => {
    mkdirSync(SHOTS, { recursive: true });
    service = await runService();
    browser = await launchChromium();
    cookie = await signIn(service.password);
    await call('PUT', '/password', { current: service.password, next: NEW_PASSWORD });
    cookie = await signIn(NEW_PASSWORD);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await service?.stop();
  });

  async function signIn(password: string): Promise<{ name: string; value: string }> {
    const response = await fetch(`${service.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: 'admin', password }),
    });
    session = (await response.json()) as SessionView;
    const [name = '', value = ''] = (response.headers.getSetCookie()[0] ?? '').split(';')[0]?.split('=') ?? [];
    return { name, value };
  }
  async function call(method: string, path: string, body?: unknown): Promise<Response> {
    const response = await fetch(`${service.url}/api/v1${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        cookie: `${cookie.name}=${cookie.value}`,
        'x-zhishou-csrf': session.csrf,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    expect(response.ok, `${method} ${path} ${response.status}`).toBe(true);
    return response;
  }

  interface Look {
    readonly name: string;
    readonly locale: string;
    readonly language: string;
    readonly theme: string;
    readonly width: number;
    readonly height: number;
  }
  async function opened(look: Look): Promise<{ context: BrowserContext; page: Page; complaints: string[] }> {
    const { locale, language, theme, width, height } = look;
    const context = await browser.newContext({ locale, viewport: { width, height }, serviceWorkers: 'block' });
    await context.addCookies([{ ...cookie, url: service.url }]);
    await context.addInitScript(
      (kept) => localStorage.setItem('zhishou.preferences', kept),
      JSON.stringify({ language, theme }),
    );
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
    page.on('console', (said) => {
      if (
        ['error', 'warning'].includes(said.type()) &&
        !/Failed to load resource|blocked by Playwright/.test(said.text())
      ) {
        complaints.push(`${page.url()}: ${said.text()}`);
      }
    });
    return { context, page, complaints };
  }

  /** What is wrong on a page, in words: `/people: color-contrast (serious) .tag`. */
  async function faultsOf(page: Page, path: string): Promise<string[]> {
    await page.goto(service.url + path);
    // Whatever a page loads has come, or it has said that it could not.
    await page
      .locator('h1')
      .first()
      .waitFor({ state: 'attached', ...LONG });
    await page.waitForFunction(() => document.querySelector('[data-state="loading"]') === null, null, LONG);
    await page.evaluate(axe.source);
    const found = await page.evaluate(async () => {
      // What goes to one side of the screen is reached by nobody on a telephone.
      const wide = document.documentElement.scrollWidth > window.innerWidth + 1;
      const engine = (globalThis as unknown as { axe: typeof axe }).axe;
      // On the drawing of the room names are shortened and values stand alone; who listens hears them whole, in another order.
      const rules = { 'label-content-name-mismatch': { enabled: false } };
      const result = await engine.run(document, { resultTypes: ['violations'], rules });
      const faults = result.violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(
          ({ id, impact, nodes }) =>
            `${id} (${impact}) ${nodes
              .map(({ target }) => target.join(' '))
              .slice(0, 5)
              .join(' | ')}`,
        );
      return wide ? [...faults, 'wider than the screen'] : faults;
    });
    return found.map((fault) => `${path}: ${fault}`);
  }
  const shot = (page: Page, look: string, path: string, full = true) =>
    page.screenshot({
      path: join(SHOTS, `${look}${path.replaceAll('/', '-').replace(/-$/, '-overview')}.png`),
      fullPage: full,
    });

  describe.each(LOOKS)('$name', (look) => {
    it('calm: every page', async () => {
      const { context, page, complaints } = await opened(look);
      const faults: string[] = [];
      const { duties } = (await (await call('GET', '/duties')).json()) as DutiesResponse;
      expect(duties.length).toBeGreaterThan(0);
      const { meetings } = (await (await call('GET', '/meetings')).json()) as MeetingsResponse;
      expect(meetings.length).toBeGreaterThan(0);
      for (const path of [...CALM, `/duties/${duties[0]?.id}`, '/meetings', `/meetings/${meetings[0]?.id}`]) {
        faults.push(...(await faultsOf(page, path)));
        await shot(page, look.name, path);
      }
      await context.close();
      expect(faults).toEqual([]);
      expect(complaints).toEqual([]);
    }, 300_000);
  });

  it('the wall, at both sizes and in both languages, fits its screen', async () => {
    const faults: string[] = [];
    for (const [name, width, height] of WALL) {
      for (const language of ['zh', 'en']) {
        const { context, page, complaints } = await opened({
          ...{ name, width, height, language, theme: 'dark' },
          locale: language === 'zh' ? 'zh-CN' : 'en-GB',
        });
        faults.push(...(await faultsOf(page, `/wall?lang=${language}`)), ...complaints);
        expect(await page.evaluate(() => document.documentElement.scrollHeight <= window.innerHeight + 1)).toBe(true);
        await shot(page, `wall-${name}`, `/${language}`, false);
        await context.close();
      }
    }
    expect(faults).toEqual([]);
  }, 300_000);

  it('in an outage: overview, incident and wall', async () => {
    await call('POST', '/simulator', { kind: 'mains', present: false });
    let id = '';
    await expect
      .poll(async () => {
        const { incidents } = (await (await call('GET', '/incidents')).json()) as IncidentsResponse;
        id = incidents.find(({ phase }) => phase !== 'closed')?.id ?? '';
        return id;
      }, LONG)
      .not.toBe('');
    const faults: string[] = [];
    for (const look of LOOKS) {
      const { context, page, complaints } = await opened(look);
      for (const path of ['/', `/incidents/${id}`, '/alerts']) {
        faults.push(...(await faultsOf(page, path)));
        await shot(page, `outage-${look.name}`, path.replace(id, 'one'));
      }
      faults.push(...complaints);
      await context.close();
    }
    for (const [name, width, height] of WALL) {
      const { context, page } = await opened({ ...LOOKS[0], name, width, height, theme: 'dark' });
      faults.push(...(await faultsOf(page, '/wall?lang=zh')));
      await shot(page, `outage-wall-${name}`, '/zh', false);
      await context.close();
    }
    expect(faults).toEqual([]);
  }, 300_000);
});
