import { describe, expect, it } from 'vitest';
import { siteSchema } from '#core/config/site.ts';
import type { NotificationRequest } from '#core/notification.ts';
import type { StateStore } from '#core/ports.ts';
import { hours, type Instant, instant, minutes } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { openStateStore } from '#platform/state-store.ts';
import { createContactTests, onContactOrder } from '#services/alerts/readiness/contact-tests.ts';
import { peopleItems } from '#services/alerts/readiness/items.ts';
import { createRota } from '#services/alerts/rota/rota.ts';
import { createUnitOfWork } from '#services/alerts/unit-of-work.ts';
import { makeConfig } from '../support.ts';

const at = (iso: string): Instant => instant(Date.parse(iso));
/** Saturday noon in Shanghai. */
const SATURDAY = at('2026-11-21T04:00:00Z');

function setUp(
  now: Instant,
  site: Record<string, unknown> = {},
  holidays: string[] = [],
  state = openStateStore(':memory:'),
) {
  const plain = makeConfig();
  const config = makeConfig({
    site: siteSchema.parse({
      ...{
        id: 'test',
        name: { zh: '测试机房', en: 'Test room' },
        address: 'a',
        floor: 'f',
        time_zone: 'Asia/Shanghai',
      },
      contact_test: { at: 'Mon 10:00' },
      ...site,
    }),
    calendar: { ...plain.calendar, holidays },
  });
  const clock = createVirtualClock(now);
  const told: { request: NotificationRequest; at: Instant }[] = [];
  const missing = new Map<string, boolean>();
  const rota = createRota(config);
  const contacts = createContactTests({
    ...{ config, clock, log: silentLog, rota },
    work: createUnitOfWork(state as StateStore, { onStoreError: () => {}, onCallError: () => {} }),
    tell: (request) => told.push({ request, at: clock.now() }),
    report: (person, is) => missing.set(person, is),
  });
  return { contacts, clock, told, missing, config, rota, state };
}

const times = (told: readonly { at: Instant }[]): string[] => [
  ...new Set(told.map((one) => new Date(one.at).toISOString())),
];

describe('the weekly test of contacts (O-ORG-1)', () => {
  it('asks everybody of the plans at its day and time of the site’s zone, over each of their ways, once a week', async () => {
    const { contacts, clock, told } = setUp(SATURDAY);
    contacts.start();
    await clock.advanceByAsync(hours(24 * 9));
    expect(times(told)).toEqual(['2026-11-23T02:00:00.000Z', '2026-11-30T02:00:00.000Z']);
    expect(
      told
        .slice(0, 3)
        .map(({ request }) => request.people[0])
        .sort(),
    ).toEqual(['ann', 'bo', 'chief']);
    expect(told[0]?.request).toMatchObject({ severity: 'low', eachWay: true, about: { test: expect.any(String) } });
  });

  it('waits for the next working day when that is a holiday', async () => {
    const { contacts, clock, told } = setUp(SATURDAY, {}, ['2026-11-23', '2026-11-24']);
    contacts.start();
    await clock.advanceByAsync(hours(24 * 6));
    expect(times(told)).toEqual(['2026-11-25T02:00:00.000Z']);
  });

  it('catches up on the same day when the service was down at the time, and does not do it twice', async () => {
    const first = setUp(at('2026-11-23T06:00:00Z'));
    first.contacts.start();
    await first.clock.advanceByAsync(minutes(5));
    expect(times(first.told)).toEqual(['2026-11-23T06:01:00.000Z']);
    first.contacts.stop();
    const again = setUp(at('2026-11-23T07:00:00Z'), {}, [], first.state);
    again.contacts.start();
    await again.clock.advanceByAsync(hours(24));
    expect(again.told).toEqual([]);
  });

  it('is off when it is not written or is switched off', async () => {
    for (const contact_test of [undefined, { enabled: false }]) {
      const { contacts, clock, told } = setUp(SATURDAY, { contact_test });
      contacts.start();
      await clock.advanceByAsync(hours(24 * 9));
      expect(told).toEqual([]);
    }
  });

  it('who does not confirm within a day is told of and a point of readiness; a late confirmation ends both', async () => {
    const { contacts, clock, missing, config, told } = setUp(SATURDAY);
    contacts.start();
    await clock.advanceByAsync(hours(24 * 2));
    const test = told[0]?.request.about.test ?? '';
    expect(contacts.awaits(test, 'bo')).toBe(true);
    contacts.confirm(test, 'ann');
    contacts.confirm(test, 'chief');
    expect(contacts.awaits(test, 'ann')).toBe(false);
    await clock.advanceByAsync(hours(20));
    expect(missing.get('bo')).toBeUndefined();
    await clock.advanceByAsync(hours(6));
    expect([...missing]).toEqual(
      expect.arrayContaining([
        ['bo', true],
        ['ann', false],
      ]),
    );
    const people = config.people.people.map((one) => ({ ...one, phone: '13800000000' }));
    const reachable = { ...config, people: { ...config.people, people } };
    const proven = () => clock.now();
    const item = () =>
      peopleItems(reachable, createRota(reachable), clock.now(), proven, contacts.outcome()).find(
        ({ id }) => id === 'people/bo',
      );
    expect(item()?.state).toBe('warn');
    contacts.confirm(test, 'bo');
    expect(item()?.state).toBe('ok');
    expect(missing.get('bo')).toBe(false);
    expect(contacts.outcome()?.people.find(({ person }) => person === 'bo')?.confirmedAt).not.toBeNull();
  });
});

describe('a test of one person', () => {
  const command = { id: 'c1', by: { user: 'li', name: 'Li', role: 'operator' } } as const;
  it('goes to this person over the way that is asked for, is told by its id, and nobody minds who does not confirm', async () => {
    const { contacts, clock, told, missing, config } = setUp(SATURDAY, { contact_test: undefined });
    contacts.start();
    const answer = onContactOrder(contacts, config, command, { kind: 'contact.test', person: 'ann', channel: 'email' });
    expect(answer).toMatchObject({ ok: true, created: told[0]?.request.about.test });
    expect(told.map(({ request }) => [request.people, request.channels])).toEqual([[['ann'], ['email']]]);
    expect(told[0]?.request.body.en).toContain('li');
    await clock.advanceByAsync(hours(48));
    expect(missing.size).toBe(0);
  });

  it.each([
    [{ kind: 'contact.test', person: 'nobody' }, 'NOT_FOUND'],
    [{ kind: 'contact.test', person: 'bo', channel: 'email' }, 'CONFLICT'],
    [{ kind: 'contact.test', person: 'mute' }, 'CONFLICT'],
  ] as const)('is refused in words: %j', (body, error) => {
    const { contacts, config, told } = setUp(SATURDAY);
    expect(onContactOrder(contacts, config, command, body)).toMatchObject({ ok: false, error });
    expect(told).toEqual([]);
  });
});
