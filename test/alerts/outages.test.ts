import { describe, expect, it } from 'vitest';
import type { CommandBody, PersonCommand } from '#core/command.ts';
import type { PlannedOutage } from '#core/outage.ts';
import { hours, instant, minutes, toIso } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { openJournal } from '#platform/journal.ts';
import { silentLog } from '#platform/log.ts';
import { openStateStore } from '#platform/state-store.ts';
import { createOutageDesk } from '#services/alerts/outages.ts';
import { createUnitOfWork } from '#services/alerts/unit-of-work.ts';
import { MONDAY, sampleConfig } from './plans/outage-rig.ts';

/** O-PWR-1: cuts that the power department announces, kept and handed on. */

function startDesk(store = openStateStore(':memory:')) {
  const clock = createVirtualClock(MONDAY);
  const journal = openJournal(':memory:');
  const published: (readonly PlannedOutage[])[] = [];
  const handed: (readonly PlannedOutage[])[] = [];
  const fail = (error: unknown): never => {
    throw error;
  };
  const desk = createOutageDesk({
    config: sampleConfig(),
    clock,
    journal,
    log: silentLog,
    work: createUnitOfWork(store, { onStoreError: fail, onCallError: fail }),
    publishAll: (list) => published.push(list),
    hand: (list) => handed.push(list),
  });
  desk.start();
  let ids = 0;
  const order = (body: CommandBody): ReturnType<typeof desk.onCommand> =>
    desk.onCommand({
      id: `c-${++ids}`,
      at: clock.now(),
      by: { user: 'gao-jie', name: '高洁', role: 'operator' },
      body,
      signature: '',
    } satisfies PersonCommand);
  return { clock, journal, published, handed, desk, order, store };
}

const at = (hour: number): string => toIso(instant(MONDAY + hours(hour)));
const plan = (from: number, to: number, upses: string[] = []): CommandBody => ({
  kind: 'outage.plan',
  from: at(from),
  to: at(to),
  upses,
  reason: 'new transformer',
});

describe('O-PWR-1: entering a planned cut', () => {
  it('is durable, in the journal, published whole and handed on', () => {
    const { order, published, handed, journal, desk, store } = startDesk();
    const result = order(plan(5, 7, ['ups-1']));
    expect(result).toMatchObject({ ok: true, created: 'cut-20261123-0600' });
    expect(published.at(-1)).toEqual([
      expect.objectContaining({ id: 'cut-20261123-0600', from: at(5), to: at(7), by: 'gao-jie', cancelled: null }),
    ]);
    expect(handed.at(-1)).toEqual(published.at(-1));
    expect([...journal.read({ stream: 'site' })].map((record) => record.kind)).toEqual(['outage.planned']);
    expect(desk.coming()).toHaveLength(1);
    const again = startDesk(store);
    expect(again.desk.coming()).toEqual(desk.coming());
    expect(again.published[0]).toEqual(published.at(-1));
  });

  const rows: { reason: string; first?: CommandBody; body: CommandBody; error: string }[] = [
    { reason: 'it ends before it begins', body: plan(5, 4), error: 'BAD_REQUEST' },
    { reason: 'its time has passed', body: plan(-3, -1), error: 'BAD_REQUEST' },
    { reason: 'it lasts for a month', body: plan(5, 5 + 24 * 30), error: 'BAD_REQUEST' },
    { reason: 'it is two years ahead', body: plan(24 * 700, 24 * 700 + 1), error: 'BAD_REQUEST' },
    { reason: 'there is no such UPS', body: plan(5, 6, ['ups-99']), error: 'NOT_FOUND' },
    { reason: 'a server is no UPS', body: plan(5, 6, ['server-1']), error: 'NOT_FOUND' },
    { reason: 'it overlaps another one', first: plan(5, 7), body: plan(6, 8, ['ups-1']), error: 'CONFLICT' },
    {
      reason: 'nothing of that name',
      body: { kind: 'outage.cancel', outage: 'cut-x', reason: 'x' },
      error: 'NOT_FOUND',
    },
  ];
  it.each(rows)('is refused when $reason, and changes nothing', ({ first, body, error }) => {
    const { order, desk } = startDesk();
    if (first !== undefined) order(first);
    const before = desk.coming();
    expect(order(body)).toMatchObject({ ok: false, error });
    expect(desk.coming()).toEqual(before);
  });

  it('is called off once, by whom and why, and may be entered anew', () => {
    const { order, published, desk } = startDesk();
    const { created } = order(plan(5, 7));
    const cancel: CommandBody = { kind: 'outage.cancel', outage: created ?? '', reason: 'moved' };
    expect(order(cancel)).toMatchObject({ ok: true });
    expect(published.at(-1)?.[0]?.cancelled).toMatchObject({ by: 'gao-jie', reason: 'moved' });
    expect(order(cancel)).toMatchObject({ ok: false, error: 'CONFLICT' });
    expect(order(plan(5, 8))).toMatchObject({ ok: true, created: 'cut-20261123-0600-2' });
    expect(desk.coming()).toHaveLength(1);
  });

  it('is handed on each minute until it is over, so that an incident which could not take it then may later', async () => {
    const { order, handed, clock, desk } = startDesk();
    order(plan(1, 2));
    const before = handed.length;
    await clock.advanceByAsync(minutes(10));
    expect(handed.length).toBe(before + 10);
    await clock.advanceByAsync(hours(3));
    const after = handed.length;
    await clock.advanceByAsync(hours(1));
    expect(handed.length).toBe(after);
    desk.stop();
  });
});
