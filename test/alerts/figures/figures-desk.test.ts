import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { AlarmFiguresView } from '#core/alarm-figures/view.ts';
import type { AlertChange } from '#core/alert-event.ts';
import type { DeliveryView } from '#core/notification.ts';
import type { StateStore } from '#core/ports.ts';
import { sameText } from '#core/text.ts';
import { hours, minutes, seconds, toIso } from '#core/time.ts';
import { createVirtualClock, type VirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { openStateStore } from '#platform/state-store.ts';
import { createFiguresDesk, type FiguresDesk } from '#services/alerts/figures/figures-desk.ts';
import { createAlertLog } from '#services/alerts/lifecycle/alert-log.ts';
import { makeConfig, T0 } from '../support.ts';

const log = { ...silentLog, error: vi.fn() };
const WEEK = hours(7 * 24);

let clock: VirtualClock;
let state: StateStore;
let desk: FiguresDesk;
let views: AlarmFiguresView[];

function start(): void {
  desk = createFiguresDesk({
    ...{ config: makeConfig(), clock, state, log },
    ruleOf: (rule) => ({ title: sameText(`title of ${rule}`), safety: false }),
    publishView: (view) => views.push(view),
  });
  desk.start();
}
const write = (alert: string, what: AlertChange = 'fired'): void =>
  createAlertLog(state, () => clock.now()).append({
    ...{ at: toIso(clock.now()), alert, rule: 'r', device: 'th-1', severity: 'low', what, by: null },
  });
const delivery = (also: Partial<DeliveryView>): DeliveryView =>
  ({
    id: 'd1',
    key: 'k1',
    person: 'ann',
    state: 'sent',
    phase: 'raised',
    drill: false,
    simulated: false,
    ...also,
  }) as DeliveryView;
const last = () => views.at(-1);
const weeks = () => last()?.weeks.map(({ week, alarms, ended }) => `${week} ${alarms}${ended ? '' : ' …'}`);

beforeEach(() => {
  log.error.mockClear();
  clock = createVirtualClock(T0);
  state = openStateStore(':memory:');
  views = [];
});

describe('the weekly figures', () => {
  it('begin with the week that the log begins in, and are published when the log has grown, at most once a minute', async () => {
    start();
    await clock.advanceByAsync(seconds(10));
    expect(weeks()).toEqual(['2026-11-23 0 …']);
    await clock.advanceByAsync(minutes(30));
    expect(views).toHaveLength(1);
    for (let i = 0; i < 500; i++) write(`a${i}`);
    await clock.advanceByAsync(minutes(1));
    expect(weeks()).toEqual(['2026-11-23 500 …']);
    expect(views).toHaveLength(2);
    for (let i = 0; i < 20; i++) {
      write(`b${i}`);
      await clock.advanceByAsync(seconds(6));
    }
    expect(views.length).toBeLessThanOrEqual(5);
    // Nothing happens: an hour later all the same, for time goes on.
    const before = views.length;
    await clock.advanceByAsync(hours(2));
    expect(views.length - before).toBeGreaterThanOrEqual(1);
    expect(views.length - before).toBeLessThanOrEqual(3);
    expect(last()?.weeks[0]?.stale.count).toBe(0);
    await clock.advanceByAsync(hours(24));
    expect(last()?.weeks[0]?.stale.count).toBe(520);
    expect(log.error).not.toHaveBeenCalled();
  });

  it('of weeks that have ended stay as they were, over a restart and after the log has lost them', async () => {
    write('a1');
    write('a2');
    await clock.advanceByAsync(minutes(1));
    write('a2', 'cleared');
    start();
    await clock.advanceByAsync(WEEK);
    expect(weeks()).toEqual(['2026-11-30 0 …', '2026-11-23 2']);
    // What still stands from the week before is stale in this one too, and clears in it.
    expect(last()?.weeks[0]?.stale.count).toBe(1);
    desk.stop();
    for (const [key] of [...state.entries('alert-log/')]) state.delete(key);
    write('a1', 'cleared');
    write('a3');
    start();
    await clock.advanceByAsync(minutes(1));
    expect(weeks()).toEqual(['2026-11-30 1 …', '2026-11-23 2']);
    expect(last()?.weeks[0]?.clear).toMatchObject({ count: 1, medianS: 7 * 86_400 + 60 });
    expect(last()?.weeks[1]?.badActors[0]?.title.zh).toBe('title of r');
  });

  it('are whole after the service was down for weeks, and show the last eight', async () => {
    for (let week = 0; week < 12; week++) {
      for (let n = 0; n <= week; n++) write(`w${week}-${n}`);
      for (let n = 0; n <= week; n++) write(`w${week}-${n}`, 'cleared');
      await clock.advanceByAsync(WEEK);
    }
    start();
    await clock.advanceByAsync(minutes(1));
    expect(last()?.weeks).toHaveLength(9);
    expect(last()?.weeks.map(({ alarms }) => alarms)).toEqual([0, 12, 11, 10, 9, 8, 7, 6, 5]);
    expect([...state.entries('alarm-figures/week/')]).toHaveLength(8);
  });

  it.each<[reason: string, also: Partial<DeliveryView>, pages: number]>([
    ['a page is one for each matter and person', {}, 1],
    ['what did not go out is none', { state: 'retrying' }, 0],
    ['an end is none', { phase: 'recovered' }, 0],
    ['what a plan says on the way is none', { phase: 'information' }, 0],
    ['a drill is none', { drill: true }, 0],
    ['what is simulated is none in a real room', { simulated: true }, 0],
    ['a test of contacts is none', { test: 't1' }, 0],
  ])('pages: %s', async (_reason, also, pages) => {
    start();
    desk.onAttempt(delivery(also));
    desk.onAttempt(delivery({ ...also, id: 'd2', channel: 'sms' }));
    await clock.advanceByAsync(minutes(1));
    expect(last()?.weeks[0]?.people).toEqual(pages === 0 ? [] : [{ person: 'ann', pages }]);
  });

  it('pages are counted once over a restart, and stay with their week', async () => {
    start();
    desk.onAttempt(delivery({}));
    desk.stop();
    start();
    desk.onAttempt(delivery({}));
    desk.onAttempt(delivery({ key: 'k2' }));
    await clock.advanceByAsync(WEEK);
    expect(last()?.weeks.map(({ people }) => people)).toEqual([[], [{ person: 'ann', pages: 2 }]]);
    expect([...state.entries('alarm-figures/page/')]).toHaveLength(0);
  });

  it('stopped, nothing more is published', async () => {
    start();
    desk.stop();
    write('a1');
    await clock.advanceByAsync(hours(3));
    expect(views).toEqual([]);
  });
});
