import { describe, expect, it } from 'vitest';
import { hours, minutes, seconds } from '#core/time.ts';
import { judge } from '#simulators/checkers/judge.ts';
import { shutdownNeedS } from '#simulators/checkers/shutdown-need.ts';
import { History, outage, over } from './history.ts';

describe('a run that keeps them all', () => {
  it('is judged so, with a reason each', () => {
    const history = over(outage().wait(minutes(2)))
      .say('decision')
      .orderly()
      .wait(hours(1))
      .mains(true)
      .wait(minutes(5));
    for (const outlet of [5, 4]) history.outlet(outlet, true).wait(minutes(5));
    for (const outlet of [1, 2, 3]) history.outlet(outlet, true);
    history.wait(minutes(5));
    const verdicts = judge(history.evidence());
    expect(verdicts.filter((one) => !one.kept)).toEqual([]);
    expect(verdicts.map((one) => one.id)).toEqual(['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8', 'I9']);
    expect(verdicts.every((one) => one.detail.length > 0)).toBe(true);
  });
});

describe('I1 data safety', () => {
  it('is broken when the battery runs empty under running servers', () => {
    expect(outage().wait(hours(2)).verdict('I1')).toMatchObject({
      kept: false,
      detail: expect.stringContaining('server-1'),
    });
  });
  it('is broken when an outlet is cut under a server that could have been shut down', () => {
    expect(outage().outlet(1, false).verdict('I1').kept).toBe(false);
  });
  it('excuses a battery that held for less than a bare shutdown needs', () => {
    const history = new History();
    history.room.apply({ kind: 'battery', chargePercent: 8 });
    expect(history.mains(false).wait(hours(1)).verdict('I1')).toMatchObject({
      kept: true,
      detail: expect.stringContaining('only'),
    });
  });
  it.each(['login-refused', 'silent'] as const)('excuses the last resort on a server that is %s', (fault) => {
    const history = outage();
    history.room.apply({ kind: 'fault', device: 'server-1', fault });
    expect(history.outlet(1, false).verdict('I1').kept).toBe(true);
  });
  it.each([
    ['runs the battery down sooner: it excuses nothing', 400, hours(2), false],
    ['trips the UPS with battery left: nobody could shut anything down', 9000, minutes(5), true],
  ] as const)('an added load that %s', (_, watts, length, isKept) => {
    const history = outage().wait(minutes(1));
    const added = { kind: 'extra-load', watts } as const;
    history.room.apply(added);
    const at = history.clock.now();
    history.wait(length);
    const evidence = { ...history.evidence(), happenings: [{ at, do: added }] };
    expect(evidence.truth.power.some((one) => one.what === 'ups-off')).toBe(true);
    const found = judge(evidence).find((one) => one.id === 'I1');
    expect(found?.kept).toBe(isKept);
  });
  it.each([
    ['a UPS out of reach after it was measured excuses nothing', 'ups-1', null, false],
    ['a network that was away when the shutdown was due is nobody’s fault', null, null, true],
    ['a network that was back in time excuses nothing', null, minutes(10), false],
  ] as const)('%s', (_, device, backAfter, isKept) => {
    const history = outage().wait(minutes(10));
    const link = { kind: 'network', ...(device === null ? {} : { device }) } as const;
    history.room.apply({ ...link, down: true });
    if (backAfter !== null) history.wait(backAfter).room.apply(link);
    expect(history.wait(hours(2)).verdict('I1').kept).toBe(isKept);
  });
  it.each(['crashed by itself', 'off'] as const)('what a dependant needs, that is %s', (state) => {
    // A machine that crashed draws its power and answers nobody: I2 forbids to take away what it needs, and I1 excuses that.
    const history = outage();
    for (const id of ['server-2', 'server-3']) history.ssh(id, 'sudo shutdown -h now');
    if (state === 'off') history.ssh('server-1', 'sudo shutdown -h now');
    else history.room.apply({ kind: 'crash', device: 'server-1' });
    expect(history.wait(hours(9)).verdict('I1').kept).toBe(state === 'crashed by itself');
  });
});

