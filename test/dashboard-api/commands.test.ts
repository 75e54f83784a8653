import { afterEach, describe, expect, test } from 'vitest';
import type { CommandResult, PersonCommand } from '#core/command.ts';
import { seconds } from '#core/time.ts';
import { verifyCommand } from '#platform/command-signature.ts';
import { iso, SIGNATURE_KEY, START, startDashboard, type TestDashboard } from './support.ts';

let running: TestDashboard | null = null;
const start: typeof startDashboard = async (options) => {
  running = await startDashboard(options);
  return running;
};
afterEach(async () => {
  await running?.dashboard.stop();
  running = null;
});

const ACKNOWLEDGE = { kind: 'incident.acknowledge', incident: 'i' } as const;

/** Answers as the alerts service would; returns what it heard. */
async function answerWith(site: TestDashboard, change: Partial<CommandResult> | null): Promise<PersonCommand[]> {
  const heard: PersonCommand[] = [];
  await site.bus.subscribe('zhishou/sample/command', ({ payload }) => {
    const command: PersonCommand = JSON.parse(new TextDecoder().decode(payload));
    heard.push(command);
    if (change === null) return;
    const result = { id: command.id, ok: true, error: null, detail: null, created: null, ...change };
    void site.bus.publish(`zhishou/sample/command-result/${command.id}`, JSON.stringify(result));
  });
  return heard;
}

const heardOne = async (heard: readonly PersonCommand[]): Promise<void> => {
  while (heard.length === 0) await new Promise((resolve) => setImmediate(resolve));
};

const order = (site: TestDashboard, headers: Record<string, string>, payload: object = ACKNOWLEDGE) =>
  site.dashboard.inject({ method: 'POST', url: '/api/v1/commands', headers, payload });

describe("a person's order", () => {
  test("goes out signed, with the site's time, and in the name of the person whose account it is", async () => {
    const site = await start();
    const { headers } = await site.signIn('duty');
    site.accounts.updateUser('duty', { person: 'lin-hao' });
    const heard = await answerWith(site, { created: 'made' });
    const response = await order(site, headers);
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({ ok: true, created: 'made' });
    const [command] = heard;
    expect(command).toMatchObject({
      at: START,
      by: { user: 'lin-hao', name: 'duty', role: 'duty' },
      body: ACKNOWLEDGE,
    });
    expect(verifyCommand(command!, SIGNATURE_KEY)).toBe(true);
    expect(verifyCommand({ ...command!, by: { ...command!.by, role: 'administrator' } }, SIGNATURE_KEY)).toBe(false);
  });

  test.each([
    ['CONFLICT', 409],
    ['NOT_FOUND', 404],
    ['NOT_ARMED', 409],
    ['FORBIDDEN', 403],
    ['something new', 409],
  ])('that is refused with %s is answered with %i and with what the service said', async (error, status) => {
    const site = await start();
    const { headers } = await site.signIn('duty');
    await answerWith(site, { ok: false, error, detail: 'this step is over' });
    const response = await order(site, headers);
    expect(response.statusCode).toBe(status);
    expect(response.json()).toMatchObject({ status, command: { ok: false, error, detail: 'this step is over' } });
    expect(response.json().detail).toContain('this step is over');
  });

  test('that nobody answers within 5 s is 504, and says that it may still be carried out', async () => {
    const site = await start();
    const { headers } = await site.signIn('duty');
    const heard = await answerWith(site, null);
    const answering = order(site, headers);
    await heardOne(heard);
    await site.wall.advanceByAsync(seconds(5));
    const response = await answering;
    expect(response.statusCode).toBe(504);
    expect(response.json()).toMatchObject({ code: 'TIMED_OUT' });
    expect(response.json().detail).toContain('may still be carried out');
  });

  test('is 503 while the bus is down', async () => {
    const site = await start();
    const { headers } = await site.signIn('duty');
    site.bus.setConnected(false);
    const response = await order(site, headers);
    expect([response.statusCode, response.json().code]).toEqual([503, 'BUS_DOWN']);
  });

  test('waits real time: a demo that runs 600 times as fast does not time out sooner', async () => {
    const site = await start();
    const { headers } = await site.signIn('duty');
    const heard = await answerWith(site, null);
    const answering = order(site, headers);
    await heardOne(heard);
    await site.clock.advanceByAsync(seconds(3000));
    const result = { id: heard[0]!.id, ok: true, error: null, detail: null, created: null };
    await site.bus.publish(`zhishou/sample/command-result/${result.id}`, JSON.stringify(result));
    expect((await answering).statusCode).toBe(200);
  });
});

