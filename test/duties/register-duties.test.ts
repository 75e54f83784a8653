import { describe, expect, test } from 'vitest';
import type { Who } from '#core/paperwork/register-rights.ts';
import { type Instant, instant, minutes, plus } from '#core/time.ts';
import { at } from './support.ts';
import { DAY, LIN, startWalk, type Walk } from './walk.ts';

/** Duties that hang on deadlines of registers: each appears by itself, and is done by what people write into the register. */
const BEGIN = at('2026-03-02T09:00:00+08:00');
const DIRECTOR: Who = { user: 'zhou', name: '周敏', role: 'director', person: 'zhou-min', functions: ['director'] };
const SIGNED = { how: 'password', drawing: null } as const;
const idsOf = (walk: Walk, duty: string, to = at('2027-03-01T00:00:00+08:00')): string[] =>
  walk.duties
    .occurrences(BEGIN, to)
    .flatMap((one) => (one.duty === duty ? [`${one.id} ${one.state} ${one.dueAt.slice(0, 10)}`] : []));
const look = async (walk: Walk, now: Instant): Promise<string[]> => {
  const before = walk.heard.length;
  walk.clock.advanceTo(now);
  await walk.duties.look();
  await walk.bus.drained();
  return walk.heard.slice(before).map(({ key }) => key);
};

async function repaired(walk: Walk): Promise<string> {
  const { registers } = walk;
  const { id } = registers.add(
    'repairs',
    { values: { device: 'ac-1', asset: 'A-9', reason: '压缩机异响', 'reported-by': 'lin-hao' } },
    LIN,
  );
  registers.move('repairs', id, { move: 'approve', signed: SIGNED }, DIRECTOR);
  registers.move(
    'repairs',
    id,
    { move: 'repair-inside', values: { repairer: '示例公司', 'expected-on': '2026-03-05' } },
    LIN,
  );
  registers.move(
    'repairs',
    id,
    { move: 'done', values: { 'done-on': '2026-03-02', 'user-signature': 'M100 200L140 180L600 220' } },
    LIN,
  );
  return id;
}

describe('O-REG-6: a repair is re-inspected within 90 days', () => {
  test('the duty comes with the repair, is due on the 90th day, and is the equipment administrator’s', async () => {
    const walk = await startWalk(BEGIN);
    expect(idsOf(walk, 're-inspection')).toEqual([]);
    const id = await repaired(walk);
    // 2026-05-31 is a Sunday: the Friday before.
    expect(idsOf(walk, 're-inspection')).toEqual([`re-inspection@${id}.1 planned 2026-05-29`]);
    const view = walk.duties.get(`re-inspection@${id}.1`, LIN);
    expect(view).toMatchObject({
      ...{ function: 'equipment-administrator', person: { id: 'lin-hao' }, obligations: ['O-REG-6'] },
      about: { label: { zh: expect.stringContaining('压缩机异响') }, path: `/registers/repairs/entries/${id}` },
    });
    // The meeting confirms it: the deadline runs on as it was.
    walk.registers.move('repairs', id, { move: 'confirm' }, LIN);
    expect(idsOf(walk, 're-inspection')).toEqual([`re-inspection@${id}.1 planned 2026-05-29`]);
    await walk.stop();
  });
  test('people are reminded, it is overdue, and what is written into the register ends it, with a word to those who were told', async () => {
    const walk = await startWalk(BEGIN);
    const id = await repaired(walk);
    const told: string[] = [];
    for (let day = 1; day <= 100; day++) told.push(...(await look(walk, plus(BEGIN, instant(day * DAY) as never))));
    const own = (): string[] =>
      told.filter((key) => key.startsWith('duty/re-inspection@')).map((key) => key.split('/')[2] ?? '');
    expect(own()).toEqual(['remind-1', 'remind-2', 'overdue-1', 'overdue-2']);
    expect(walk.duties.get(`re-inspection@${id}.1`, LIN)).toMatchObject({
      state: 'overdue',
      mayDo: false,
      mayWaive: true,
    });
    walk.registers.move(
      'repairs',
      id,
      { move: 're-inspect', values: { 'inspected-on': '2026-06-10', inspection: '正常' } },
      LIN,
    );
    told.push(...(await look(walk, plus(walk.clock.now(), minutes(1)))));
    expect(own().at(-1)).toBe('done');
    expect(walk.duties.get(`re-inspection@${id}.1`, LIN)).toMatchObject({
      state: 'done-late',
      doneBy: { id: 'lin', name: '林浩' },
    });
    await walk.stop();
  });
  test('nobody ticks it off without the register', async () => {
    const walk = await startWalk(BEGIN);
    const id = await repaired(walk);
    await look(walk, at('2026-05-20T09:00:00+08:00'));
    expect(() => walk.duties.done(`re-inspection@${id}.1`, { items: [], note: null, signed: null }, LIN)).toThrow(
      /register/,
    );
    await walk.stop();
  });
});

