import { describe, expect, it } from 'vitest';
import type { DeliveryView } from '#core/notification.ts';
import { hours, minutes, plus, seconds, toIso } from '#core/time.ts';
import { START } from '../sample-room.ts';
import { outage, over } from './history.ts';

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
  it('allows one more when the first hangs, and after a refusal', () => {
    const history = outage();
    history.room.apply({ kind: 'fault', device: 'server-1', fault: 'shutdown-hangs' });
    history
      .ssh('server-1', 'sudo shutdown -h now')
      .wait(minutes(6))
      .ssh('server-1', 'sudo shutdown -h now')
      .wait(minutes(1));
    expect(history.verdict('I4').kept).toBe(true);
    // The second was refused, which is a failure that was seen.
    expect(history.ssh('server-1', 'sudo shutdown -h now').verdict('I4').kept).toBe(true);
  });
  it('is broken by switching off what is off; not by the power-off that follows a last resort', () => {
    expect(over(outage()).orderly().outlet(1, false).verdict('I4').kept).toBe(false);
    const resort = outage();
    resort.room.apply({ kind: 'fault', device: 'server-1', fault: 'shutdown-hangs' });
    resort.ssh('server-1', 'sudo shutdown -h now').wait(minutes(6)).outlet(1, false).outlet(1, false);
    expect(resort.verdict('I4').kept).toBe(true);
    expect(resort.outlet(1, false).verdict('I4').kept).toBe(false);
  });
  it('allows a start to be repeated after it failed; not while it gets on, not when it is up, not of what is only lit again', () => {
    const started = () => over(outage()).orderly().mains(true).wait(minutes(5)).outlet(1, true);
    const failed = started();
    failed.room.apply({ kind: 'fault', device: 'server-1', fault: 'silent' });
    expect(failed.wait(minutes(12)).outlet(1, true).verdict('I4').kept).toBe(true);
    expect(failed.outlet(1, true).verdict('I4').kept).toBe(false);
    expect(started().wait(seconds(20)).outlet(1, true).verdict('I4').kept).toBe(false);
    expect(started().wait(minutes(12)).outlet(1, true).verdict('I4')).toMatchObject({
      kept: false,
      detail: expect.stringContaining('outlet-on 1'),
    });
    expect(
      outage().outlet(6, false).wait(minutes(12)).outlet(6, true).wait(minutes(12)).outlet(6, true).verdict('I4').kept,
    ).toBe(false);
  });
  it('is still broken by a doubled shutdown and by a doubled switching-off, however late', () => {
    const history = over(outage()).orderly().wait(minutes(12));
    expect(history.verdict('I4').kept).toBe(true);
    expect(history.outlet(2, false).verdict('I4')).toMatchObject({
      kept: false,
      detail: expect.stringContaining('outlet-off 2'),
    });
    const twice = outage()
      .ssh('server-2', 'sudo shutdown -h now')
      .wait(seconds(30))
      .ssh('server-2', 'sudo shutdown -h now');
    expect(twice.wait(minutes(3)).verdict('I4').kept).toBe(false);
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
    const rung = (everyMinutes: number) =>
      Array.from({ length: 60 / everyMinutes }, (_, nth) =>
        delivery(`escalation/${nth}`, { queuedAt: toIso(plus(START, minutes(nth * everyMinutes))) }),
      );
    history.deliveries = rung(5);
    expect(history.verdict('I5').kept).toBe(true);
    // Told often enough, and then no more: the end of the list keeps ringing.
    history.deliveries = rung(5).slice(0, 6);
    expect(history.verdict('I5')).toMatchObject({ kept: false, detail: expect.stringContaining('nobody was rung') });
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
