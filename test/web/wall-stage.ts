import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { launchChromium } from '../support/browser.ts';
import { type BuiltPage, buildPage } from './build-page.ts';
import { outageAt } from './fixture-incident.ts';
import { alertAt, iso } from './fixture-room.ts';
import { fireAt } from './fixture-wall.ts';
import { type MockServer, startMock } from './mock-server.ts';

/** The wall in a real browser, opened at the size of a real screen, and looked at. */

/** Where pictures of each state go, for whoever looks at them. */
const SHOTS = process.env.ZHISHOU_WALL_SHOTS;
export const SIZES = [
  { name: '1080p', width: 1920, height: 1080 },
  { name: '4K', width: 3840, height: 2160 },
] as const satisfies readonly Size[];
export interface Size {
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

export type Options = Parameters<typeof startMock>[0] & {
  size?: Size;
  locale?: string;
  reducedMotion?: 'reduce';
  before?: (mock: MockServer) => void;
};

const present = <T>(one: T | null): T => {
  if (one === null) throw new Error('open() comes first');
  return one;
};

/** Call it once in a describe: it builds the page, and closes behind each test, which must not leave a complaint of the browser. */
export function wallStage() {
  let built: BuiltPage;
  let browser: Browser;
  let mock: MockServer | null = null;
  let context: BrowserContext | null = null;
  let page: Page | null = null;
  let complaints: string[] = [];

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
    await mock?.close();
    expect(complaints).toEqual([]);
  });

  async function open(
    query: string,
    { size = SIZES[0], locale = 'zh-CN', reducedMotion, before, ...options }: Options = {},
  ) {
    const server = await startMock({ role: null, guests: true, folder: built.folder, ...options });
    mock = server;
    before?.(server);
    context = await browser.newContext({
      ...{ locale, viewport: { width: size.width, height: size.height } },
      ...(reducedMotion === undefined ? {} : { reducedMotion }),
    });
    const opened = await context.newPage();
    page = opened;
    opened.setDefaultTimeout(15_000);
    opened.on('pageerror', (error) => complaints.push(error.message));
    opened.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) && !/Failed to load resource/.test(message.text())) {
        complaints.push(message.text());
      }
    });
    await opened.goto(`${server.url}/wall${query}`);
  }
  const shoot = async (name: string): Promise<void> => {
    if (SHOTS !== undefined) await present(page).screenshot({ path: join(SHOTS, `${name}.png`) });
  };

  /** Text that is seen: its size on the screen, whatever its unit or drawing scale. */
  const smallestText = () =>
    present(page).evaluate(() => {
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
    const sheet = await present(page).evaluate(() => ({
      width: document.documentElement.scrollWidth,
      height: document.documentElement.scrollHeight,
    }));
    expect(sheet.width).toBeLessThanOrEqual(size.width);
    expect(sheet.height).toBeLessThanOrEqual(size.height);
    const { overlaps, cut } = await present(page).evaluate(() => {
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
  /** The same page on another screen; what is drawn by its place has been drawn anew. */
  const resize = async ({ width, height }: Size): Promise<void> => {
    await present(page).setViewportSize({ width, height });
    await present(page).evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve, 50)))),
    );
  };
  return {
    open,
    resize,
    shoot,
    checkWhole,
    get page() {
      return present(page);
    },
    get mock() {
      return present(mock);
    },
    /** What the browser complained of was meant. */
    forgive: () => {
      complaints = [];
    },
  };
}

export const outage = (server: MockServer): void => {
  server.room.mains = false;
  server.room.charge = 89;
  server.setIncidents(outageAt(Date.now()));
  server.setAlerts(alertAt(Date.now()));
};
export const fire = (server: MockServer): void => {
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
export const warm = (server: MockServer): void =>
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
