import { describe, expect, it } from 'vitest';
import { rotaFileSchema } from '#core/config/people.ts';
import type { Plan } from '#core/config/plan.ts';
import type { IncidentView, StepView, TimelineEntry } from '#core/incident.ts';
import type { DeliveryView } from '#core/notification.ts';
import { sameText } from '#core/text.ts';
import { type Duration, hours, instant, minutes, seconds, toIso } from '#core/time.ts';
import type { VirtualClock } from '#platform/clock/virtual-clock.ts';
import { declaredNeedS, type Evidence, type Verdict } from '#simulators/checkers/evidence.ts';
import { judge } from '#simulators/checkers/judge.ts';
import type { Room } from '#simulators/room.ts';
import { START, sampleConfig, sampleRoom } from '../sample-room.ts';

/** Each checker is shown a history that keeps its invariant and histories that break it, made in the real room. */

const config = sampleConfig();
const rota = rotaFileSchema.parse({
  rota: { starts: '2026-01-05', handover: { day: 'mon', at: '08:30' }, order: ['lin-hao'] },
});
const plan = {
  id: 'power-outage',
  steps: [
    {
      id: 'ask-outlook',
      ask: {
        answers: [
          { id: 'over', outlook: 'over' },
          { id: 'within', outlook: 'within' },
        ],
      },
    },
  ],
} as unknown as Plan;

class History {
  readonly room: Room;
  readonly clock: VirtualClock;
  readonly timeline: TimelineEntry[] = [];
  steps: Partial<StepView>[] = [];
  deliveries: Partial<DeliveryView>[] = [];
  view: Partial<IncidentView> = {};
  touched: string[] = [];
  journals: [string, string] = ['same', 'same'];

  constructor() {
    const { room, clock } = sampleRoom();
    this.room = room;
    this.clock = clock;
  }
  wait(by: Duration): this {
    this.clock.advanceBy(by);
    return this;
  }
  mains(present: boolean): this {
    this.room.apply({ kind: 'mains', present });
    return this;
  }
  ssh(device: string, command: string): this {
    const port = config.devices.find((one) => one.id === device)?.reach?.port;
    const session = this.room.session(device, `ssh 127.0.0.1:${port}`);
    if (session.login() === 'accepted') session.run(command, { write() {}, exit() {}, lost() {} });
    return this;
  }
  outlet(number: number, on: boolean): this {
    this.room.orderOutlet(
      'pdu-1',
      number,
      on,
      `snmp 127.0.0.1:${config.devices.find((one) => one.id === 'pdu-1')?.snmp?.port}`,
    );
    return this;
  }
  say(kind: TimelineEntry['kind'], more: Partial<TimelineEntry> = {}): this {
    this.timeline.push({
      seq: this.timeline.length,
      at: toIso(this.clock.now()),
      elapsedS: 0,
      kind,
      what: sameText(kind),
      who: 'zhishou',
      why: sameText('because'),
      figures: { needS: 600 },
      step: null,
      ...more,
    });
    return this;
  }
  /** Backs the servers up, shuts everything down in order, as the plan would. */
  orderly(): this {
    for (const id of ['server-1', 'server-2', 'server-3']) this.ssh(id, `zhishou-backup run ${id}`);
    this.wait(minutes(7));
    return this.bare();
  }
  bare(): this {
    for (const id of ['server-1', 'server-2', 'server-3']) this.ssh(id, 'sudo shutdown -h now');
    this.wait(minutes(2));
    for (const outlet of [1, 2, 3]) this.outlet(outlet, false);
    this.ssh('array-1', 'system shutdown --flush').wait(minutes(3));
    return this.outlet(4, false).outlet(5, false);
  }
  evidence(): Evidence {
    return {
      config: { devices: config.devices, plans: [plan], rota },
      truth: this.room.truth(),
      incidents: [
        {
          id: 'inc-1',
          plan: { id: 'power-outage', version: '1', title: sameText('x') },
          level: 'serious',
          phase: 'closed',
          mode: 'drill',
          simulated: true,
          openedAt: toIso(instant(START + 1000)),
          closedAt: null,
          acknowledged: { by: 'lin-hao', at: '' },
          clocks: { limitS: 5400 },
          steps: this.steps,
          timeline: this.timeline,
          ...this.view,
        } as unknown as IncidentView,
      ],
      deliveries: this.deliveries as DeliveryView[],
      touched: this.touched,
      journals: this.journals,
    };
  }
  verdict(id: string): Verdict {
    const found = judge(this.evidence()).find((one) => one.id === id);
    if (found === undefined) throw new Error(`no verdict ${id}`);
    return found;
  }
}

