import { describe, expect, it } from 'vitest';
import { planDrill } from '#commands/drill-plan.ts';
import { runVirtualDrill } from '#commands/virtual-drill.ts';
import { deviceSchema } from '#core/config/device.ts';
import type { Value } from '#core/reading.ts';
import { createLatestReadings } from '#core/rules/latest-readings.ts';
import { createRuleEngine } from '#core/rules/rule-engine.ts';
import { type Duration, hours, minutes } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { openStateStore } from '#platform/state-store.ts';
import { createRota } from '#services/alerts/rota/rota.ts';
import { planOf, sampleConfig, simulationOfRoom, WEDNESDAY } from '../../plans/support.ts';
import { makeBatch } from '../support.ts';

/** The sample's rules: quiet in a healthy room, and each says what it is there for. */

type Points = Readonly<Record<string, Value>>;
interface Case {
  readonly rule: string;
  readonly device: string;
  /** What is told each half minute, by its number. */
  readonly tells: (i: number) => Points;
  readonly lasts: Duration;
}

/** Rules that fire for a device that tells this; the sample room has neither a three-phase UPS nor a transfer switch, so they stand beside. */
function firing({ device, tells, lasts }: Omit<Case, 'rule'>): readonly string[] {
  const sample = sampleConfig();
  const more = [
    deviceSchema.parse({ id: 'ups-3p', name: 'UPS', kind: 'ups', interval: '30s' }),
    deviceSchema.parse({ id: 'ats-1', name: 'ATS', kind: 'other', interval: '30s' }),
    deviceSchema.parse({ id: 'smoke-9', name: 'Detector', kind: 'sensor', interval: '30s' }),
  ];
  const config = { ...sample, devices: [...sample.devices, ...more] };
  const clock = createVirtualClock(WEDNESDAY);
  const latest = createLatestReadings(config);
  const fired = new Set<string>();
  const engine = createRuleEngine({
    ...{
      config,
      clock,
      latest,
      state: openStateStore(':memory:'),
      rota: createRota(config),
      steady: () => clock.now(),
    },
    onDue: (due) => {
      for (const { rule, effects } of due()) if (effects.some(({ kind }) => kind === 'fired')) fired.add(rule.id);
    },
  });
  engine.start();
  for (let i = 0; i * minutes(0.5) <= lasts; i++) {
    const now = clock.now();
    const news = latest.take(makeBatch(device, now, tells(i)), now, false) ?? [];
    const touched = engine.touchedBy(device, news, now);
    for (const { rule, effects } of touched === null ? [] : engine.step(touched, now))
      if (effects.some(({ kind }) => kind === 'fired')) fired.add(rule.id);
    clock.advanceBy(minutes(0.5));
  }
  engine.stop();
  return [...fired];
}

const always = (points: Points) => () => points;
const onMains = { 'ups.status': 'OL', 'input.voltage': 220, 'input.frequency': 50 };

