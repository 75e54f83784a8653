import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CommandBody, CommandResult, PersonCommand } from '#core/command.ts';
import { Secret } from '#core/secret.ts';
import { milliseconds, minutes, seconds } from '#core/time.ts';
import { signCommand } from '#platform/command-signature.ts';
import { type BadDay, diaryOf, openBadDay, until } from './support/house.ts';

let day: BadDay;
beforeEach(async () => {
  day = await openBadDay();
  await day.clock.advanceByAsync(seconds(30));
});
afterEach(() => day.stop());

const SITE = 'zhishou/sample';
const REFUSED = 'zhishou_broker_refused_total';

/** A reading of the UPS as the collector says it, with another status. */
function onBattery(): string {
  const last = day.batches.findLast(({ device }) => device === 'ups-1');
  const readings = last?.readings.map((one) => (one.point === 'ups.status' ? { ...one, value: 'OB DISCHRG' } : one));
  return JSON.stringify({ ...last, at: day.clock.now(), readings });
}

describe('a client outside that speaks as one of our services', () => {
  it('is not believed: no reading, no incident, no order, whatever the topic, kept or not; each try is counted', async () => {
    const heard: string[] = [];
    await day.broker.subscribe('zhishou/#', ({ topic }) => heard.push(topic));
    await day.broker.drained();
    heard.length = 0;
    const forged: readonly (readonly [string, string])[] = [
      ['reading/ups-1', onBattery()],
      ['reading/new-device', onBattery()],
      ['device/ups-1', '{"device":"ups-1","state":"silent"}'],
      ['alert/1', '{"id":"1","rule":"smoke","state":"firing"}'],
      ['incident/1', '{"id":"1","phase":"protecting"}'],
      ['command', '{"id":"1"}'],
      ['command-result/1', '{"id":"1","ok":true}'],
      ['delivery/1', '{"id":"1"}'],
      ['poll/ups-1', '{"device":"ups-1","everyMs":60000,"now":false}'],
      ['site', '{"armed":true}'],
      ['simulator/command', '{"kind":"mains","present":false}'],
    ];
    const forger = await day.stranger();
    for (const retain of [false, true]) {
      for (const [name, payload] of forged) await forger.publishAsync(`${SITE}/${name}`, payload, { qos: 1, retain });
    }
    expect(day.count(REFUSED, { reason: 'forbidden-topic' })).toBe(2 * forged.length);
    expect(heard).toEqual([]);
    await day.clock.advanceByAsync(minutes(2));
    expect(day.firing()).toEqual([]);
    expect(day.incidents.size).toBe(0);
    expect(day.room.state().mains).toBe(true);
    expect(day.sent).toEqual([]);
  });

  it('is not believed in its last will, nor after one of our names', async () => {
    const will = { topic: `${SITE}/reading/ups-1`, payload: Buffer.from(onBattery()), qos: 1, retain: true } as const;
    const dying = await day.stranger({ will, clientId: 'collector' });
    dying.stream.destroy();
    await until(() => expect(day.count(REFUSED, { reason: 'forbidden-topic' })).toBe(1));
    await day.clock.advanceByAsync(minutes(1));
    expect(day.incidents.size).toBe(0);
  });

  it('does not get in with a guessed password', async () => {
    await expect(day.stranger({ username: 'collector', password: 'guess' })).rejects.toThrow();
    expect(day.count(REFUSED, { reason: 'wrong-credentials' })).toBe(1);
  });
});

describe('a service of ours that has gone wrong', () => {
  it('is counted by topic and reason, and the next true reading is judged at once', async () => {
    const count = (reason: string): number =>
      day.count('zhishou_alerts_rejected_total', { topic: 'reading/+', reason });
    const truth = onBattery();
    const say = (name: string, payload: string | Uint8Array): Promise<void> =>
      day.broker.publish(`${SITE}/${name}`, payload);
    await say('reading/ups-1', '{"device":"ups-1"');
    await say('reading/ups-1', Uint8Array.of(0xff, 0xfe));
    await say('reading/ups-1', '{"device":"ups-1","at":"yesterday","readings":7}');
    await say('reading/ac-1', truth);
    await say('reading/ghost', truth.replaceAll('ups-1', 'ghost'));
    await say('reading/ups-1', new Uint8Array(2 * 1024 * 1024).fill(0x20));
    await day.broker.drained();
    expect(count('other device')).toBe(1);
    expect(count('unknown device')).toBe(1);
    expect(day.count('zhishou_alerts_rejected_total', { topic: 'reading/+' })).toBe(6);
    expect(day.count('zhishou_alerts_failures_total')).toBe(0);
    expect([day.incidents.size, day.firing()]).toEqual([0, []]);
    await say('reading/ups-1', truth);
    await day.broker.drained();
    expect(day.firing()).toContain('mains-lost');
  });

  it('asks for polls in vain when it does not say them right', async () => {
    const before = diaryOf(day).length;
    for (const payload of ['{', '{"device":"ups-1"}', '{"device":"ups-1","everyMs":-1,"now":true}', '7'])
      await day.broker.publish(`${SITE}/poll/ups-1`, payload);
    await day.broker.drained();
    await day.clock.advanceByAsync(milliseconds(1));
    expect(day.count('zhishou_collector_rejected_messages_total', { reason: 'poll request' })).toBe(4);
    expect(diaryOf(day)).toHaveLength(before);
  });
});