const outage = (): History => new History().mains(false);
const over = (history: History): History =>
  history.say('answer', {
    who: 'lin-hao',
    step: 'ask-outlook',
    figures: { answer: 'over', minutes: null, untilInS: null },
  });

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
    const latestS = declaredNeedS(config.devices, true) / 0.8;
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

describe('I4 once', () => {
  it('is broken by a second shutdown while the first gets on', () => {
    expect(
      outage()
        .ssh('server-1', 'sudo shutdown -h now')
        .wait(seconds(5))
        .ssh('server-1', 'sudo shutdown -h now')
        .wait(minutes(5))
        .verdict('I4').kept,
    ).toBe(false);
  });
  it('allows one more when the first hangs, and no third', () => {
    const history = outage();
    history.room.apply({ kind: 'fault', device: 'server-1', fault: 'shutdown-hangs' });
    history
      .ssh('server-1', 'sudo shutdown -h now')
      .wait(minutes(6))
      .ssh('server-1', 'sudo shutdown -h now')
      .wait(minutes(6));
    expect(history.verdict('I4').kept).toBe(true);
    expect(history.ssh('server-1', 'sudo shutdown -h now').verdict('I4').kept).toBe(false);
  });
  it('is broken by switching off what is off; not by the power-off that follows a last resort', () => {
    expect(over(outage()).orderly().outlet(1, false).verdict('I4').kept).toBe(false);
    const resort = outage();
    resort.room.apply({ kind: 'fault', device: 'server-1', fault: 'shutdown-hangs' });
    resort.ssh('server-1', 'sudo shutdown -h now').wait(minutes(6)).outlet(1, false).outlet(1, false);
    expect(resort.verdict('I4').kept).toBe(true);
    expect(resort.outlet(1, false).verdict('I4').kept).toBe(false);
  });
  it('is broken by a second backup after a complete one; not by asking after the same run', () => {
    const history = outage()
      .ssh('server-1', 'zhishou-backup run a')
      .wait(minutes(1))
      .ssh('server-1', 'zhishou-backup run a')
      .wait(minutes(7));
    expect(history.verdict('I4').kept).toBe(true);
    expect(history.ssh('server-1', 'zhishou-backup run b').verdict('I4').kept).toBe(false);
  });
});

describe('I5 someone knows', () => {
  const delivery = (key: string, more: Partial<DeliveryView> = {}): Partial<DeliveryView> => ({
    key,
    incident: 'inc-1',
    person: 'lin-hao',
    state: 'sent',
    queuedAt: toIso(START),
    drill: true,
    subject: 's',
    ...more,
  });
  it('is broken when nobody acknowledged and the escalation stopped early', () => {
    const history = outage().wait(hours(1));
    history.view = { acknowledged: null };
    expect(history.verdict('I5').kept).toBe(false);
    history.deliveries = ['open', 'escalation/1'].map((key) => delivery(key));
    expect(history.verdict('I5').kept).toBe(false);
    history.deliveries = ['open', 'escalation/1', 'escalation/2', 'escalation/3'].map((key) => delivery(key));
    expect(history.verdict('I5').kept).toBe(true);
  });
  it('is broken by a message that never reached its person on any way', () => {
    const history = outage().wait(hours(1));
    history.deliveries = [delivery('open', { state: 'dead', error: 'refused' })];
    expect(history.verdict('I5')).toMatchObject({ kept: false, detail: expect.stringContaining('refused') });
    history.deliveries = [delivery('open', { state: 'dead' }), delivery('open')];
    expect(history.verdict('I5').kept).toBe(true);
  });
  it('does not take the product’s own hand for a person', () => {
    const history = outage().wait(hours(1));
    history.view = { acknowledged: { by: 'zhishou', at: '' } };
    expect(history.verdict('I5').kept).toBe(false);
  });
});