describe('I2 order', () => {
  it('is broken when the array goes before a server', () => {
    expect(outage().ssh('array-1', 'system shutdown --flush').wait(minutes(5)).verdict('I2')).toMatchObject({
      kept: false,
      detail: expect.stringContaining('array-1'),
    });
  });
  it('is broken when the switch’s outlet goes off before the array', () => {
    const history = over(outage()).orderly();
    expect(history.verdict('I2').kept).toBe(true);
    const early = over(outage());
    for (const id of ['server-1', 'server-2', 'server-3']) early.ssh(id, `zhishou-backup run ${id}`);
    early.wait(minutes(7));
    for (const id of ['server-1', 'server-2', 'server-3']) early.ssh(id, 'sudo shutdown -h now');
    expect(early.wait(minutes(3)).outlet(5, false).verdict('I2')).toMatchObject({
      kept: false,
      detail: expect.stringContaining('switch-1'),
    });
  });
  it('is broken when a server goes down without a backup though there was time', () => {
    expect(
      over(outage().wait(minutes(1)))
        .bare()
        .verdict('I2'),
    ).toMatchObject({ kept: false, detail: expect.stringContaining('without a complete backup') });
  });
  it('excuses a missing backup when time was short, when a person waived it, or when every try failed', () => {
    expect(outage().wait(minutes(48)).bare().verdict('I2').kept).toBe(true);
    const waived = over(outage());
    waived.steps = ['server-1', 'server-2', 'server-3'].map((device) => ({
      device,
      operation: 'backup',
      state: 'waived',
    }));
    expect(waived.bare().verdict('I2').kept).toBe(true);
    const failing = over(outage());
    for (const device of ['server-1', 'server-2', 'server-3'])
      for (const turn of [1, 2]) {
        failing.room.apply({ kind: 'fault', device, fault: 'backup-fails' });
        failing.ssh(device, `zhishou-backup run ${device}/${turn}`).wait(minutes(4));
      }
    expect(failing.bare().verdict('I2').kept).toBe(true);
  });
  it('takes everything that goes with the empty battery for one event', () => {
    expect(outage().wait(hours(2)).verdict('I2').kept).toBe(true);
  });
});

describe('I3 no needless shutdown', () => {
  it('is broken when the sequence begins long before the true latest safe start, with nobody’s word', () => {
    expect(outage().wait(minutes(10)).orderly().mains(true).verdict('I3')).toMatchObject({
      kept: false,
      detail: expect.stringContaining('too early'),
    });
  });
  it('is kept when it begins within the declared margin of it, and broken a few minutes earlier', () => {
    // left − need = margin, where margin is a fifth of what is left: left = need / 0.8.
    const latestS = shutdownNeedS(outage().evidence(), { backups: true }) / 0.8;
    const beginWith = (leftS: number): boolean => {
      const history = outage();
      while ((history.room.state().battery.trueRemainingS ?? 0) > leftS) history.wait(seconds(5));
      return history.orderly().verdict('I3').kept;
    };
    expect(beginWith(latestS)).toBe(true);
    expect(beginWith(latestS + 120)).toBe(false);
  });
  it.each([
    ['an answer over the limit', (history: History) => over(history)],
    ['a person’s order', (history: History) => history.say('decision', { who: 'zhou-min' })],
    [
      'an answer beyond the battery',
      (history: History) =>
        history.say('answer', { who: 'lin-hao', step: 'x', figures: { minutes: 80, untilInS: 4800 } }),
    ],
  ])('allows %s', (_, say) => {
    expect(
      say(outage().wait(minutes(10)))
        .orderly()
        .verdict('I3').kept,
    ).toBe(true);
  });
  it('does not take an answer within the limit, or the product’s own default, for a reason', () => {
    const short = outage()
      .wait(minutes(10))
      .say('answer', { who: 'lin-hao', step: 'ask-outlook', figures: { answer: 'within' } });
    expect(short.orderly().verdict('I3').kept).toBe(false);
    const own = outage()
      .wait(minutes(10))
      .say('answer', { step: 'ask-outlook', figures: { answer: 'over' } });
    expect(own.orderly().verdict('I3').kept).toBe(false);
  });
  it('allows shedding screens, and does not judge the first five minutes on load', () => {
    expect(outage().wait(minutes(6)).outlet(6, false).mains(true).verdict('I3').kept).toBe(true);
    expect(outage().wait(minutes(2)).orderly().verdict('I3').kept).toBe(true);
  });
});

describe('the declared need', () => {
  it('is the longest chain against depends_on', () => {
    // server: backup 6 min, shutdown 2 min; array 3 min; switch 15 s. Power-offs of 10 s run beside what goes on.
    const evidence = outage().evidence();
    expect(shutdownNeedS(evidence, { backups: true })).toBe(360 + 120 + 180 + 15);
    expect(shutdownNeedS(evidence, { backups: false })).toBe(120 + 180 + 15);
  });
});
