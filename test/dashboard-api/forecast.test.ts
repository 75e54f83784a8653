import { afterEach, expect, test } from 'vitest';
import type { ForecastResponse, ForecastView } from '#core/forecast.ts';
import { milliseconds } from '#core/time.ts';
import { forecastAt } from '../web/fixture-forecast.ts';
import { outageAt } from '../web/fixture-incident.ts';
import { type SignedIn, START, startDashboard, type TestDashboard } from './support.ts';

/** What answers lead to, from the bus to the page. */

const { id } = outageAt(START);
let site: TestDashboard;
let viewer: SignedIn;

async function withOutage(): Promise<void> {
  site = await startDashboard();
  viewer = await site.signIn('viewer');
  await site.publish('incident/+', id, outageAt(START));
}
afterEach(() => site.dashboard.stop());

async function ask(of = id): Promise<{ status: number; body: ForecastResponse }> {
  const { headers } = viewer;
  const answer = await site.dashboard.inject({ url: `/api/v1/incidents/${of}/forecast`, headers });
  return { status: answer.statusCode, body: answer.json<ForecastResponse>() };
}

test('the newest forecast of an incident is told to whoever may look, as the alerts service said it', async () => {
  await withOutage();
  expect(await ask()).toEqual({ status: 200, body: { forecast: null } });
  const first = forecastAt(START);
  await site.publish('forecast/+', id, first);
  expect((await ask()).body.forecast).toEqual(first);
  const later = forecastAt(START + 60_000, { late: true });
  await site.publish('forecast/+', id, later);
  expect((await ask()).body.forecast).toEqual(later);
});

test('of an incident that is not there, and of one that is closed', async () => {
  await withOutage();
  await site.publish('forecast/+', id, forecastAt(START));
  expect((await ask('nobody')).status).toBe(404);
  await site.publish('incident/+', id, { ...outageAt(START), phase: 'closed' });
  // Incidents are taken a tenth of a second apart.
  await site.wall.advanceByAsync(milliseconds(200));
  expect(await ask()).toEqual({ status: 200, body: { forecast: null } });
});

test('what is no forecast is dropped, and the one before stands', async () => {
  await withOutage();
  const good = forecastAt(START);
  await site.publish('forecast/+', id, good);
  await site.publish('forecast/+', id, { incident: id, at: 'never', nobody: null } as unknown as ForecastView);
  await site.publish('forecast/+', id, '<script>' as unknown as ForecastView);
  expect((await ask()).body.forecast).toEqual(good);
});
