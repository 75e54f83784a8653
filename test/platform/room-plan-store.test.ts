import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { EMPTY_ARRANGEMENT, type RoomArrangement } from '#core/room-layout.ts';
import { hours, instant, plus } from '#core/time.ts';
import { openRoomPlanStore } from '#platform/room-plan-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'zhishou-room-plan-'));
afterAll(() => rmSync(folder, { recursive: true }));

const NOW = instant(Date.parse('2026-11-22T01:00:00Z'));
const who = { user: 'lin-hao', at: NOW };
const moved: RoomArrangement = { ...EMPTY_ARRANGEMENT, places: { 'ups-1': { x: 1, y: 2, turn: 0 } } };
const using = (id: string): RoomArrangement => ({
  ...EMPTY_ARRANGEMENT,
  rooms: { ...EMPTY_ARRANGEMENT.rooms, core: { walls: [], racks: [], picture: { id, x: 0, y: 0, width: 5 } } },
});
const ABOUT = { type: 'image/png', width: 2, height: 1 } as const;

describe('the store of the room plan', () => {
  test('begins empty and keeps what was saved across a restart', () => {
    const file = join(folder, 'a.sqlite');
    const store = openRoomPlanStore(file);
    expect(store.arrangement()).toEqual({
      version: 0,
      changedAt: null,
      changedBy: null,
      arrangement: EMPTY_ARRANGEMENT,
    });
    store.save(moved, 0, who);
    const picture = store.addPicture(Buffer.from('abc'), ABOUT, NOW);
    store.close();
    const again = openRoomPlanStore(file);
    expect(again.arrangement()).toEqual({ version: 1, changedAt: NOW, changedBy: 'lin-hao', arrangement: moved });
    expect(again.picture(picture.id)).toEqual({ ...picture, content: Buffer.from('abc') });
    again.close();
  });

  test('who looked at an older version changes nothing and is told who was faster', () => {
    const store = openRoomPlanStore(':memory:');
    store.save(moved, 0, who);
    expect(() => store.save(EMPTY_ARRANGEMENT, 0, who)).toThrow(/version 1 was saved meanwhile by lin-hao/);
    expect(store.arrangement().arrangement).toEqual(moved);
    expect(store.save(EMPTY_ARRANGEMENT, 1, who).version).toBe(2);
  });

  test('a picture sent twice is kept once; a picture that nobody uses is gone after a day, one in use stays', () => {
    const store = openRoomPlanStore(':memory:');
    const used = store.addPicture(Buffer.from('used'), ABOUT, NOW);
    const unused = store.addPicture(Buffer.from('unused'), ABOUT, NOW);
    expect(store.addPicture(Buffer.from('used'), ABOUT, NOW)).toEqual(used);
    expect(store.pictures()).toHaveLength(2);
    store.save(using(used.id), 0, who);
    expect(store.picture(unused.id)).not.toBeNull();
    store.save(using(used.id), 1, { user: 'lin-hao', at: plus(NOW, hours(25)) });
    expect(store.pictures()).toEqual([used]);
  });

  test('pictures are bounded, and a day later there is space again', () => {
    const store = openRoomPlanStore(':memory:');
    for (let number = 0; number < 12; number++) store.addPicture(Buffer.from(`${number}`), ABOUT, NOW);
    const more = Buffer.from('more');
    expect(() => store.addPicture(more, ABOUT, NOW)).toThrow(expect.objectContaining({ code: 'TOO_MANY' }));
    expect(store.addPicture(Buffer.from('3'), ABOUT, NOW)).toMatchObject({ bytes: 1 });
    expect(store.addPicture(more, ABOUT, plus(NOW, hours(25)))).toMatchObject({ bytes: 4 });
  });
});
