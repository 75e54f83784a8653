import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PollRecord } from '#core/diagnosis.ts';
import { ZhishouError } from '#core/errors.ts';
import { Secret } from '#core/secret.ts';
import type { SurveyAsk, SurveyState } from '#core/survey.ts';
import { instant, milliseconds, minutes, seconds } from '#core/time.ts';
import { sealMessage } from '#platform/sealed-message.ts';
import { blackenSecretsOf } from '#services/collector/blacken.ts';
import { createPollTrace } from '#services/collector/poll-trace.ts';
import { profileSources } from '#services/collector/profile-sources.ts';
import { surveyStateSchema } from '#services/dashboard-api/schemas/survey.ts';
import { sampleProfiles } from './support/profiles.ts';
import { startSite, upsDevice } from './support/site.ts';

const KEY = new Secret('shared');
const COMMUNITY = 'hush-hush';

async function desk() {
  const ups = upsDevice() as { snmp: object };
  const site = await startSite(
    [
      { ...ups, snmp: { ...ups.snmp, community: COMMUNITY } },
      { id: 'th-1', name: 'TH 1', kind: 'sensor', mqtt: { topic: 'zigbee2mqtt/th-1' }, profile: 'zigbee2mqtt-climate' },
    ],
    { surveyKey: KEY },
  );
  const told: SurveyState[] = [];
  const raw: string[] = [];
  await site.bus.subscribe('zhishou/test/survey/+', ({ payload }) => {
    raw.push(new TextDecoder().decode(payload));
    told.push(JSON.parse(raw.at(-1) ?? '') as SurveyState);
  });
  const order = (ask: SurveyAsk | null, id = 'survey-1') => {
    const sealed = sealMessage({ id, at: site.clock.now(), ask }, 'survey-order', KEY);
    return site.bus.publish('zhishou/test/survey-order', JSON.stringify({ sealed }));
  };
  return { ...site, told, raw, order, last: () => told.at(-1) };
}
const LOOK = (device: string): SurveyAsk => ({ kind: 'diagnose', device });

describe('looking closely at a device', () => {
  it('tells raw values with where they are read and the profile’s own source, and how the last polls went', async () => {
    const { order, clock, last, agents } = await desk();
    await clock.advanceByAsync(seconds(30));
    const { walks } = agents.get(1161)!.asked;
    await order(LOOK('ups-1'));
    await clock.advanceByAsync(seconds(3));
    const diagnosis = last()?.diagnosis;
    expect(surveyStateSchema.parse(last())).toEqual(last());
    expect(diagnosis).toMatchObject({ device: 'ups-1', way: 'snmp', profile: 'rfc1628-ups' });
    expect(diagnosis?.address).toBe('127.0.0.1:1161, SNMP 2c');
    const charge = diagnosis?.points.find(({ name }) => name === 'battery.charge');
    expect(charge).toMatchObject({
      ...{ unit: '%', quality: 'good', oid: '1.3.6.1.2.1.33.1.2.4.0' },
      source: 'UPS-MIB::upsEstimatedChargeRemaining',
    });
    expect(charge?.raw).toBe(charge?.value);
    const [newest] = diagnosis?.polls ?? [];
    expect(newest).toMatchObject({ outcome: 'ok', cause: 'command' });
    expect(diagnosis?.counts?.failed).toBe(0);
    // Nothing is discovered anew: it is the device's own conversation that is looked at.
    expect(agents.get(1161)!.asked.walks).toBe(walks);
  });

  it('asks once more than the schedule does, however long somebody looks on, and ends by itself', async () => {
    const { order, clock, last, told, agents } = await desk();
    await clock.advanceByAsync(seconds(60));
    const before = agents.get(1161)!.asked.gets;
    await clock.advanceByAsync(minutes(2));
    const usual = agents.get(1161)!.asked.gets - before;
    await order(LOOK('ups-1'));
    await clock.advanceByAsync(minutes(2));
    const looked = agents.get(1161)!.asked.gets - before - usual;
    expect(looked - usual).toBeGreaterThanOrEqual(0);
    expect(looked - usual).toBeLessThanOrEqual(2);
    await clock.advanceByAsync(seconds(2));
    expect(last()?.state).toBe('done');
    expect(told.length).toBeLessThan(125);
  });

  it('of a device that does not answer it tells why, with its last good values', async () => {
    const { order, clock, last, agents } = await desk();
    await clock.advanceByAsync(seconds(30));
    agents.get(1161)!.behave = () =>
      Promise.reject(new ZhishouError('TIMED_OUT', 'ups-1', `no answer to ${COMMUNITY}`));
    await clock.advanceByAsync(seconds(30));
    await order(LOOK('ups-1'));
    await clock.advanceByAsync(seconds(3));
    const { polls = [], counts, points = [] } = last()?.diagnosis ?? {};
    expect(polls[0]).toMatchObject({ outcome: 'TIMED_OUT', points: 0 });
    expect(counts?.timedOut).toBeGreaterThan(0);
    expect(points.length).toBeGreaterThan(5);
  });

  it('says no secret to the bus, whatever an error or a message says', async () => {
    const { order, clock, raw, agents, bus } = await desk();
    agents.get(1161)!.behave = () =>
      Promise.reject(new ZhishouError('REFUSED', 'ups-1', `community ${COMMUNITY} is wrong`));
    await order(LOOK('ups-1'));
    await order(LOOK('th-1'), 'survey-2');
    await clock.advanceByAsync(milliseconds(500));
    await bus.publish(
      'zigbee2mqtt/th-1',
      JSON.stringify({ temperature: 21.5, wifi_password: 'my house', token: 'abc123' }),
    );
    await clock.advanceByAsync(seconds(15));
    expect(raw.join()).toContain('REFUSED');
    expect(raw.join()).toContain('wifi_password');
    for (const secret of [COMMUNITY, 'my house', 'abc123']) expect(raw.join()).not.toContain(secret);
  });

  it('over MQTT it tells the messages as they came', async () => {
    const { order, clock, last, bus } = await desk();
    await bus.publish('zigbee2mqtt/th-1', JSON.stringify({ temperature: 20 }), { retain: true });
    await order(LOOK('th-1'));
    await clock.advanceByAsync(milliseconds(500));
    await bus.publish('zigbee2mqtt/th-1', JSON.stringify({ temperature: 21.5, humidity: 40 }));
    await clock.advanceByAsync(seconds(3));
    const messages = last()?.diagnosis?.messages ?? [];
    expect(messages.map(({ retained }) => retained)).toEqual([false, true]);
    expect(messages[0]).toMatchObject({ topic: 'zigbee2mqtt/th-1', text: '{"temperature":21.5,"humidity":40}' });
    expect(last()?.diagnosis?.points.find(({ name }) => name === 'ambient.temperature')).toMatchObject({
      ...{ value: 21.5, raw: 21.5, oid: 'temperature', quality: 'good' },
      source: expect.any(String),
    });
    expect(last()?.diagnosis?.counts).toBeNull();
  });

  it('a device that is not read here is said to be none', async () => {
    const { order, clock, last } = await desk();
    await order(LOOK('nobody'));
    await clock.advanceByAsync(seconds(1));
    expect(last()).toMatchObject({ state: 'failed', error: { code: 'NOT_FOUND' } });
  });
});