describe('an order on the bus', () => {
  const order = (id: string, body: CommandBody, ageMs = 0): Omit<PersonCommand, 'signature'> => ({
    id,
    at: day.clock.now() - ageMs,
    by: { user: 'admin', name: 'Admin', role: 'administrator' },
    body,
  });
  const arm: CommandBody = { kind: 'site.arm', reason: 'test' };
  const disarm: CommandBody = { kind: 'site.disarm', reason: 'test' };
  const signed = (one: Omit<PersonCommand, 'signature'>): PersonCommand => signCommand(one, day.house.signatureKey);

  async function give(command: unknown): Promise<CommandResult[]> {
    const results: CommandResult[] = [];
    const stop = await day.broker.subscribe(`${SITE}/command-result/+`, ({ payload }) =>
      results.push(JSON.parse(new TextDecoder().decode(payload)) as CommandResult),
    );
    await day.broker.publish(`${SITE}/command`, typeof command === 'string' ? command : JSON.stringify(command));
    await day.broker.drained();
    await stop();
    return results;
  }
  const refused = (error: string): number => day.count('zhishou_commands_refused_total', { error });
  const armed = async (): Promise<boolean> => {
    let last = false;
    const stop = await day.broker.subscribe(`${SITE}/site`, ({ payload }) => {
      last = (JSON.parse(new TextDecoder().decode(payload)) as { armed: boolean }).armed;
    });
    await day.broker.drained();
    await stop();
    return last;
  };

  it.each<[string, () => unknown]>([
    ['without a signature of ours', () => signCommand(order('a', arm), new Secret('another key'))],
    ['with an empty signature', () => ({ ...order('b', arm), signature: '' })],
    ['changed after it was signed', () => ({ ...signed(order('c', disarm)), body: arm })],
    [
      'with a role raised after it was signed',
      () => {
        const { by, ...rest } = signed({ ...order('d', arm), by: { user: 'a', name: 'A', role: 'viewer' } });
        return { ...rest, by: { ...by, role: 'administrator' } };
      },
    ],
  ])('%s is refused, answered and counted, and nothing is done', async (_what, command) => {
    const results = await give(command());
    expect(results).toEqual([expect.objectContaining({ ok: false, error: 'FORBIDDEN' })]);
    expect(refused('FORBIDDEN')).toBe(1);
    expect(await armed()).toBe(false);
  });

  it('that is no order is counted and not answered', async () => {
    for (const payload of ['{', 'null', '[]', '{"id":"x"}', JSON.stringify({ ...order('e', arm) })])
      expect(await give(payload)).toEqual([]);
    expect(await give({ ...signed(order('f', arm)), more: 1 })).toEqual([]);
    expect(day.count('zhishou_alerts_rejected_total', { topic: 'command' })).toBe(6);
    expect(await armed()).toBe(false);
  });

  it.each([
    ['older than five minutes', minutes(6)],
    ['from the future', milliseconds(-minutes(6))],
  ])('%s is refused though its signature fits', async (_what, age) => {
    const results = await give(signed(order('old', arm, age)));
    expect(results).toEqual([expect.objectContaining({ ok: false, error: 'CONFLICT' })]);
    expect(refused('CONFLICT')).toBe(1);
    expect(await armed()).toBe(false);
  });

  it('of too low a role is refused though its signature fits', async () => {
    const results = await give(signed({ ...order('low', arm), by: { user: 'd', name: 'D', role: 'duty' } }));
    expect(results).toEqual([expect.objectContaining({ ok: false, error: 'FORBIDDEN' })]);
    expect(await armed()).toBe(false);
  });

  it('that is replayed is answered with its first result and not done again, soon or late', async () => {
    const first = signed(order('arm-1', arm));
    const [done] = await give(first);
    expect([done?.ok, await armed()]).toEqual([true, true]);
    expect((await give(signed(order('disarm-1', disarm))))[0]?.ok).toBe(true);
    expect(await give(first)).toEqual([done]);
    expect(await armed()).toBe(false);
    await day.clock.advanceByAsync(minutes(10));
    expect(await give(first)).toEqual([done]);
    expect(await armed()).toBe(false);
    expect(day.count('zhishou_commands_total', { kind: 'site.arm' })).toBe(1);
  });
});
