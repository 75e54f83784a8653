import { describe, expect, it } from 'vitest';
import { peopleFileSchema } from '#core/config/people.ts';
import type { OutgoingMessage } from '#core/notification.ts';
import type { ChannelNews, StateStore } from '#core/ports.ts';
import { hours, minutes, seconds } from '#core/time.ts';
import { makeLinkToken } from '#platform/link-token.ts';
import { openStateStore } from '#platform/state-store.ts';
import { KEY, makeService, type Service, type ServiceOptions } from '../service.ts';
import { makeBatch, makeConfig, makeRule } from '../support.ts';

/** The whole service; people reply over the channel `phone`. Everything made up. */
const people = peopleFileSchema.parse({
  people: [
    {
      id: 'lin',
      name: { zh: '林', en: 'Lin' },
      language: 'en',
      routes: [
        { channel: 'phone', to: '+86 138 0000 0001' },
        { channel: 'email', to: 'lin@example.com' },
      ],
    },
    {
      id: 'gao',
      name: { zh: '高', en: 'Gao' },
      functions: ['deputy', 'director'],
      routes: [{ channel: 'phone', to: '13800000002' }],
    },
  ],
  contacts: {},
});
const mains = makeRule({
  id: 'mains-lost',
  title: 'Mains lost',
  when: { point: 'ups.status', is: 'OB' },
  notify: ['duty', 'deputy'],
});
const smoke = makeRule({
  id: 'smoke',
  title: 'Smoke',
  on: { devices: ['smoke-1'] },
  when: { point: 'room.smoke', is: true },
  safety: true,
});
const base = makeConfig();
const config = makeConfig({
  people,
  rules: [mains, smoke],
  rota: { ...base.rota, rota: { ...base.rota.rota, order: ['lin'] } },
  site: { ...base.site, http: { ...base.site.http, public_url: 'https://room.example/' } },
});

async function begin(options: ServiceOptions = {}) {
  const service = makeService({ config, ...options });
  const handlers: ((news: ChannelNews) => void)[] = [];
  service.channels.phone.listen = (handler) => {
    handlers.push(handler);
    return () => {};
  };
  await service.start();
  const answer = async (from: string, text: string, delivery: string | null = null): Promise<void> => {
    for (const handler of handlers) handler({ kind: 'answer', from, text, delivery });
    await service.advance(seconds(1));
  };
  const sent = (): readonly OutgoingMessage[] => service.channels.phone.sent;
  const toldTo = (person: string): OutgoingMessage[] => sent().filter((message) => message.person === person);
  return { service, answer, sent, toldTo };
}

const outage = (service: Service) => service.publish(makeBatch('ups-1', service.clock.now(), { 'ups.status': 'OB' }));
const fire = (service: Service) => service.publish(makeBatch('smoke-1', service.clock.now(), { 'room.smoke': true }));
const alertOf = (service: Service, rule: string) => service.seen('alert/+').findLast((view) => view.rule === rule);

