import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Browser, BrowserContext, CDPSession } from 'playwright-core';
import { buildPage, isPageBuilt } from '#commands/page-build.ts';
import type { IncidentsResponse } from '#core/api.ts';
import { type Instant, instant } from '#core/time.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { silentLog } from '#platform/log.ts';
import { openEmbeddedStoreInWorker } from '#platform/series/embedded/store-worker.ts';
import { launchChromium } from '../support/browser.ts';
import { type RunningService, runService } from '../support/running-service.ts';
import { against, say } from './figures.ts';
import { PAGE_PARTS, type PagePart } from './page-parts.ts';
import { startPrometheus } from './peers.ts';
import { measurePress, PRESS_BUDGET_MS, type PressFigures } from './press-year.ts';

/**
 * How soon somebody sees something, and something true: Chromium on the whole service in its simulated room. Each page with an empty
 * and with a full cache, on this machine as it is and slowed down four times, as a phone is beside it (Lighthouse's factor).
 */
export interface PageFigure {
  readonly page: string;
  readonly cache: 'cold' | 'warm';
  readonly slowdown: 1 | 4;
  /** The middle of the runs, in ms since the address was called up. */
  readonly firstPaintMs: number;
  /** Until a value of the room stands there; null: not within half a minute. */
  readonly liveMs: number | null;
  /** Over the wire until then. */
  readonly kilobytes: number;
}
export interface PageFigures {
  readonly runs: number;
  readonly pages: readonly PageFigure[];
  readonly press: PressFigures;
  /** The first paint of others, in the same browser: a page with one word in it, and Prometheus' own. */
  readonly peers: readonly { readonly peer: string; readonly slowdown: 1 | 4; readonly firstPaintMs: number }[];
}

/** Lighthouse calls a first paint within 1.8 s on a slow phone good; who is woken at 03:00 waits a second more for the first value. */
export const BUDGETS = { 1: { firstPaintMs: 600, liveMs: 1000 }, 4: { firstPaintMs: 1800, liveMs: 2800 } } as const;
const GIVE_UP_MS = 30_000;
const YEAR_MS = 365 * 86_400_000;

export async function measurePage({ runs }: { readonly runs: number }): Promise<PageFigures> {
  if (!isPageBuilt() && !(await buildPage(createSystemClock(), silentLog))) throw new Error('the page cannot be built');
  const state = mkdtempSync(join(tmpdir(), 'zhishou-bench-page-'));
  await writeYear(join(state, 'series.sqlite'));
  const service = await runService([], state);
  const browser = await launchChromium();
  try {
    await wait(8000);
    const press = await measurePress(browser, service.url, 4 * runs);
    const pages: PageFigure[] = [];
    for (const part of PAGE_PARTS) {
      const path = part.needsIncident ? `/incidents/${await openIncident(service)}` : part.path;
      for (const slowdown of [1, 4] as const)
        pages.push(...(await measurePart(browser, service.url + path, part, slowdown, runs)));
    }
    return { runs, pages, press, peers: await measurePeers(browser, runs) };
  } finally {
    await browser.close();
    await service.stop();
  }
}

/** Every ten seconds of the year before now, as a house of that age would have. */
async function writeYear(file: string): Promise<void> {
  const store = await openEmbeddedStoreInWorker(file);
  const to = Date.now() - 3_600_000;
  const step = 10_000;
  for (let day = to - YEAR_MS; day < to; day += 86_400_000) {
    const readings = Array.from({ length: 8640 }, (_, place) => {
      const at: Instant = instant(Math.round(day + place * step));
      const value = 40 + 10 * Math.sin(at / 1e7) + (place % 7);
      return {
        ...{ device: 'ups-1', point: 'ups.load', value, quality: 'good' as const, simulated: true },
        ...{ measuredAt: at, receivedAt: at, changedAt: at },
      };
    });
    await store.write(readings);
  }
  await store.settle();
  await store.close();
}

async function openIncident({ url, password }: RunningService): Promise<string> {
  const list = async (): Promise<IncidentsResponse> =>
    (await fetch(`${url}/api/v1/incidents?state=open`)).json() as Promise<IncidentsResponse>;
  const [before] = (await list()).incidents;
  if (before !== undefined) return before.id;
  const headers = { 'content-type': 'application/json' };
  const signIn = await fetch(`${url}/api/v1/session`, {
    ...{ method: 'POST', headers, body: JSON.stringify({ user: 'admin', password }) },
  });
  const { csrf } = (await signIn.json()) as { csrf: string };
  const cookie = signIn.headers.getSetCookie().join('; ').split(';')[0] ?? '';
  await fetch(`${url}/api/v1/simulator`, {
    ...{ method: 'POST', headers: { ...headers, cookie, 'x-zhishou-csrf': csrf } },
    body: JSON.stringify({ kind: 'mains', present: false }),
  });
  for (let turn = 0; turn < 300; turn++) {
    const [incident] = (await list()).incidents;
    if (incident !== undefined) return incident.id;
    await wait(200);
  }
  throw new Error('no incident began within a minute');
}

