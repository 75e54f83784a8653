import { describe, expect, test } from 'vitest';
import type { SurveyState } from '#core/survey.ts';
import { seconds } from '#core/time.ts';
import { openSealed } from '#platform/sealed-message.ts';
import { SIGNATURE_KEY, type SignedIn, startDashboard } from './support.ts';

const LOOK = { kind: 'look', url: 'snmp://user:pw@10.0.0.5:161?community=hush-hush' };
const state = (id: string, change: Partial<SurveyState> = {}): SurveyState => ({
  ...{ id, state: 'running', done: 1, all: 40, found: [], yaml: 'devices: []\n', error: null },
  probe: {
    recognised: 'rfc1628-ups',
    points: [{ name: 'ups.load', value: 40, unit: '%', quality: 'good', oid: '1.3', raw: 40 }],
  },
  ...change,
});

async function page() {
  const site = await startDashboard();
  const orders: unknown[] = [];
  const raw: string[] = [];
  await site.bus.subscribe('zhishou/sample/survey-order', ({ payload }) => {
    raw.push(new TextDecoder().decode(payload));
    const { sealed } = JSON.parse(raw.at(-1) ?? '') as { sealed: string };
    orders.push(openSealed(sealed, 'survey-order', SIGNATURE_KEY));
  });
  const call = (who: SignedIn, method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object) =>
    site.dashboard.inject({ ...{ method, url, headers: who.headers }, ...(payload === undefined ? {} : { payload }) });
  return { ...site, orders, raw, call };
}

describe('adding a device', () => {
  test('the order goes out sealed, the answer comes to who asked', async () => {
    const { signIn, call, orders, raw, publish } = await page();
    const operator = await signIn('operator');
    const begun = await call(operator, 'POST', '/api/v1/surveys', LOOK);
    expect(begun.statusCode).toBe(202);
    const { id } = begun.json<{ id: string }>();
    expect(orders).toMatchObject([{ id, ask: LOOK }]);
    expect(raw.join()).not.toContain('hush');
    await publish('survey/+', id, state(id));
    const seen = await call(operator, 'GET', `/api/v1/surveys/${id}`);
    expect(seen.json()).toEqual(state(id));
    const other = await signIn('administrator');
    expect((await call(other, 'GET', `/api/v1/surveys/${id}`)).statusCode).toBe(404);
    expect((await call(other, 'DELETE', `/api/v1/surveys/${id}`)).statusCode).toBe(404);
    expect((await call(operator, 'DELETE', `/api/v1/surveys/${id}`)).statusCode).toBe(204);
    expect(orders.at(-1)).toMatchObject({ id, ask: null });
  });

  test('the audit log says where was looked, never with which credentials', async () => {
    const { signIn, call, accounts } = await page();
    const operator = await signIn('operator');
    await call(operator, 'POST', '/api/v1/surveys', LOOK);
    await call(operator, 'POST', '/api/v1/surveys', { kind: 'discover', range: '10.1.2.0/28', communities: ['hush'] });
    const details = accounts.audit.read({ limit: 10 }).map(({ detail }) => detail);
    expect(details.join('\n')).toContain('look snmp://10.0.0.5:161');
    expect(details.join('\n')).toContain('discover 10.1.2.0/28');
    expect(details.join('\n')).not.toMatch(/hush|pw/);
  });

  test('a collector that says nothing is told as such; one that is no survey is dropped', async () => {
    const { signIn, call, wall, publish } = await page();
    const operator = await signIn('operator');
    const { id } = (await call(operator, 'POST', '/api/v1/surveys', LOOK)).json<{ id: string }>();
    await publish('survey/+', id, { id, state: 'odd' } as unknown as SurveyState);
    wall.advanceBy(seconds(6));
    const seen = await call(operator, 'GET', `/api/v1/surveys/${id}`);
    expect(seen.json()).toMatchObject({ state: 'failed', error: { code: 'TIMED_OUT' } });
  });

  test.each([
    ['no address', { kind: 'look' }],
    ['a range of words', { kind: 'discover', range: '; rm', communities: ['x'] }],
    ['no community', { kind: 'discover', range: '10.0.0.0/30', communities: [] }],
  ])('refuses %s', async (_title, payload) => {
    const { signIn, call } = await page();
    expect((await call(await signIn('operator'), 'POST', '/api/v1/surveys', payload)).statusCode).toBe(400);
  });
});