describe('an answer over the channel', () => {
  it('acknowledges by its code, in the name of whose number it is, and is confirmed back over the same channel', async () => {
    const { service, answer, toldTo } = await begin();
    await outage(service);
    const code = toldTo('lin')[0]?.act?.code ?? '';
    expect(code).toMatch(/^[A-HJ-NP-Z][2-9]$/);
    expect(toldTo('gao')[0]?.act?.code).toBe(code);
    await answer('13800000002', `确认 ${code.toLowerCase()}`);
    expect(alertOf(service, 'mains-lost')).toMatchObject({
      state: 'acknowledged',
      acknowledged: { by: 'gao', via: 'phone' },
    });
    expect(toldTo('gao').at(-1)?.subject).toContain(`已确认 ${code}`);
    expect(service.channels.email.sent.filter(({ person }) => person === 'gao')).toEqual([]);
    await service.stop();
  });

  it.each(['1', 'ok', '收到'])('%s without a code is enough while one matter is open', async (text) => {
    const { service, answer, toldTo } = await begin();
    await outage(service);
    await answer('+8613800000001', text);
    expect(alertOf(service, 'mains-lost')?.acknowledged?.by).toBe('lin');
    expect(toldTo('lin').at(-1)?.subject).toMatch(/^Acknowledged [A-Z]\d: Mains lost/);
    await service.stop();
  });

  it('without a code asks back once which of several it is, and acknowledges none', async () => {
    const { service, answer, toldTo } = await begin();
    await outage(service);
    await fire(service);
    await answer('13800000001', 'ok');
    await answer('13800000001', 'ok');
    const asked = toldTo('lin').filter(({ subject }) => subject.includes('reply with the code'));
    expect(asked).toHaveLength(1);
    expect(asked[0]?.body).toMatch(/^[A-Z]\d Mains lost.*\n[A-Z]\d Smoke/);
    expect(service.seen('alert/+').filter(({ state }) => state === 'acknowledged')).toEqual([]);
    await service.stop();
  });

  it('given twice says who was quicker, and when; the first stays', async () => {
    const { service, answer, toldTo } = await begin();
    await outage(service);
    const code = toldTo('lin')[0]?.act?.code ?? '';
    await answer('13800000002', code);
    await answer('13800000001', code);
    await answer('13800000001', code);
    expect(toldTo('lin').filter(({ subject }) => subject === `${code} was acknowledged by Gao at 10:00`)).toHaveLength(
      1,
    );
    await service.advance(minutes(1));
    await answer('13800000001', '收到');
    expect(alertOf(service, 'mains-lost')?.acknowledged?.by).toBe('gao');
    await service.stop();
  });

  it('after the end says that it is over', async () => {
    const { service, answer, toldTo } = await begin();
    await outage(service);
    const code = toldTo('gao')[0]?.act?.code ?? '';
    await service.publish(makeBatch('ups-1', service.clock.now(), { 'ups.status': 'OL' }));
    await answer('13800000002', code);
    expect(toldTo('gao').at(-1)?.subject).toBe(`${code} 已结束，无需确认`);
    await service.stop();
  });

  it('of a key in a call is about the matter of that call, and needs no message back', async () => {
    const { service, answer, toldTo, sent } = await begin();
    await outage(service);
    await fire(service);
    const call = toldTo('lin').find(({ alert }) => alert?.startsWith('smoke'));
    const before = sent().length;
    await answer('sip:13800000001@pbx', '9', call?.id);
    expect(alertOf(service, 'smoke')?.state).toBe('firing');
    await answer('sip:13800000001@pbx', '1', call?.id);
    expect(alertOf(service, 'smoke')?.acknowledged?.by).toBe('lin');
    expect(alertOf(service, 'mains-lost')?.state).toBe('firing');
    expect(sent()).toHaveLength(before);
    await service.stop();
  });

  it('from a strange number does nothing, gets no reply, and is told once to whoever is on duty', async () => {
    const { service, answer, toldTo, sent } = await begin();
    await outage(service);
    const code = toldTo('lin')[0]?.act?.code ?? '';
    for (let i = 0; i < 5; i++) await answer('13900000009', `确认 ${code}`);
    expect(alertOf(service, 'mains-lost')?.state).toBe('firing');
    expect(sent().filter(({ to }) => to.includes('139'))).toEqual([]);
    expect(toldTo('lin').filter(({ subject }) => subject.includes('13900000009'))).toHaveLength(1);
    expect(service.metrics.counts.get('zhishou_answers_total phone stranger')).toBe(5);
    await service.stop();
  });

  it('with a code that is none acknowledges nothing, asks again, and whoever is on duty hears of it', async () => {
    const { service, answer, toldTo } = await begin();
    await outage(service);
    const code = toldTo('lin')[0]?.act?.code ?? '';
    const wrong = code === 'Z9' ? 'Z8' : 'Z9';
    await answer('13800000002', wrong);
    expect(alertOf(service, 'mains-lost')?.state).toBe('firing');
    expect(toldTo('gao').at(-1)).toMatchObject({ subject: `没有代码 ${wrong}，请回复下列代码` });
    expect(toldTo('gao').at(-1)?.body).toContain(code);
    expect(toldTo('lin').at(-1)?.subject).toContain(wrong);
    await service.stop();
  });

  it('L24, L28: means the same after a restart', async () => {
    const state: StateStore = openStateStore(':memory:');
    const kept: StateStore = { ...state, close: () => {} };
    const first = await begin({ state: kept });
    await outage(first.service);
    const code = first.toldTo('lin')[0]?.act?.code ?? '';
    await first.service.stop();
    const second = await begin({ state: kept, clock: first.service.clock });
    await second.answer('13800000001', code);
    expect(alertOf(second.service, 'mains-lost')).toMatchObject({ acknowledged: { by: 'lin' } });
    await second.service.stop();
  });
});

describe('the link in a message', () => {
  const grantOf = (link: string | null | undefined): string => link?.split('/a/')[1] ?? '';
  const acknowledge = (service: Service, alert: string, grant: string, user: string, id: string) =>
    service.command({ kind: 'alert.acknowledge', alert, grant }, { id, role: 'duty', ...{ user } });

  it('is short, one for each person, and acknowledges in the name of whom it was made for alone', async () => {
    const { service, toldTo } = await begin();
    await outage(service);
    const link = toldTo('lin')[0]?.act?.link;
    expect(link).toMatch(/^https:\/\/room\.example\/a\/[\w-]{32}$/);
    expect(toldTo('gao')[0]?.act?.link).not.toBe(link);
    const alert = alertOf(service, 'mains-lost')?.id ?? '';
    // The orders of this test come from `ann`: the link is another person's.
    const result = await acknowledge(service, alert, grantOf(link), 'ann', 'l1');
    expect(result).toMatchObject({ ok: false, error: 'FORBIDDEN' });
    expect(alertOf(service, 'mains-lost')?.state).toBe('firing');
    await service.stop();
  });

  it('that was forged, is of another matter, or too old, is refused by the service that acts', async () => {
    const { service } = await begin();
    await outage(service);
    await fire(service);
    const alert = alertOf(service, 'mains-lost')?.id ?? '';
    const other = alertOf(service, 'smoke')?.id ?? '';
    const now = service.clock.now();
    const make = (id: string, expires: number) =>
      makeLinkToken({ kind: 'alert', id, person: 'ann', expires: expires as typeof now }, KEY);
    const wrong = [make(other, now + hours(1)), make(alert, now - minutes(1)), 'A'.repeat(32), ''];
    for (const [i, grant] of wrong.entries()) {
      expect(await acknowledge(service, alert, grant, 'ann', `w${i}`)).toMatchObject({ ok: false });
    }
    expect(await acknowledge(service, alert, make(alert, now + hours(1)), 'ann', 'good')).toMatchObject({ ok: true });
    expect(alertOf(service, 'mains-lost')?.acknowledged).toMatchObject({ by: 'ann', via: 'link' });
    await service.stop();
  });
});
