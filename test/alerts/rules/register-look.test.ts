import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { PaperworkFacts } from '#core/paperwork/facts.ts';
import { createRegisterLook, SIGNED_IN } from '#core/rules/register-look.ts';
import { hours, type Instant, instant, minutes, plus, seconds, toIso } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { sampleConfig } from '../../plans/support.ts';
import { makeService, type Service } from '../service.ts';
import { makeBatch, makeConfig, makeDevice } from '../support.ts';

/** 22:00 in Shanghai, a Wednesday. */
const NIGHT = instant(Date.parse('2026-01-14T14:00:00Z'));

const entry = (since: Instant, id = 'core-room/2026-0001', room = 'core') => ({
  ...{ room, person: 'ann', name: { zh: '安', en: 'Ann' }, since: toIso(since), entry: id },
});
const facts = (...inRooms: ReturnType<typeof entry>[]): PaperworkFacts => ({ at: toIso(NIGHT), inRooms, changes: [] });

describe('O-THF-1: is somebody signed in to the room?', () => {
  const devices = [makeDevice({ id: 'door-1' }), makeDevice({ id: 'door-2', room: 'auxiliary' })];
  const look = () => createRegisterLook({ devices });
  const signedIn = (one: ReturnType<typeof look>, at: Instant, device = 'door-1') =>
    one.observe(SIGNED_IN, device, at, at)?.value;

  it('nobody is while nothing was ever said of the registers', () => {
    expect(signedIn(look(), NIGHT)).toBe(false);
  });

  it('of a person in the one room nothing follows for the other', () => {
    const one = look();
    expect(one.update(facts(entry(NIGHT)), NIGHT)).toEqual(['core']);
    expect(signedIn(one, NIGHT)).toBe(true);
    expect(signedIn(one, NIGHT, 'door-2')).toBe(false);
  });

  it('who signs out has five minutes to walk out of the door', () => {
    const one = look();
    one.update(facts(entry(NIGHT)), NIGHT);
    expect(one.update(facts(), NIGHT)).toEqual([]);
    expect(signedIn(one, plus(NIGHT, minutes(4)))).toBe(true);
    expect(signedIn(one, plus(NIGHT, minutes(5)))).toBe(false);
  });

  it('who forgot to sign out counts for twelve hours, whatever is said again', () => {
    const one = look();
    one.update(facts(entry(NIGHT)), NIGHT);
    one.update(facts(entry(NIGHT)), plus(NIGHT, hours(11)));
    expect(signedIn(one, plus(NIGHT, hours(11.9)))).toBe(true);
    expect(signedIn(one, plus(NIGHT, hours(12)))).toBe(false);
  });

  it('says until when its answer holds: up to then it is the same', () => {
    const at = fc.integer({ min: 0, max: 1440 }).map((minute) => plus(NIGHT, minutes(minute)));
    fc.assert(
      fc.property(at, at, fc.boolean(), fc.integer({ min: 0, max: 599 }), (since, now, out, later) => {
        const one = look();
        one.update(facts(entry(since)), since);
        if (out) one.update(facts(), since);
        const seen = one.observe(SIGNED_IN, 'door-1', now, now);
        const then = plus(now, seconds(later));
        if (seen?.until !== undefined && then < seen.until && now >= since)
          expect(signedIn(one, then)).toBe(seen.value);
      }),
    );
  });
});

describe('O-THF-1: the door at night', () => {
  const services: Service[] = [];
  afterEach(async () => {
    for (const service of services.splice(0)) await service.stop();
  });
  async function night() {
    const rules = sampleConfig().rules.filter(({ id }) => id === 'door-off-hours');
    const devices = [makeDevice({ id: 'door-1', mqtt: { topic: 'z/door-1' }, interval: '1m', stale_after: '1h' })];
    const service = makeService({ config: makeConfig({ rules, devices }), clock: createVirtualClock(NIGHT) });
    services.push(service);
    await service.start();
    const door = (open: boolean) => service.publish(makeBatch('door-1', service.clock.now(), { 'room.door': open }));
    const says = async (one: PaperworkFacts) => {
      await service.raw('zhishou/test/paperwork', JSON.stringify(one), { retain: true });
      await service.advance(seconds(1));
    };
    const states = () =>
      [...new Map(service.seen('alert/+').map((view) => [view.id, view])).values()]
        .filter(({ rule }) => rule === 'door-off-hours')
        .map(({ state }) => state);
    await door(false);
    return { service, door, says, states };
  }

  it('is nobody’s alarm while somebody is signed in, and one again when nobody is', async () => {
    const { service, door, says, states } = await night();
    await says(facts(entry(NIGHT)));
    await door(true);
    await service.advance(minutes(1));
    expect(states()).toEqual([]);
    await door(false);
    await says(facts());
    await service.advance(minutes(6));
    await door(true);
    expect(states()).toEqual(['firing']);
  });

  it('open for longer than anybody is signed in it becomes one', async () => {
    const { service, door, says, states } = await night();
    await says(facts(entry(NIGHT)));
    await door(true);
    await says(facts());
    expect(states()).toEqual([]);
    await service.advance(minutes(7));
    expect(states()).toEqual(['firing']);
  });

  it('without an entry it is one; who signs in then ends it', async () => {
    const { door, says, states } = await night();
    await says(facts());
    await door(true);
    expect(states()).toEqual(['firing']);
    await says(facts(entry(NIGHT)));
    expect(states()).toEqual(['cleared']);
  });

  it('where no register was ever told of it is one, as it was before', async () => {
    const { door, states } = await night();
    await door(true);
    expect(states()).toEqual(['firing']);
  });
});
