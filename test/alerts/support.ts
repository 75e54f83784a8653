import type { Config } from '#core/config/config.ts';
import { type Device, deviceSchema } from '#core/config/device.ts';
import { peopleFileSchema } from '#core/config/people.ts';
import { calendarFileSchema, rotaFileSchema } from '#core/config/rota.ts';
import { type Rule, ruleSchema } from '#core/config/rule.ts';
import { siteSchema } from '#core/config/site.ts';
import { ZhishouError } from '#core/errors.ts';
import type { NotificationRequest, OutgoingMessage } from '#core/notification.ts';
import type { Channel, Metrics } from '#core/ports.ts';
import type { Quality, Reading, ReadingBatch, Value } from '#core/reading.ts';
import { sameText } from '#core/text.ts';
import { type Instant, instant } from '#core/time.ts';

/** A small site for the alerts service's tests; everything made up. */
export const T0 = instant(Date.parse('2026-11-23T02:00:00Z')); // Monday 10:00 in Shanghai

export function makeRule(rule: Record<string, unknown>): Rule {
  return ruleSchema.parse({
    id: 'rule',
    title: 'Rule',
    on: { devices: ['ups-1'] },
    severity: 'high',
    consequence: 'c',
    response: 'r',
    respond_within: '5m',
    source: 'test',
    ...rule,
  });
}

export const makeDevice = (device: Record<string, unknown>): Device =>
  deviceSchema.parse({ name: String(device.id), kind: 'sensor', ...device });

const SNMP = { host: '127.0.0.1', port: 20161, community: 'public' };

export const DEVICES: readonly Device[] = [
  makeDevice({ id: 'ups-1', name: { zh: 'UPS 一号', en: 'UPS 1' }, kind: 'ups', snmp: SNMP, profile: 'rfc1628-ups' }),
  makeDevice({ id: 'ac-1', kind: 'cooling', snmp: SNMP }),
  makeDevice({ id: 'th-1', mqtt: { topic: 'z/th-1' }, interval: '30s', stale_after: '5m' }),
  makeDevice({ id: 'smoke-1', mqtt: { topic: 'z/smoke-1' }, interval: '1m', stale_after: '15m' }),
];

export const PEOPLE = peopleFileSchema.parse({
  people: [
    {
      id: 'ann',
      name: { zh: '安', en: 'Ann' },
      functions: ['equipment-administrator'],
      language: 'en',
      routes: [
        { channel: 'phone', to: 'ann' },
        { channel: 'email', to: 'ann@example.com' },
      ],
    },
    { id: 'bo', name: '波', functions: ['deputy'], language: 'zh', routes: [{ channel: 'phone', to: 'bo' }] },
    {
      id: 'chief',
      name: '主任',
      functions: ['director'],
      language: 'zh',
      routes: [
        { channel: 'phone', to: 'chief' },
        { channel: 'email', to: 'chief@example.com' },
      ],
    },
    { id: 'mute', name: 'No routes', functions: ['network-administrator'], routes: [] },
  ],
  contacts: {},
});

export function makeConfig(parts: Partial<Config> = {}): Config {
  return {
    site: siteSchema.parse({
      id: 'test',
      name: { zh: '测试机房', en: 'Test room' },
      address: 'a',
      floor: { zh: '三层', en: 'third floor' },
      time_zone: 'Asia/Shanghai',
      simulation: false,
    }),
    devices: DEVICES,
    people: PEOPLE,
    rota: rotaFileSchema.parse({
      rota: { starts: '2026-01-05', handover: { day: 'mon', at: '08:30' }, order: ['ann'] },
    }),
    calendar: calendarFileSchema.parse({
      working_hours: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:30', to: '17:30' }],
    }),
    registers: [],
    rules: [],
    plans: [],
    profiles: [],
    ...parts,
  };
}

export function makeReading(
  device: string,
  point: string,
  value: Value | null,
  at: Instant,
  quality: Quality = 'good',
): Reading {
  return { device, point, value, quality, measuredAt: at, receivedAt: at, changedAt: at, simulated: false };
}

export function makeBatch(device: string, at: Instant, points: Readonly<Record<string, Value | null>>): ReadingBatch {
  const readings = Object.entries(points).map(([point, value]) =>
    makeReading(device, point, value, at, value === null ? 'missing' : 'good'),
  );
  return { device, at, readings, cause: 'schedule' };
}

export function makeRequest(request: Partial<NotificationRequest> = {}): NotificationRequest {
  return {
    key: 'k',
    about: {},
    functions: ['duty'],
    people: [],
    severity: 'medium',
    subject: { zh: '主题', en: 'subject' },
    body: { zh: '正文', en: 'body' },
    drill: false,
    simulated: false,
    ...request,
  };
}

/** A channel that keeps what it was given; `answer` decides what becomes of each message. */
export interface FakeChannel extends Channel {
  readonly sent: OutgoingMessage[];
  answer: (message: OutgoingMessage) => Promise<void> | void;
}

export function fakeChannel(): FakeChannel {
  const channel: FakeChannel = {
    sent: [],
    answer: () => {},
    async send(message) {
      channel.sent.push(message);
      await channel.answer(message);
    },
    close: () => Promise.resolve(),
  };
  return channel;
}

export const unreachable = (): never => {
  throw new ZhishouError('UNREACHABLE', 'channel');
};
export const refusing = (): never => {
  throw new ZhishouError('REFUSED', 'channel');
};

/** Counts by name and labels, for assertions. */
export function fakeMetrics(): Metrics & { readonly counts: Map<string, number> } {
  const counts = new Map<string, number>();
  return {
    counts,
    count(name, labels = {}, by = 1) {
      const key = `${name} ${Object.values(labels).join(' ')}`.trim();
      counts.set(key, (counts.get(key) ?? 0) + by);
    },
    gauge: () => {},
    observe: () => {},
    render: () => '',
  };
}

export const word = sameText;