describe('each of the sample’s rules', () => {
  it.each<[string, string, Duration, (i: number) => Points, string]>([
    ['temperature-low', 'th-1', minutes(16), always({ 'ambient.temperature': 17 }), 'below 18 °C'],
    ['temperature-rising', 'th-1', hours(1.1), (i) => ({ 'ambient.temperature': 20 + i * 0.05 }), '6 °C in an hour'],
    ['temperature-forecast', 'th-2', minutes(25), (i) => ({ 'ambient.temperature': 22 + i * 0.15 }), '0.3 °C a minute'],
    ['dewpoint-high', 'th-1', minutes(16), always({ 'ambient.dewpoint': 16 }), 'above 15 °C'],
    ['dewpoint-low', 'th-1', minutes(31), always({ 'ambient.dewpoint': -12 }), 'below −9 °C'],
    [
      'phase-lost',
      'ups-3p',
      minutes(2),
      always({ ...onMains, 'input.L1.voltage': 220, 'input.L2.voltage': 3, 'input.L3.voltage': 220 }),
      'one of three',
    ],
    ['input-voltage', 'ups-1', minutes(16), always({ ...onMains, 'input.voltage': 240 }), 'above 220 V +7 %'],
    ['input-frequency', 'ups-1', minutes(6), always({ ...onMains, 'input.frequency': 51 }), 'a generator that hunts'],
    [
      'phase-unbalance',
      'ups-3p',
      hours(1.1),
      always({ ...onMains, 'output.current.unbalance': 60 }),
      'one phase carries most',
    ],
    ['battery-hot', 'ups-1', minutes(31), always({ ...onMains, 'battery.temperature': 38 }), 'above 35 °C'],
    [
      'runtime-short',
      'ups-1',
      minutes(31),
      always({ ...onMains, 'battery.charge': 100, 'battery.runtime': 420 }),
      'full, and seven minutes',
    ],
    [
      'runtime-forecast',
      'ups-1',
      minutes(12),
      (i) => ({ 'ups.status': 'OB', 'battery.runtime': 1200 - 30 * i, 'battery.charge': 80 }),
      'five minutes within ten',
    ],
    ['pdu-overload', 'pdu-1', minutes(11), always({ 'pdu.1.load.status': 'near-overload' }), 'the PDU’s own word'],
    ['ats-on-b', 'ats-1', minutes(6), always({ 'ats.source.status': 'source-b' }), 'on its second source'],
    ['sensor-frozen', 'th-4', hours(12.1), always({ 'ambient.temperature': 23.4 }), 'not a tenth in half a day'],
    ['detector-fault', 'smoke-9', minutes(2), always({ 'room.fault': true, 'room.smoke': false }), 'it says so itself'],
    ['service-slow', 'server-1', minutes(11), always({ 'service.latency': 5 }), 'for ten minutes'],
  ])('%s fires on %s within %i ms', (rule, device, lasts, tells) => {
    expect(firing({ device, tells, lasts })).toContain(rule);
  });

  it('of mains out of its band says nothing in an outage: that is another rule’s', () => {
    const dead = { 'ups.status': 'OB DISCHRG', 'input.voltage': 0, 'input.frequency': 0, 'input.L1.voltage': 0 };
    expect(firing({ device: 'ups-3p', lasts: hours(1), tells: always(dead) })).toEqual(['mains-lost']);
  });

  it('says what happens, what to do, by when and where its limit comes from, in both languages (ISA-18.2)', () => {
    for (const { id, title, consequence, response, respond_within, source } of sampleConfig().rules) {
      for (const text of [title, consequence, response]) {
        expect(text.zh, id).toMatch(/[\u4e00-\u9fff]/);
        expect(text.en, id).not.toMatch(/[\u4e00-\u9fff]/);
      }
      expect(respond_within, id).toBeGreaterThan(0);
      expect(source.length, id).toBeGreaterThan(8);
    }
  });
});

describe('the sample room at rest', () => {
  /** What people are told of in so long with nothing happening. */
  async function toldIn(lasts: Duration, rules = sampleConfig().rules): Promise<readonly unknown[]> {
    const plan = planDrill(
      planOf('power-outage'),
      { config: null, state: '', speed: 1, language: 'en', seed: 3, scenario: 'short-glitch-4s' },
      WEDNESDAY,
    );
    const quiet = { ...plan, scenario: { ...plan.scenario, lasts, events: [] }, atMost: lasts };
    const { evidence } = await runVirtualDrill({ ...sampleConfig(), rules }, simulationOfRoom(), quiet);
    return [
      ...evidence.deliveries.map(({ subject, queuedAt }) => `${queuedAt} ${subject}`),
      ...evidence.incidents.map(({ id }) => id),
    ];
  }

  it('is quiet for fourteen hours: nobody is called', async () => {
    expect(await toldIn(hours(14))).toEqual([]);
  });

  it('would not be with a dew point limit that is too low', async () => {
    const rules = sampleConfig().rules.map((rule) =>
      rule.id === 'dewpoint-high' ? { ...rule, when: { point: 'ambient.dewpoint', above: 5 } } : rule,
    );
    expect((await toldIn(hours(1), rules)).length).toBeGreaterThan(0);
  });
});