describe('the same Idempotency-Key (I4)', () => {
  test('is the id of the command; sent again it gives the same answer and does not go out again', async () => {
    const site = await start();
    const { headers } = await site.signIn('duty');
    const heard = await answerWith(site, {});
    const keyed = { ...headers, 'idempotency-key': 'press-1' };
    const [first, second] = [await order(site, keyed), await order(site, keyed)];
    expect(first.json()).toMatchObject({ id: 'press-1', ok: true });
    expect(second.json()).toEqual(first.json());
    expect(heard.map(({ id }) => id)).toEqual(['press-1']);
  });

  test('after a time-out goes out again under the same id, so that the service that acts can tell', async () => {
    const site = await start();
    const { headers } = await site.signIn('duty');
    const heard = await answerWith(site, null);
    const keyed = { ...headers, 'idempotency-key': 'press-2' };
    const first = order(site, keyed);
    await heardOne(heard);
    await site.wall.advanceByAsync(seconds(5));
    expect((await first).statusCode).toBe(504);
    await answerWith(site, {});
    expect((await order(site, keyed)).statusCode).toBe(200);
    expect(new Set(heard.map(({ id }) => id))).toEqual(new Set(['press-2']));
  });

  test('a late answer is kept for whoever asks again', async () => {
    const site = await start();
    const { headers } = await site.signIn('duty');
    const heard = await answerWith(site, null);
    const keyed = { ...headers, 'idempotency-key': 'press-3' };
    const first = order(site, keyed);
    await heardOne(heard);
    await site.wall.advanceByAsync(seconds(5));
    await first;
    const result = { id: 'press-3', ok: true, error: null, detail: null, created: 'late' };
    await site.bus.publish('zhishou/sample/command-result/press-3', JSON.stringify(result));
    await site.bus.drained();
    expect((await order(site, keyed)).json()).toMatchObject({ created: 'late' });
    expect(heard).toHaveLength(1);
  });

  test('for another command, or by another person, is refused', async () => {
    const site = await start();
    const duty = await site.signIn('duty');
    const operator = await site.signIn('operator');
    await answerWith(site, {});
    const key = { 'idempotency-key': 'press-4' };
    await order(site, { ...duty.headers, ...key });
    const other = await order(site, { ...duty.headers, ...key }, { ...ACKNOWLEDGE, incident: 'j' });
    const person = await order(site, { ...operator.headers, ...key });
    expect([other.statusCode, person.statusCode]).toEqual([409, 409]);
  });
});

describe('the simulated room', () => {
  test('takes orders and shows its state and what its catchers caught', async () => {
    const site = await start();
    const { headers } = await site.signIn('duty');
    const orders: unknown[] = [];
    await site.bus.subscribe('zhishou/sample/simulator/command', ({ payload }) => {
      orders.push(JSON.parse(new TextDecoder().decode(payload)));
    });
    const cut = { kind: 'mains', present: false };
    const response = await site.dashboard.inject({ method: 'POST', url: '/api/v1/simulator', headers, payload: cut });
    expect([response.statusCode, response.json()]).toEqual([202, { accepted: true }]);
    await site.bus.drained();
    expect(orders).toEqual([cut]);
    for (const n of [1, 2]) {
      await site.publish('simulator/caught/+', String(n), {
        at: iso(n),
        channel: 'smtp',
        to: 'zhou.min@example.com',
        subject: `message ${n}`,
        body: '',
      });
    }
    const { caught, state } = (await site.dashboard.inject({ url: '/api/v1/simulator', headers })).json();
    expect(caught.map(({ subject }: { subject: string }) => subject)).toEqual(['message 2', 'message 1']);
    expect(state).toBeNull();
  });

  test('is not there on a real site', async () => {
    const site = await start({ simulation: false });
    const { headers } = await site.signIn();
    const payload = { kind: 'mains', present: false };
    const post = await site.dashboard.inject({ method: 'POST', url: '/api/v1/simulator', headers, payload });
    const get = await site.dashboard.inject({ url: '/api/v1/simulator', headers });
    expect([post.statusCode, get.statusCode]).toEqual([404, 404]);
  });
});