describe('the record of polls', () => {
  it('keeps the last twenty, the newest first, and counts all', () => {
    const trace = createPollTrace();
    for (let i = 0; i < 50; i++) trace.answered([], 'schedule', instant(1000 * i), i);
    trace.failed(new ZhishouError('TIMED_OUT', 'x'), 'trap', instant(50_000), 2000);
    trace.failed(new Error('secret of ours'), 'schedule', instant(51_000), 1);
    const polls: readonly PollRecord[] = trace.polls();
    expect(polls).toHaveLength(20);
    expect(polls[0]).toMatchObject({ outcome: 'INVARIANT', detail: null });
    expect(polls[1]).toMatchObject({ outcome: 'TIMED_OUT', cause: 'trap', tookMs: 2000 });
    expect(polls[2]).toMatchObject({ outcome: 'ok', tookMs: 49 });
    expect(trace.counts()).toMatchObject({ polls: 52, failed: 2, timedOut: 1 });
  });
});

describe('secrets in texts', () => {
  it('a configured secret is blacked out wherever it stands, a plain community too', () => {
    const blacken = blackenSecretsOf({ snmp: { community: 'open sesame', deep: { key: new Secret('k3y!') } } });
    expect(blacken('tried open sesame and k3y! in vain')).toBe('tried ••• and ••• in vain');
  });
  it.each([
    ['{"psk":"a b","ssid":"net"}', '{"psk":"•••","ssid":"net"}'],
    ['{"api_key": "x\\"y", "t": 1}', '{"api_key": "•••", "t": 1}'],
    ['password=abc&x=1', 'password=•••&x=1'],
    ['{"mqttPassword":123,"a":2}', '{"mqttPassword":•••,"a":2}'],
    ['temperature 21.5', 'temperature 21.5'],
  ])('%s is shown as %s', (text, shown) => expect(blackenSecretsOf({})(text)).toBe(shown));
  it('no text with a configured secret comes through with it', () => {
    const secret = fc.string({ minLength: 3, maxLength: 20 }).filter((one) => !'•••'.includes(one));
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (one, before, after) => {
        const shown = blackenSecretsOf({ a: new Secret(one) })(`${before}${one}${after}`);
        expect(shown.replaceAll('•••', '\u0000').includes(one)).toBe(false);
      }),
    );
  });
});

describe('where a profile says so', () => {
  const sources = profileSources(sampleProfiles().find(({ id }) => id === 'rfc1628-ups') ?? null);
  it.each([
    ['battery.charge', '1.3.6.1.2.1.33.1.2.4.0', 'UPS-MIB::upsEstimatedChargeRemaining'],
    ['input.L1.frequency', '1.3.6.1.2.1.33.1.3.3.1.2.1', expect.stringContaining('UPS-MIB::upsInputFrequency')],
    ['input.frequency', '1.3.6.1.2.1.33.1.3.3.1.2.1', expect.stringContaining('UPS-MIB::upsInputFrequency')],
    ['no.such', null, null],
  ])('%s', (point, oid, source) => expect(sources(point, oid)).toEqual(source));
  it('without a profile nothing is said', () => expect(profileSources(null)('ups.load', null)).toBeNull());
});
