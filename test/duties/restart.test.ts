import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hours, type Instant, minutes, plus, toIso } from '#core/time.ts';
import { topic } from '#core/topics.ts';
import { makeBackup } from '#platform/backup/make-backup.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { type DutyStore, openDutyStore } from '#platform/duty-store.ts';
import { openRegisterStore } from '#platform/register-store.ts';
import { openStateStore } from '#platform/state-store.ts';
import { at } from './support.ts';
import { answers, LIN, startWalk, type Walk } from './walk.ts';

/** The service is stopped, killed, put back from a backup, its clock is set: what people did stays, and nobody hears a thing twice. */
let folder: string;
let stores: { close(): void }[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zhishou-duties-'));
});
afterEach(() => {
  for (const store of stores) store.close();
  stores = [];
  rmSync(folder, { recursive: true, force: true });
});

const file = (name: string): string => join(folder, name);
async function start(now: Instant, store?: DutyStore): Promise<Walk & { readonly store: DutyStore }> {
  const own = store ?? openDutyStore(file('duties.sqlite'));
  const [registerStore, state] = [
    openRegisterStore(file('registers.sqlite')),
    openStateStore(file('dashboard.sqlite')),
  ];
  stores.push(own, registerStore, state);
  return {
    ...(await startWalk(now, { store: own, registerStore, state, clock: createVirtualClock(now) })),
    store: own,
  };
}
const kill = async (walk: Walk): Promise<void> => {
  await walk.stop();
  for (const store of stores.splice(0)) store.close();
};
const look = async (walk: Walk, now: Instant): Promise<readonly string[]> => {
  const before = walk.heard.length;
  walk.clock.advanceTo(now);
  await walk.duties.look();
  await walk.bus.drained();
  return walk.heard.slice(before).map(({ key }) => key);
};
const walkTo = async (walk: Walk, to: Instant): Promise<readonly string[]> => {
  const keys: string[] = [];
  for (let now = plus(walk.clock.now(), minutes(4)); now <= to; now = plus(now, minutes(4)))
    keys.push(...(await look(walk, now)));
  return keys;
};
const clock = (text: string): Instant => at(`2026-11-${text}:00+08:00`);
const PATROL = 'patrol@2026-11-24';

describe('a restart in the middle', () => {
  test('O-PAT-1: what was told before is not told again, and what comes next is', async () => {
    const first = await start(clock('23T12:00'));
    const before = await walkTo(first, clock('24T11:00'));
    expect(before).toEqual(expect.arrayContaining([`duty/${PATROL}/remind-1`, `duty/${PATROL}/overdue-1`]));
    await kill(first);
    const second = await start(clock('24T11:02'));
    expect(await walkTo(second, clock('24T12:20'))).toEqual([]);
    expect(await walkTo(second, clock('24T12:40'))).toEqual([`duty/${PATROL}/overdue-2`]);
    await second.stop();
  });
  test('what was answered before is there after it, with the readings of then, its task and its entry', async () => {
    const first = await start(clock('23T12:00'));
    await look(first, clock('24T09:00'));
    const view = first.duties.get(PATROL, LIN);
    const [item = ''] = view.checklist.map(({ id }) => id);
    first.duties.done(PATROL, { items: answers(view, clock('24T09:00'), [item]), note: '一切正常', signed: null }, LIN);
    await kill(first);
    const second = await start(clock('24T09:10'));
    const kept = second.duties.get(PATROL, LIN);
    expect(kept).toMatchObject({
      state: 'done',
      note: '一切正常',
      doneBy: { id: 'lin', name: '林浩' },
      findings: 1,
      mayDo: false,
    });
    expect(kept.tasks).toHaveLength(1);
    expect(kept.links.map(({ path }) => path)).toEqual(['/registers/core-room/entries/2026-0001']);
    expect(() =>
      second.duties.done(PATROL, { items: answers(view, clock('24T09:10')), note: null, signed: null }, LIN),
    ).toThrow(/done/);
    await second.stop();
  });
  test('killed between the answer and what follows it: task and entry are made up for, once', async () => {
    const first = await start(clock('23T12:00'));
    await look(first, clock('24T09:00'));
    const view = first.duties.get(PATROL, LIN);
    const [item = ''] = view.checklist.map(({ id }) => id);
    first.duties.done(PATROL, { items: answers(view, clock('24T09:00'), [item]), note: null, signed: null }, LIN);
    await kill(first);
    // As if nothing of what follows had been written: the worst place to be killed at.
    const raw = new DatabaseSync(file('duties.sqlite'));
    raw.exec('DROP TRIGGER follow_ups_are_kept; DELETE FROM follow_ups;');
    raw.close();
    const second = await start(clock('24T09:10'));
    await look(second, clock('24T09:11'));
    expect(second.tasks.all()).toHaveLength(1);
    expect(
      second.registers.between(clock('24T00:00'), clock('25T00:00')).filter(({ register }) => register === 'core-room'),
    ).toHaveLength(1);
    expect(second.duties.get(PATROL, LIN)).toMatchObject({
      tasks: [{ state: 'open' }],
      links: [{ path: '/registers/core-room/entries/2026-0001' }],
    });
    await second.stop();
  });
});

