import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { auditSchema, sessionSchema, tokensSchema, usersSchema } from '#services/dashboard-api/schemas/accounts.ts';
import * as answers from '#services/dashboard-api/schemas/answers.ts';
import { incidentSchema } from '#services/dashboard-api/schemas/incident.ts';
import { outagesSchema, readinessResponseSchema } from '#services/dashboard-api/schemas/readiness.ts';
import { reportSchema } from '#services/dashboard-api/schemas/report.ts';
import { calendarSchema, rotaFeedSchema, rotaSchema } from '#services/dashboard-api/schemas/rota.ts';
import { tasksSchema } from '#services/dashboard-api/schemas/task.ts';
import {
  alert,
  batch,
  delivery,
  incident,
  iso,
  type SignedIn,
  START,
  startDashboard,
  type TestDashboard,
} from './support.ts';

describe('the API as it describes itself', () => {
  let site: TestDashboard;
  let admin: SignedIn;
  beforeAll(async () => {
    site = await startDashboard();
    admin = await site.signIn();
    await site.publish('reading/+', 'ups-1', batch());
    await site.publish('device/+', 'ups-1', {
      device: 'ups-1',
      at: START,
      state: 'responding',
      profile: 'rfc1628-ups',
      lastSeenAt: START,
      failures: 0,
    });
    await site.publish('alert/+', 'a', alert());
    await site.publish('incident/+', 'a', incident());
    await site.publish('delivery/+', 'a', delivery());
    await site.publish('simulator/caught/+', 'a', { at: iso(), channel: 'smtp', to: 'x', subject: 's', body: 'b' });
  });
  afterAll(() => site.dashboard.stop());

  const ANSWERS: readonly [url: string, schema: z.ZodType][] = [
    ['/api/v1/health', answers.healthSchema],
    ['/api/v1/site', answers.siteSchema],
    ['/api/v1/devices', answers.devicesSchema],
    ['/api/v1/devices/ups-1', answers.deviceDetailSchema],
    ['/api/v1/readings/latest', answers.readingsSchema],
    ['/api/v1/readings/history?device=ups-1&point=battery.charge', answers.historySchema],
    ['/api/v1/alerts', answers.alertsSchema],
    ['/api/v1/incidents', answers.incidentsSchema],
    ['/api/v1/incidents/20261121-1', incidentSchema],
    ['/api/v1/incidents/20261121-1/report', reportSchema],
    ['/api/v1/deliveries', answers.deliveriesSchema],
    ['/api/v1/plans', answers.plansSchema],
    ['/api/v1/tasks?state=all', tasksSchema],
    ['/api/v1/readiness', readinessResponseSchema],
    ['/api/v1/outages', outagesSchema],
    ['/api/v1/rota', rotaSchema],
    ['/api/v1/calendar', calendarSchema],
    ['/api/v1/rota-feed', rotaFeedSchema],
    ['/api/v1/simulator', answers.simulatorSchema],
    ['/api/v1/session', sessionSchema],
    ['/api/v1/users', usersSchema],
    ['/api/v1/tokens', tokensSchema],
    ['/api/v1/audit', auditSchema],
    ['/api/v1/incidents/none', answers.problemSchema],
  ];
  test.each(ANSWERS)('%s answers what it promises', async (url, schema) => {
    const response = await site.dashboard.inject({ url, headers: admin.headers });
    const body = response.json();
    const parsed = schema.safeParse(body);
    expect(parsed.error?.issues ?? []).toEqual([]);
    // An object schema drops what it does not name: nothing more is answered than is described.
    expect(parsed.data).toEqual(body);
  });

  test('is OpenAPI 3.1 and has every route with its schema', async () => {
    const description = (await site.dashboard.inject('/api/v1/openapi.json')).json();
    expect(description.openapi).toBe('3.1.0');
    const described = new Set(
      Object.entries<Record<string, unknown>>(description.paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
      ),
    );
    const routes = site.dashboard
      .routes()
      .filter(
        ({ method, url }) =>
          method !== 'HEAD' &&
          url !== '/*' &&
          !url.startsWith('/docs') &&
          !url.endsWith('openapi.json') &&
          // A page for people, not for programs.
          !url.startsWith('/a/'),
      )
      .map(({ method, url }) => `${method} ${url.replace(/:(\w+)/g, '{$1}')}`);
    expect([...described].filter((route) => !route.startsWith('HEAD')).toSorted()).toEqual(routes.toSorted());
    // Every reference leads somewhere.
    const references = [...JSON.stringify(description).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(
      (match) => match[1],
    );
    expect(references.length).toBeGreaterThan(10);
    for (const name of references) expect(Object.keys(description.components.schemas)).toContain(name);
  });

  test('the reading page at /docs needs no other host', async () => {
    const index = await site.dashboard.inject('/docs/');
    expect(index.statusCode).toBe(200);
    const parts = [...index.body.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(parts.length).toBeGreaterThan(3);
    for (const part of parts) {
      expect(part).not.toMatch(/^(https?:)?\/\//);
      const url = new URL(part, 'http://localhost/docs/').pathname;
      expect([url, (await site.dashboard.inject(url)).statusCode]).toEqual([url, 200]);
    }
    // Inline scripts would be stopped by the policy.
    expect(index.body).not.toMatch(/<script(?![^>]*src=)[^>]*>\s*\S/);
    const initializer = await site.dashboard.inject('/docs/static/swagger-initializer.js');
    expect(initializer.body).toMatch(/validatorUrl: null/);
  });
});
