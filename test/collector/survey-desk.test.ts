import { describe, expect, it } from 'vitest';
import { ZhishouError } from '#core/errors.ts';
import { sleep } from '#core/ports.ts';
import { Secret } from '#core/secret.ts';
import type { SurveyAsk, SurveyState } from '#core/survey.ts';
import { milliseconds, minutes, seconds } from '#core/time.ts';
import { sealMessage } from '#platform/sealed-message.ts';
import { startSite, upsDevice } from './support/site.ts';

const KEY = new Secret('shared');
const LOOK: SurveyAsk = { kind: 'look', url: 'snmp://127.0.0.1:1161?community=hush-hush' };
const RANGE: SurveyAsk = {
  ...{ kind: 'discover', range: '127.0.0.1-2', communities: ['hush-hush'], port: 1161, v1: false },
};

/** A collector with one UPS at port 1161, and what it tells of what it was ordered to look at. */
async function desk() {
  const site = await startSite([upsDevice()], { surveyKey: KEY });
  const told: SurveyState[] = [];
  const raw: string[] = [];
  await site.bus.subscribe('zhishou/test/survey/+', ({ payload }) => {
    raw.push(new TextDecoder().decode(payload));
    told.push(JSON.parse(raw.at(-1) ?? '') as SurveyState);
  });
  const order = (ask: SurveyAsk | null, change: { id?: string; at?: number; key?: Secret } = {}) => {
    const { id = 'survey-1', at = site.clock.now(), key = KEY } = change;
    const sealed = sealMessage({ id, at, ask }, 'survey-order', key);
    return site.bus.publish('zhishou/test/survey-order', JSON.stringify({ sealed }));
  };
  return { ...site, told, raw, order, last: () => told.at(-1) };
}

describe('looking at a device that is not configured yet', () => {
  it('tells what it is and what it reads, again and again, and the entry to paste', async () => {
    const { order, clock, last, told, agents } = await desk();
    await order(LOOK);
    await clock.advanceByAsync(milliseconds(100));
    expect(last()).toMatchObject({ state: 'running', done: 1, probe: { recognised: 'rfc1628-ups' } });
    const point = last()?.probe?.points.find(({ name }) => name === 'ups.status');
    expect(point).toMatchObject({ value: 'OL', quality: 'good' });
    expect(last()?.yaml).toContain('profile: rfc1628-ups');
    const { walks } = agents.get(1161)!.asked;
    agents.get(1161)!.put('1.3.6.1.2.1.33.1.4.1.0', 'Integer', 5);
    await clock.advanceByAsync(seconds(4));
    expect(last()?.probe?.points.find(({ name }) => name === 'ups.status')?.value).toBe('OB DISCHRG');
    // Only the first reading finds out what it is (L37).
    expect(agents.get(1161)!.asked.walks).toBe(walks);
    await clock.advanceByAsync(minutes(3));
    expect(last()?.state).toBe('done');
    expect(told.length).toBeLessThan(45);
  });

  it('says no credentials to the bus: not in what it tells, not in the entry', async () => {
    const { order, clock, raw } = await desk();
    await order(LOOK);
    await order(RANGE, { id: 'survey-2' });
    await clock.advanceByAsync(seconds(20));
    expect(raw.length).toBeGreaterThan(3);
    expect(raw.join()).toContain('SNMP_COMMUNITY');
    expect(raw.join()).not.toContain('hush-hush');
  });

  it('ends when the person has gone', async () => {
    const { order, clock, last, told } = await desk();
    await order(LOOK);
    await clock.advanceByAsync(milliseconds(100));
    await order(null);
    await clock.advanceByAsync(seconds(5));
    expect(last()?.state).toBe('done');
    const count = told.length;
    await clock.advanceByAsync(minutes(1));
    expect(told).toHaveLength(count);
  });

  it.each<[string, SurveyAsk, string]>([
    ['an address of another kind', { kind: 'look', url: 'gopher://127.0.0.1/' }, 'BAD_REQUEST'],
    ['a profile that is not there', { ...LOOK, profile: 'nobody' }, 'NOT_FOUND'],
    ['nobody there', { kind: 'look', url: 'snmp://127.0.0.1:9999?community=x' }, 'UNREACHABLE'],
    ['too many addresses', { ...RANGE, range: '10.0.0.0/8' }, 'BAD_REQUEST'],
  ])('tells why not: %s', async (_title, ask, code) => {
    const { order, clock, last } = await desk();
    await order(ask);
    await clock.advanceByAsync(seconds(1));
    expect(last()).toMatchObject({ state: 'failed', error: { code } });
  });

  it('finds who answers in a range, with how far it is', async () => {
    const { order, clock, told, last } = await desk();
    await order(RANGE);
    await clock.advanceByAsync(seconds(5));
    expect(last()).toMatchObject({ state: 'done', done: 2, all: 2 });
    expect(last()?.found[0]).toMatchObject({ host: '127.0.0.1', profile: 'rfc1628-ups', kind: 'ups' });
    expect(told[0]).toMatchObject({ state: 'running', done: 0 });
  });

  it.each<[string, { id?: string; at?: number; key?: Secret }]>([
    ['sealed with another key', { key: new Secret('guess') }],
    ['of yesterday', { at: Date.parse('2026-11-22T01:00:00Z') }],
    ['with an id that is none', { id: 'x' }],
  ])('does nothing for an order %s', async (_title, change) => {
    const { order, clock, told, metrics } = await desk();
    await order(LOOK, change);
    await clock.advanceByAsync(seconds(5));
    expect(told).toEqual([]);
    expect(metrics.render()).toMatch(/rejected_messages_total\{reason="survey order: [a-z ]+"\} 1/);
  });

  it('does nothing twice, and no more than three at once', async () => {
    const { order, clock, told, agents } = await desk();
    agents.get(1161)!.behave = () => new Promise(() => {});
    for (const id of ['survey-1', 'survey-1', 'survey-2', 'survey-3', 'survey-4']) await order(LOOK, { id });
    await clock.advanceByAsync(seconds(1));
    expect(told.filter(({ state }) => state === 'running')).toHaveLength(3);
    expect(told.filter(({ error }) => error?.code === 'TOO_MANY').map(({ id }) => id)).toEqual(['survey-4']);
  });

  it('ends by itself after a quarter of an hour, when nobody says that he has gone', async () => {
    const { order, clock, last, agents } = await desk();
    // As a dead address has it: two tries of two seconds, for each community.
    agents.get(1161)!.behave = async () => {
      await sleep(clock, seconds(4));
      throw new ZhishouError('TIMED_OUT', 'x');
    };
    const communities = ['a', 'b', 'c', 'd', 'e'];
    await order({ ...RANGE, range: '10.0.0.0/20', communities } as SurveyAsk);
    await clock.advanceByAsync(minutes(1));
    expect(last()?.state).toBe('running');
    await clock.advanceByAsync(minutes(15));
    expect(last()?.state).toBe('done');
    expect(last()?.done).toBeLessThan(4094);
  });

  it('what is no order at all disturbs nobody', async () => {
    const { bus, clock, told, agents } = await desk();
    for (const text of ['', 'x', '{}', '{"sealed":5}', '{"sealed":""}', `{"sealed":"${'A'.repeat(9000)}"}`])
      await bus.publish('zhishou/test/survey-order', text);
    agents.get(1161)!.behave = () => Promise.reject(new ZhishouError('TIMED_OUT', 'x'));
    await clock.advanceByAsync(seconds(5));
    expect(told).toEqual([]);
  });
});