describe('down for days', () => {
  test('what was missed meanwhile is written down as such, told in one message, and nobody gets old reminders', async () => {
    const first = await start(clock('23T12:00'));
    await walkTo(first, clock('23T12:20'));
    await kill(first);
    const second = await start(clock('29T12:00'));
    const keys = await look(second, clock('29T12:00'));
    expect(keys.filter((key) => key.startsWith('duty/missed-while-down/'))).toHaveLength(1);
    expect(keys.filter((key) => /(patrol|cleaning|friday-safety)@.*remind/.test(key))).toEqual([]);
    expect(keys.filter((key) => key.endsWith('/missed'))).toEqual([]);
    const summary = second.heard.find(({ key }) => key.startsWith('duty/missed-while-down/'));
    expect(summary?.body.zh).toContain('没有运行');
    expect(summary?.body.en).toContain('2026-11-25 10:30 Daily patrol');
    const view = second.duties.get('patrol@2026-11-25', LIN);
    expect(view.state).toBe('missed');
    expect(view.history.map(({ what }) => what.en).join()).toContain('was not running');
    expect(await look(second, clock('29T12:01'))).toEqual([]);
    await second.stop();
  });
  test('a duty that nobody knew of before is nobody’s omission', async () => {
    const walk = await start(clock('24T12:00'));
    await walkTo(walk, clock('24T13:00'));
    expect(walk.duties.occurrences(clock('01T00:00'), clock('24T12:00'))).toEqual([]);
    await walk.stop();
  });
});

describe('a clock that is set', () => {
  test('ahead by a month and back: what it called missed can be done, and is then done', async () => {
    const store = openDutyStore(file('duties.sqlite'));
    const first = await start(clock('24T09:00'), store);
    await look(first, clock('24T09:01'));
    await look(first, at('2026-12-24T09:00:00+08:00'));
    expect(first.duties.get(PATROL, LIN).state).toBe('missed');
    await kill(first);
    const second = await start(clock('24T09:30'));
    expect(second.duties.get(PATROL, LIN)).toMatchObject({ state: 'open', mayDo: true });
    const view = second.duties.get(PATROL, LIN);
    second.duties.done(PATROL, { items: answers(view, clock('24T09:30')), note: null, signed: null }, LIN);
    expect(second.duties.get(PATROL, LIN).state).toBe('done');
    await second.stop();
  });
});

describe('the bus is down', () => {
  test('what could not be told is told when it is back, once', async () => {
    const walk = await start(clock('24T09:00'));
    walk.bus.setConnected(false);
    expect(await walkTo(walk, clock('24T10:40'))).toEqual([]);
    walk.bus.setConnected(true);
    expect(await walkTo(walk, clock('24T10:48'))).toEqual([`duty/${PATROL}/overdue-1`]);
    expect(await walkTo(walk, clock('24T11:30'))).toEqual([]);
    await walk.stop();
  });
});

describe('without a connection', () => {
  const answered = async (when: string, delivered: string) => {
    const walk = await start(clock('23T12:00'));
    await look(walk, clock(delivered));
    const view = walk.duties.get(PATROL, LIN);
    walk.duties.done(PATROL, { items: answers(view, clock(when)), note: null, signed: null }, LIN);
    return { walk, view: walk.duties.get(PATROL, LIN) };
  };
  test('answered in time and delivered late is done in time, and says that it came late', async () => {
    const { walk, view } = await answered('24T09:50', '24T13:00');
    expect(view).toMatchObject({ state: 'done', doneAt: toIso(clock('24T09:50')) });
    expect(view.history.map(({ what }) => what.en).join()).toContain(
      'Done without a connection, delivered 2026-11-24 13:00',
    );
    await walk.stop();
  });
  test('delivered after it was written down as missed, it counts as it was done', async () => {
    const walk = await start(clock('23T12:00'));
    await look(walk, clock('24T09:00'));
    const view = walk.duties.get(PATROL, LIN);
    await look(walk, clock('25T06:40'));
    expect(walk.duties.get(PATROL, LIN).state).toBe('missed');
    walk.duties.done(PATROL, { items: answers(view, clock('24T12:00')), note: null, signed: null }, LIN);
    expect(walk.duties.get(PATROL, LIN).state).toBe('done-late');
    await walk.stop();
  });
  test('a telephone’s clock makes nothing done before it could be, nor longer ago than a day', async () => {
    const { walk, view } = await answered('22T09:00', '24T09:00');
    expect(view.doneAt).toBe(toIso(clock('24T08:30')));
    await walk.stop();
  });
});