async function measurePart(
  browser: Browser,
  url: string,
  part: PagePart,
  slowdown: 1 | 4,
  runs: number,
): Promise<readonly PageFigure[]> {
  const found: Record<'cold' | 'warm', Look[]> = { cold: [], warm: [] };
  for (let run = 0; run < runs; run++) {
    const context = await browser.newContext({
      viewport: slowdown === 4 ? { width: 390, height: 844 } : { width: 1440, height: 900 },
      serviceWorkers: 'block',
    });
    found.cold.push(await look(context, url, part.isThere, slowdown));
    found.warm.push(await look(context, url, part.isThere, slowdown));
    await context.close();
  }
  return (['cold', 'warm'] as const).map((cache) => ({
    ...{ page: part.name, cache, slowdown },
    firstPaintMs: middle(found[cache].map(({ firstPaintMs }) => firstPaintMs)),
    liveMs: found[cache].some(({ liveMs }) => liveMs === null)
      ? null
      : middle(found[cache].map(({ liveMs }) => liveMs ?? 0)),
    kilobytes: middle(found[cache].map(({ bytes }) => bytes)) / 1000,
  }));
}

interface Look {
  readonly firstPaintMs: number;
  readonly liveMs: number | null;
  readonly bytes: number;
}

async function look(context: BrowserContext, url: string, isThere: string | null, slowdown: number): Promise<Look> {
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  let bytes = 0;
  await session.send('Network.enable');
  await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
  session.on('Network.dataReceived', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  // Looked at in each frame, so that a value counts when it can be seen.
  if (isThere !== null)
    await page.addInitScript(`(() => {
      const isThere = ${isThere};
      const look = () => isThere() ? (window.__liveAt = performance.now()) : requestAnimationFrame(look);
      requestAnimationFrame(look);
    })()`);
  await page.goto(url, { waitUntil: 'commit' });
  const told = await waitFor(session, isThere !== null);
  await page.close();
  return { firstPaintMs: told[0], liveMs: told[1], bytes };
}

/** Over CDP: the page's own policy forbids what is evaluated in it. */
async function waitFor(session: CDPSession, live: boolean): Promise<readonly [paintMs: number, liveMs: number | null]> {
  const expression = `JSON.stringify([performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null, window.__liveAt ?? null])`;
  const until = Date.now() + GIVE_UP_MS;
  for (;;) {
    const { result } = await session.send('Runtime.evaluate', { expression });
    const [paintMs, liveMs] = JSON.parse(String(result.value ?? '[null,null]')) as [number | null, number | null];
    const done = paintMs !== null && (!live || liveMs !== null);
    if (done || Date.now() > until) return [paintMs ?? Number.NaN, liveMs];
    await wait(50);
  }
}

async function measurePeers(browser: Browser, runs: number): Promise<PageFigures['peers']> {
  const bare = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>1</title><p>1');
  }).listen(0, '127.0.0.1');
  const prometheus = await startPrometheus(JSON.stringify({ scrape_configs: [] }));
  const addresses: [peer: string, url: string][] = [
    ['a page with one word', `http://127.0.0.1:${(bare.address() as AddressInfo).port}/`],
    ...(prometheus === null ? [] : [['Prometheus', `${prometheus.url}/graph`] as [string, string]]),
  ];
  try {
    const peers: PageFigures['peers'][number][] = [];
    for (const [peer, url] of addresses) {
      for (const slowdown of [1, 4] as const) {
        const paints: number[] = [];
        for (let run = 0; run < runs; run++) {
          const context = await browser.newContext();
          paints.push((await look(context, url, null, slowdown)).firstPaintMs);
          await context.close();
        }
        peers.push({ peer, slowdown, firstPaintMs: middle(paints) });
      }
    }
    return peers;
  } finally {
    bare.close();
    await prometheus?.stop();
  }
}

const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

export function tellPage({ runs, pages, press, peers }: PageFigures): void {
  say(`pages in Chromium, the middle of ${runs} runs; slow: CPU four times slower, a phone's size`);
  say(
    `  "1 year" pressed: on the screen after ${press.middleMs.toFixed(0)} ms: ${against(press.middleMs, PRESS_BUDGET_MS)} (${press.presses.map((ms) => ms.toFixed(0)).join(', ')})`,
  );
  const bare = (slowdown: number): number =>
    peers.find((one) => one.slowdown === slowdown && one.peer === 'a page with one word')?.firstPaintMs ?? Number.NaN;
  for (const { page, cache, slowdown, firstPaintMs, liveMs, kilobytes } of pages) {
    const budget = BUDGETS[slowdown];
    const live = liveMs === null ? 'no value' : `${liveMs.toFixed(0)} ms: ${against(liveMs, budget.liveMs)}`;
    say(
      `  ${page.padEnd(14)} ${cache} ${slowdown === 4 ? 'slow' : '    '}  first paint ${firstPaintMs.toFixed(0)} ms: ${against(firstPaintMs, budget.firstPaintMs)}, ×${(firstPaintMs / bare(slowdown)).toFixed(1)} of one word; first value ${live}; ${kilobytes.toFixed(0)} kB`,
    );
  }
  for (const { peer, slowdown, firstPaintMs } of peers)
    say(`  ${peer}${slowdown === 4 ? ', slow' : ''}: first paint ${firstPaintMs.toFixed(0)} ms`);
}
