import { describe, expect, it } from 'vitest';
import { milliseconds } from '#core/time.ts';
import { at, commands, outage, play, server, site, told, ups } from './small-site.ts';

/** What the swarm has found about the battery's end and what follows the return of mains. */

describe('the battery’s end', () => {
  it('I1 L7: when one of two UPSes is empty the other is overloaded by all and trips: the shutdown begins before that', async () => {
    const run = await play(
      site({
        upses: [
          ups({ runtimeS: 500, atLoad: 330, ratedWatts: 800 }),
          ups({ id: 'ups-2', runtimeS: 5400, atLoad: 330, ratedWatts: 560 }),
        ],
        machines: [
          server({ feeds: [0, 1], start: 'ipmi', powerOff: false }),
          server({ id: 'server-2', feeds: [0, 1], start: 'ipmi', powerOff: false }),
        ],
        scenario: outage(4000),
      }),
    );
    const { truth } = run.result?.evidence ?? {};
    expect(truth?.transitions.filter((one) => one.dataLoss)).toEqual([]);
    expect(commands(run, 'shutdown')).toHaveLength(2);
  });

  it('I1: a UPS that is out of reach on battery goes on emptying: the sequence begins when it is time by what was measured', async () => {
    const draft = site({
      upses: [ups({ runtimeS: 4000, atLoad: 330 })],
      machines: [server(), server({ id: 'server-2' })],
      scenario: [...outage(4000), at(1200, { kind: 'network', device: 'ups-1', down: true })],
    });
    const run = await play(draft);
    const first = (commands(run, 'shutdown')[0] ?? 0) - draft.startsAt - 60_000;
    expect(first).toBeGreaterThan(1_600_000);
    expect(first).toBeLessThan(2_200_000);
    expect(run.result?.evidence.truth.transitions.filter((one) => one.dataLoss)).toEqual([]);
    // Mains is back and nobody can see it: people are told what is down, and where to look.
    expect(told(run, 'Nobody can see whether mains is back') || told(run, '看不到市电是否恢复')).toBe(true);
  });

  it('I1: who did not take its shutdown and plainly runs is asked again while the battery lasts, also when all others are down', async () => {
    const run = await play(
      site({
        upses: [ups({ runtimeS: 5000, atLoad: 650 })],
        machines: [server(), server({ id: 'server-2', powerOff: false, start: 'ipmi' })],
        plan: { limitS: 120 },
        scenario: [
          at(20, { kind: 'fault', device: 'server-2', fault: 'login-refused' }),
          ...outage(7000),
          at(1500, { kind: 'fault', device: 'server-2', fault: 'none' }),
        ].sort((a, b) => a.atMs - b.atMs),
      }),
    );
    expect(commands(run, 'shutdown')).toHaveLength(2);
    expect(run.result?.evidence.truth.transitions.filter((one) => one.dataLoss)).toEqual([]);
    expect(told(run, 'server-2')).toBe(true);
  });
});

describe('a charge that nobody knows', () => {
  const draft = (orders: number[] = []) =>
    site({
      upses: [ups({ runtimeS: 5000, atLoad: 330 }), ups({ id: 'ups-2', runtimeS: 500, atLoad: 330, chargerWatts: 50 })],
      machines: [server(), server({ id: 'server-2', feeds: [1], restoreOnPower: false })],
      plan: { chargeAbove: 20, limitS: 120 },
      scenario: [at(30, { kind: 'network', device: 'ups-2', down: true }), ...outage(900)],
      people: {
        acknowledgeAfterMs: milliseconds(30_000),
        outlook: [],
        choices: [],
        tasks: [milliseconds(60_000)],
        orders: orders.map((seconds) => ({
          atMs: milliseconds(seconds * 1000),
          person: 0,
          plan: 'power-outage',
          body: { kind: 'incident.stand-down', reason: 'the panel says 40 %' },
        })),
      },
    });

  it('I6 L23: holds the start for half an hour and no longer, and people are told which UPS to read', async () => {
    const night = draft();
    const run = await play(night);
    const started = [...commands(run, 'outlet-on'), ...commands(run, 'power-on')].sort((a, b) => a - b);
    const backAt = night.startsAt + 960_000;
    expect(started[0] ?? 0).toBeGreaterThanOrEqual(backAt + 30 * 60_000 - 1000);
    expect(started[0] ?? 0).toBeLessThan(backAt + 40 * 60_000);
    expect(told(run, 'the charge of ups-2 is not known') || told(run, 'ups-2 电量未知')).toBe(true);
  });

  it('O-ORG-2: a person who has read it at the panel orders the start at once', async () => {
    const night = draft([1500]);
    const run = await play(night);
    const [first] = [...commands(run, 'outlet-on'), ...commands(run, 'power-on')].sort((a, b) => a - b);
    expect(first ?? 0).toBeGreaterThanOrEqual(night.startsAt + 1_500_000);
    expect(first ?? 0).toBeLessThan(night.startsAt + 1_700_000);
  });
});