describe('I6 back again', () => {
  it('is broken when something stays off and nobody was told', () => {
    const history = over(outage()).orderly().mains(true).wait(hours(1));
    expect(history.verdict('I6')).toMatchObject({ kept: false, detail: expect.stringContaining('array-1') });
    history.steps = ['server-1', 'server-2', 'server-3', 'array-1', 'switch-1'].map((device) => ({
      device,
      operation: 'start',
      state: 'failed',
    }));
    expect(history.verdict('I6').kept).toBe(true);
  });
  it('is broken when a server is started before its array runs', () => {
    const history = over(outage()).orderly().mains(true).wait(minutes(5));
    history.outlet(5, true).wait(minutes(3)).outlet(4, true).outlet(1, true);
    expect(history.verdict('I6')).toMatchObject({
      kept: false,
      detail: expect.stringContaining('server-1 was started'),
    });
  });
});

describe('I7 no guess in silence', () => {
  it('is broken by a decision without a reason or without figures', () => {
    expect(outage().say('decision', { why: null }).verdict('I7').kept).toBe(false);
    expect(outage().say('decision', { figures: {} }).verdict('I7').kept).toBe(false);
    expect(outage().say('decision').verdict('I7').kept).toBe(true);
  });
  it('finds the figures of a decision about a step in the step’s own entry of that moment', () => {
    expect(outage().say('decision', { figures: {}, step: 's' }).say('action', { step: 's' }).verdict('I7').kept).toBe(
      true,
    );
    expect(outage().say('decision', { figures: {}, step: 's' }).say('action', { step: 't' }).verdict('I7').kept).toBe(
      false,
    );
  });
});

describe('I8 determinism', () => {
  it('is broken by one differing character, and says where', () => {
    const history = outage();
    history.journals = ['{"a":1}', '{"a":2}'];
    expect(history.verdict('I8')).toMatchObject({ kept: false, detail: expect.stringContaining('character 5') });
  });
});

describe('I9 drill is drill', () => {
  it('is broken by an address outside the simulated room, an unmarked incident, or an unmarked message', () => {
    const history = outage();
    expect(history.verdict('I9').kept).toBe(true);
    history.touched = ['tcp 10.0.0.5:22'];
    expect(history.verdict('I9')).toMatchObject({ kept: false, detail: expect.stringContaining('10.0.0.5') });
    history.touched = [];
    history.view = { mode: 'live' };
    expect(history.verdict('I9').kept).toBe(false);
    history.view = {};
    history.deliveries = [
      { drill: false, simulated: false, subject: 'x', state: 'sent', key: 'k', person: 'p', queuedAt: '' },
    ];
    expect(history.verdict('I9').kept).toBe(false);
  });
  it('is broken by a command that came over another way', () => {
    const history = outage();
    history.room.orderOutlet('pdu-1', 6, false, 'snmp 192.0.2.7:161');
    expect(history.verdict('I9').kept).toBe(false);
  });
});

describe('the declared need', () => {
  it('is the longest chain against depends_on', () => {
    // server: backup 6 min, shutdown 2 min, off 10 s; array 3 min, off 10 s; switch 15 s.
    expect(declaredNeedS(config.devices, true)).toBe(360 + 120 + 10 + 180 + 10 + 15);
    expect(declaredNeedS(config.devices, false)).toBe(120 + 10 + 180 + 10 + 15);
  });
});
