import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IncidentsResponse } from '#core/api.ts';
import type { ForecastResponse } from '#core/forecast.ts';
import type { IncidentView } from '#core/incident.ts';
import { launchChromium } from '../support/browser.ts';
import { describeReal } from '../support/real.ts';
import { type RunningService, runService } from '../support/running-service.ts';

/** An outage answered on a phone, over the whole service: what was said of the answer is what comes of it, and a second person sees it. */

const LONG = { timeout: 60_000 };

describeReal('chromium', 'an outage answered on a phone at night', () => {
  let service: RunningService;
  let browser: Browser;
  let phone: Page;
  let desk: Page;
  let said: ForecastResponse['forecast'] = null;

  beforeAll(async () => {
    service = await runService();
    browser = await launchChromium();
    phone = await (await browser.newContext({ viewport: { width: 390, height: 844 }, locale: 'zh-CN' })).newPage();
    desk = await (await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en' })).newPage();
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await service?.stop();
  });

  const ask = async <T>(path: string): Promise<T> => (await (await fetch(`${service.url}/api/v1${path}`)).json()) as T;
  const incidentWhen = async (wanted: (view: IncidentView) => boolean): Promise<IncidentView> => {
    for (;;) {
      const { incidents } = await ask<IncidentsResponse>('/incidents');
      const id = incidents.find((one) => one.plan.id === 'power-outage')?.id;
      const view = id === undefined ? null : await ask<IncidentView>(`/incidents/${id}`);
      if (view !== null && wanted(view)) return view;
      await phone.waitForTimeout(250);
    }
  };

  test('the answers come with what they lead to, by the engine itself', async () => {
    await phone.goto(`${service.url}/sign-in`);
    await phone.getByLabel('用户名', { exact: true }).fill('admin');
    await phone.getByLabel('密码', { exact: true }).fill(service.password);
    await phone.getByRole('button', { name: '登录' }).click();
    await phone.waitForURL(`${service.url}/`, LONG);
    await phone.goto(`${service.url}/simulator`);
    await phone.getByRole('button', { name: '切断市电' }).first().click(LONG);
    const { id } = await incidentWhen((view) => view.clocks?.latestSafeStart != null);
    await phone.goto(`${service.url}/incidents/${id}`);
    await phone.getByRole('button', { name: '答复', exact: true }).click(LONG);
    await phone
      .getByRole('dialog')
      .getByRole('button', { name: /超过 90 分钟.*立即备份并关机.*全部关闭；电池 \d\d:\d\d 耗尽/ })
      .waitFor(LONG);
    ({ forecast: said } = await ask<ForecastResponse>(`/incidents/${id}/forecast`));
    expect(said?.questions[0]?.advised).not.toBeNull();
  }, 180_000);

  test('it is answered there; whoever looks on from a desk reads it at once; what was forecast is what happens', async () => {
    const { id } = await incidentWhen(() => true);
    await desk.goto(`${service.url}/incidents/${id}`);
    await desk.getByText(/If nobody answers/).waitFor(LONG);
    await phone
      .getByRole('dialog')
      .getByRole('button', { name: /超过 90 分钟/ })
      .click();
    await desk
      .getByRole('status')
      .filter({ hasText: /has answered/ })
      .waitFor(LONG);
    await phone.goto(`${service.url}/simulator`);
    await phone.getByRole('button', { name: '60 倍速' }).click(LONG);
    const down = await incidentWhen((view) => view.phase === 'shut-down');
    const course = said?.questions[0]?.answers.find(({ answer }) => answer === 'over-limit')?.cases[0]?.course;
    const entry = (what: string): number =>
      Date.parse(down.timeline.find((one) => one.what.en === what)?.at ?? '') || Number.NaN;
    const ended = entry('Shutdown complete, waiting for mains');
    // Between the forecast and the answer the pages took some seconds: so much later it may be.
    const answered = entry('The shutdown sequence starts') - Date.parse(course?.startsAt ?? '');
    expect(ended).toBeLessThan(Date.parse(course?.downAt ?? '') + Math.max(0, answered) + 90_000);
    expect(course?.late).toBeNull();
    expect(down.steps.filter(({ state }) => state === 'cut')).toEqual([]);
  }, 240_000);
});