test('O-REG-7: a key user is visited within 90 days, and 90 days after each visit', async () => {
  const walk = await startWalk(BEGIN);
  const { id } = walk.registers.add(
    'key-users',
    { values: { name: '王工', department: '设计处', phone: '100 0000 0200' } },
    LIN,
  );
  expect(idsOf(walk, 'key-user-visit')).toEqual([`key-user-visit@${id}.1 planned 2026-05-29`]);
  await look(walk, at('2026-05-20T09:00:00+08:00'));
  const visit = { 'visited-on': '2026-05-20', 'visited-by': 'sam-reed', satisfied: 'good' };
  walk.registers.move('key-users', id, { move: 'visit', values: visit }, LIN);
  await look(walk, at('2026-05-20T09:05:00+08:00'));
  expect(idsOf(walk, 'key-user-visit')).toEqual([
    `key-user-visit@${id}.1 done 2026-05-29`,
    `key-user-visit@${id}.2 planned 2026-08-18`,
  ]);
  // Years later it is still known, whatever the register says then.
  walk.registers.move('key-users', id, { move: 'end', reason: '调离' }, { ...LIN, role: 'operator' });
  await look(walk, at('2026-05-20T09:10:00+08:00'));
  expect(idsOf(walk, 'key-user-visit')).toEqual([`key-user-visit@${id}.1 done 2026-05-29`]);
  await walk.stop();
});

test('O-SUP-1: what expires is to be replaced before, and its new date makes the next duty', async () => {
  const walk = await startWalk(BEGIN);
  const { id } = walk.registers.add(
    'supplies',
    { values: { name: '急救包', count: 2, place: '值班室', expires: '2026-06-30' } },
    LIN,
  );
  walk.registers.add('supplies', { values: { name: '手电筒', count: 2, place: '值班室' } }, LIN);
  expect(idsOf(walk, 'supply-expiry')).toEqual([`supply-expiry@${id}.1 planned 2026-06-30`]);
  await look(walk, at('2026-06-15T09:00:00+08:00'));
  walk.registers.move('supplies', id, { move: 'check', values: { 'checked-on': '2026-06-15', count: 2 } }, LIN);
  expect(idsOf(walk, 'supply-expiry')).toEqual([`supply-expiry@${id}.1 open 2026-06-30`]);
  walk.registers.move(
    'supplies',
    id,
    { move: 'replace', values: { 'checked-on': '2026-06-15', count: 2, expires: '2026-12-31' } },
    LIN,
  );
  await look(walk, at('2026-06-15T09:05:00+08:00'));
  expect(idsOf(walk, 'supply-expiry')).toEqual([
    `supply-expiry@${id}.1 done 2026-06-30`,
    `supply-expiry@${id}.2 planned 2026-12-31`,
  ]);
  await walk.stop();
});