describe('the store', () => {
  test('refuses to change or remove what was written', async () => {
    const walk = await start(clock('24T09:00'));
    const view = walk.duties.get(PATROL, LIN);
    walk.duties.done(PATROL, { items: answers(view, clock('24T09:00')), note: null, signed: null }, LIN);
    await kill(walk);
    const raw = new DatabaseSync(file('duties.sqlite'));
    expect(() => raw.exec("UPDATE records SET by_name = 'x'")).toThrow(/never changed/);
    expect(() => raw.exec('DELETE FROM records')).toThrow(/never removed/);
    raw.close();
  });
  test('is in the backup, and a backup put back has all of it', async () => {
    const walk = await start(clock('24T09:00'));
    const view = walk.duties.get(PATROL, LIN);
    walk.duties.done(PATROL, { items: answers(view, clock('24T09:00')), note: null, signed: null }, LIN);
    const copy = mkdtempSync(join(tmpdir(), 'zhishou-duties-copy-'));
    const { files } = await makeBackup(folder, join(copy, 'backup'), clock('24T09:01'));
    expect(files.map(({ path }) => path)).toContain('duties.sqlite');
    const restored = openDutyStore(join(copy, 'backup', 'duties.sqlite'));
    expect(restored.of(PATROL)).toMatchObject([{ kind: 'done', by: 'lin' }]);
    restored.close();
    rmSync(copy, { recursive: true });
    await walk.stop();
  });
  test('written by a newer program it is refused', () => {
    const raw = new DatabaseSync(file('duties.sqlite'));
    raw.exec('PRAGMA user_version = 99');
    raw.close();
    expect(() => openDutyStore(file('duties.sqlite'))).toThrow(/newer/);
  });
  test('that takes nothing stops nobody: the next look tries again', async () => {
    const store = openDutyStore(':memory:');
    let broken = true;
    const flaky: DutyStore = {
      ...store,
      tell: (...given) => {
        if (broken) throw new Error('disk full');
        store.tell(...given);
      },
    };
    const walk = await start(clock('24T09:00'), flaky);
    await walkTo(walk, clock('24T10:40'));
    broken = false;
    await walkTo(walk, clock('24T10:48'));
    expect(store.told(PATROL).map(({ key }) => key)).toContain('overdue-1');
    await walk.stop();
  });
});

describe('O-BAT-1: a guided battery test', () => {
  const ID = 'battery-test@2026-11-11.ups-1';
  const ended = (state: string, when: Instant) => ({
    ...{ id: 'bt-ups-1-2026-11-05', ups: 'ups-1', state, startedBy: 'lin-hao', createdAt: toIso(when) },
    ...{ discharge: { from: toIso(when), to: toIso(plus(when, hours(1))) }, result: { health: 0.87 } },
  });
  const say = async (walk: Walk, view: object): Promise<void> => {
    await walk.bus.publish(topic('sample', 'battery-test/+', 'bt-ups-1-2026-11-05'), JSON.stringify(view), {
      retain: true,
    });
    await walk.bus.drained();
  };
  test('that ends well does its duty, with a link to its record', async () => {
    const walk = await start(clock('01T12:00'));
    await look(walk, clock('05T16:00'));
    await say(walk, ended('done', clock('05T14:00')));
    expect(walk.duties.get(ID, LIN)).toMatchObject({
      ...{ state: 'done', doneBy: { id: 'lin-hao', name: '林浩' }, note: '87 %', doneAt: toIso(clock('05T15:00')) },
      links: [{ path: '/battery-tests/bt-ups-1-2026-11-05' }],
    });
    await walk.stop();
  });
  const ROWS: readonly [view: object, reason: string][] = [
    [ended('failed', clock('05T14:00')), 'it failed'],
    [{ ...ended('done', clock('05T14:00')), ups: 'ups-9' }, 'another UPS'],
    [ended('done', at('2026-10-01T14:00:00+08:00')), 'long before it was asked for'],
    [{ ...ended('done', clock('05T14:00')), result: null }, 'nothing was measured'],
    [{ nonsense: true }, 'no battery test'],
  ];
  test.each(ROWS)('%# that does not (%s) leaves it open', async (view) => {
    const walk = await start(clock('01T12:00'));
    await look(walk, clock('05T16:00'));
    await say(walk, view);
    expect(walk.duties.get(ID, LIN).state).toBe('open');
    await walk.stop();
  });
});
