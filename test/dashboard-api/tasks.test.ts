import { describe, expect, test } from 'vitest';
import { minutes } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { openStateStore } from '#platform/state-store.ts';
import { createTaskList } from '#services/dashboard-api/tasks/task-list.ts';
import { incident, iso, makeConfig, START } from './support.ts';

const closed = incident({ phase: 'closed', closedAt: iso(600), outcome: 'stood-down' });
const items = [
  { zh: '修复备份', en: 'Mend the backup' },
  { zh: '更快答复', en: 'Answer sooner' },
];

function open(store = openStateStore(':memory:')) {
  const clock = createVirtualClock(START);
  return { clock, store, tasks: createTaskList({ config: makeConfig(), store, clock }) };
}

describe('improvement items as tracked tasks (O-RPT-1)', () => {
  test('each line of a closed incident’s report becomes a task, once, with its plan’s version', () => {
    const { tasks } = open();
    expect(tasks.takeFrom(closed, () => items)).toHaveLength(2);
    expect(tasks.takeFrom(closed, () => items)).toBeNull();
    expect(
      tasks.all().map((task) => [task.title.en, task.incident, task.plan?.version, task.drill, task.state]),
    ).toEqual([
      ['Mend the backup', '20261121-1', '1', true, 'open'],
      ['Answer sooner', '20261121-1', '1', true, 'open'],
    ]);
  });

  test('an open incident gives none yet, and nothing is lost or repeated by a restart', () => {
    const { tasks, store } = open();
    expect(tasks.takeFrom(incident(), () => items)).toBeNull();
    tasks.takeFrom(closed, () => items);
    const again = open(store).tasks;
    expect(again.all()).toHaveLength(2);
    expect(again.takeFrom(closed, () => items)).toBeNull();
  });

  test('is overdue after a fortnight, and not once it is done', () => {
    const { tasks, clock } = open();
    const [task] = tasks.takeFrom(closed, () => items) ?? [];
    expect(tasks.all()[0]?.overdue).toBe(false);
    clock.advanceBy(minutes(14 * 24 * 60 + 1));
    expect(tasks.all()[0]?.overdue).toBe(true);
    tasks.change(task?.id ?? '', { state: 'done', note: 'mended' }, 'lin-hao');
    expect(tasks.all().map(({ state, overdue }) => [state, overdue])).toEqual([
      ['open', true],
      ['done', false],
    ]);
  });

  test('keeps every change with who and when, and overwrites none', () => {
    const { tasks } = open();
    const { id } = tasks.add(
      { title: { zh: '换电池', en: 'New battery' }, owner: 'lin-hao', dueAt: null, incident: null },
      'admin',
    );
    tasks.change(id, { owner: 'zhou-min' }, 'admin');
    const task = tasks.change(id, { dueAt: '2026-12-24T00:00:00.000Z', note: 'ordered' }, 'lin-hao');
    expect(task.history.map(({ by, change, note }) => [by, change, note])).toEqual([
      ['admin', 'owner: lin-hao → zhou-min', null],
      ['lin-hao', 'dueAt: 2026-12-05T03:00:00.000Z → 2026-12-24T00:00:00.000Z', 'ordered'],
    ]);
  });

  test.each([
    { change: { owner: 'nobody' }, says: /no such person/, why: 'an owner who is not there' },
    { change: { state: 'dropped' as const }, says: /needs a reason/, why: 'dropping it without a reason' },
    { change: { dueAt: 'tomorrow' }, says: /an instant/, why: 'a due time that is none' },
  ])('refuses $why', ({ change, says }) => {
    const { tasks } = open();
    const { id } = tasks.add({ title: { zh: 'x', en: 'x' }, owner: null, dueAt: null, incident: null }, 'admin');
    expect(() => tasks.change(id, change, 'admin')).toThrow(says);
  });

  test('an unknown task is not found', () => {
    expect(() => open().tasks.change('none', { state: 'done' }, 'admin')).toThrow(/no such task/);
  });
});
