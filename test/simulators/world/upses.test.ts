import { describe, expect, it } from 'vitest';
import { deviceSchema } from '#core/config/device.ts';
import { hours, minutes, seconds } from '#core/time.ts';
import { supplyRemainingS } from '#simulators/world/truth.ts';
import { START, sampleConfig, sampleRoom, sampleSpec } from '../sample-room.ts';

/** Two UPSes of different strength, a PDU behind each; server-1 hangs on both, server-2 on the first, server-3 on the second. */
function twoUpses(minFeeds = 1, lines: readonly (1 | 2 | 3)[] = [1]) {
  const simulation = sampleSpec();
  const first = simulation.ups['ups-1']!;
  simulation.ups['ups-2'] = { ...first, battery: { ...first.battery, runtime: minutes(10) }, lines: [...lines] };
  simulation.pdus['pdu-2'] = { outlets: 8, own_watts: 6 };
  const config = sampleConfig();
  const name = { zh: '二', en: 'second' };
  const power: Record<string, { feeds: string[]; min_feeds: number }> = {
    'server-1': { feeds: ['pdu-1/1', 'pdu-2/1'], min_feeds: minFeeds },
    'server-3': { feeds: ['pdu-2/3'], min_feeds: 1 },
  };
  const devices = [
    ...config.devices.map((device) => {
      const wired = power[device.id];
      return wired === undefined ? device : { ...device, power: wired };
    }),
    deviceSchema.parse({ id: 'ups-2', name, kind: 'ups' }),
    deviceSchema.parse({ id: 'pdu-2', name, kind: 'pdu', power: { feeds: ['ups-2'] } }),
  ];
  return sampleRoom({ config: { devices }, simulation });
}
const stateOf = (room: ReturnType<typeof twoUpses>['room'], device: string) =>
  room.state().devices.find((one) => one.device === device);
const offAt = (room: ReturnType<typeof twoUpses>['room'], ups: string): number =>
  (room.truth().power.find((one) => one.device === ups && one.what === 'ups-off')?.at ?? 0) - START;

describe('several UPSes (L7)', () => {
  it('share what hangs on both, and the one that is left carries it alone', () => {
    const { room, clock } = twoUpses();
    const [first, second] = room.state().upses;
    // Half of server-1 each, and what hangs on one of them.
    expect(second?.loadWatts).toBeCloseTo(430 / 2 + 390 + 6, 5);
    room.apply({ kind: 'ups-off', device: 'ups-2', delayS: 0 });
    clock.advanceBy(seconds(1));
    expect((room.state().upses[0]?.loadWatts ?? 0) - (first?.loadWatts ?? 0)).toBeCloseTo(215, 5);
    expect(stateOf(room, 'server-1')).toMatchObject({ powered: true, state: 'running' });
    expect(stateOf(room, 'server-3')).toMatchObject({ powered: false, state: 'crashed' });
  });

  it('a machine that needs both feeds goes with the first', () => {
    const { room } = twoUpses(2);
    room.apply({ kind: 'ups-off', device: 'ups-2', delayS: 0 });
    expect(stateOf(room, 'server-1')?.powered).toBe(false);
  });

  it.each([
    [1, 'ups-1', 'one feed is enough: the longer-lived UPS decides'],
    [2, 'ups-2', 'both are needed: the shorter-lived decides'],
  ])('min_feeds %i: the true remaining time of each machine comes true (%s, %s)', (minFeeds, decides) => {
    const { room, clock } = twoUpses(minFeeds);
    room.apply({ kind: 'mains', present: false });
    clock.advanceBy(minutes(1));
    const truth = room.truth();
    const said = (device: string) => supplyRemainingS(truth, device, clock.now()) ?? 0;
    const [both, alone1, alone2] = [said('server-1'), said('server-2'), said('server-3')];
    clock.advanceBy(hours(4));
    const lost = (device: string): number =>
      ((room.truth().supply.find((one) => one.device === device && !one.powered)?.at ?? 0) - START) / 1000 - 60;
    for (const [device, saidS] of [
      ['server-1', both],
      ['server-2', alone1],
      ['server-3', alone2],
    ] as const)
      expect(Math.abs(lost(device) - saidS) / saidS, device).toBeLessThan(0.02);
    expect(lost('server-1')).toBeCloseTo(offAt(room, decides) / 1000 - 60, 3);
  });

  it('one that loses its own feed goes on battery while the room has its mains; nothing threatens the other’s', () => {
    const { room, clock } = twoUpses();
    room.apply({ kind: 'ups-input', device: 'ups-2', present: false });
    clock.advanceBy(minutes(2));
    expect(room.state()).toMatchObject({ mains: true });
    expect(room.state().upses.map((one) => one.mode)).toEqual(['online', 'battery']);
    const truth = room.truth();
    expect(truth.power.map((one) => `${one.device} ${one.what}`)).toEqual(['ups-2 input-lost', 'ups-2 ups-on-battery']);
    expect(supplyRemainingS(truth, 'server-2', clock.now())).toBeNull();
    expect(supplyRemainingS(truth, 'server-1', clock.now())).toBeNull();
    expect(supplyRemainingS(truth, 'server-3', clock.now())).toBeGreaterThan(60);
    room.apply({ kind: 'ups-input', device: 'ups-2', present: true });
    clock.advanceBy(seconds(1));
    expect(room.state().upses.map((one) => one.mode)).toEqual(['online', 'online']);
    expect(supplyRemainingS(room.truth(), 'server-3', clock.now())).toBeNull();
  });

  it('a lost phase takes the UPS that hangs on it, and the air conditioner’s motors', () => {
    const { room, clock } = twoUpses(1, [2]);
    room.apply({ kind: 'phase', line: 2, present: false });
    clock.advanceBy(seconds(30));
    expect(room.state().upses.map((one) => one.mode)).toEqual(['online', 'battery']);
    expect(room.state()).toMatchObject({ mains: true, lines: [220, 0, 220] });
    expect(room.state().coolingUnits[0]?.running).toBe(false);
    expect(room.truth().power[0]).toMatchObject({ device: 'mains/L2', what: 'phase-lost' });
    room.apply({ kind: 'phase', line: 2, present: true });
    expect(room.state().upses.map((one) => one.mode)).toEqual(['online', 'online']);
  });
});

describe('bypass', () => {
  it.each(['manual', 'fault'] as const)('%s: nothing stands between mains and the load any more', (bypass) => {
    const { room, clock } = sampleRoom();
    room.apply({ kind: 'bypass', bypass });
    clock.advanceBy(minutes(1));
    expect(room.state().upses[0]).toMatchObject({ mode: 'bypass' });
    const status = room.points('ups-1');
    expect(status?.values[status.names.indexOf('ups.status')]).toBe(
      bypass === 'fault' ? 'OL BYPASS ALARM' : 'OL BYPASS',
    );
    room.apply({ kind: 'mains', present: false });
    expect(room.state().upses[0]?.mode).toBe('off');
    expect(stateOf(room, 'server-1')?.state).toBe('crashed');
    room.apply({ kind: 'mains', present: true });
    clock.advanceBy(seconds(20));
    expect(room.state().upses[0]?.mode).toBe('bypass');
    room.apply({ kind: 'bypass', bypass: 'none' });
    expect(room.state().upses[0]?.mode).toBe('online');
  });

  it('an inverter that fails on battery drops the load; a manual bypass waits for mains', () => {
    const failed = sampleRoom();
    failed.room.apply({ kind: 'mains', present: false });
    failed.room.apply({ kind: 'bypass', bypass: 'fault' });
    expect(failed.room.state().upses[0]?.mode).toBe('off');
    const waits = sampleRoom();
    waits.room.apply({ kind: 'mains', present: false });
    waits.room.apply({ kind: 'bypass', bypass: 'manual' });
    expect(waits.room.state().upses[0]?.mode).toBe('battery');
    waits.room.apply({ kind: 'mains', present: true });
    expect(waits.room.state().upses[0]?.mode).toBe('bypass');
  });
});

describe('the transfer to the battery', () => {
  it.each([
    [15, 'running', 'within the hold-up time of the supplies'],
    [50, 'starting', 'too long for them: everything drops and comes back'],
  ])('takes %i ms: what runs behind it is %s afterwards (%s)', (transferMs, state) => {
    const simulation = sampleSpec();
    const spec = simulation.ups['ups-1'];
    if (spec !== undefined) spec.transfer_ms = transferMs;
    const { room, clock } = sampleRoom({ simulation });
    room.apply({ kind: 'mains', present: false });
    clock.advanceBy(seconds(1));
    expect(stateOf(room, 'server-1')).toMatchObject({ state, powered: true });
    expect(room.truth().transitions.some((one) => one.dataLoss)).toBe(state !== 'running');
  });
});

describe('overload', () => {
  it('is borne for minutes, goes over to the bypass, and back when the load is right again', () => {
    const { room, clock } = sampleRoom();
    room.apply({ kind: 'extra-load', watts: 3700 });
    clock.advanceBy(minutes(9));
    expect(room.state().upses[0]).toMatchObject({ mode: 'online' });
    expect(room.state().upses[0]?.loadPercent).toBeGreaterThan(110);
    clock.advanceBy(minutes(2));
    expect(room.state().upses[0]).toMatchObject({ mode: 'bypass' });
    room.apply({ kind: 'extra-load', watts: 0 });
    clock.advanceBy(minutes(2));
    expect(room.state().upses[0]).toMatchObject({ mode: 'online' });
  });

  it('on battery ends in darkness', () => {
    const { room, clock } = sampleRoom();
    room.apply({ kind: 'mains', present: false });
    room.apply({ kind: 'extra-load', watts: 6500 });
    clock.advanceBy(seconds(10));
    expect(room.state().upses[0]?.mode).toBe('off');
  });
});

describe('a sick battery', () => {
  it('surprises its firmware: it says what a good one would last and goes dark long before', () => {
    const { room, clock } = sampleRoom();
    room.apply({ kind: 'battery-health', share: 0.3 });
    room.apply({ kind: 'mains', present: false });
    clock.advanceBy(minutes(1));
    const table = room.points('ups-1');
    const said = Number(table?.values[table.names.indexOf('battery.runtime')]);
    expect(said).toBeGreaterThan(3000);
    expect(room.state().battery.trueRemainingS ?? 0).toBeLessThan(1200);
    clock.advanceBy(minutes(30));
    expect(room.state().upses[0]?.mode).toBe('off');
  });

  it('is found by a self-test, which fails and asks for another battery, until it is renewed', () => {
    const { room, clock } = sampleRoom();
    const status = (): unknown => {
      const table = room.points('ups-1');
      return table?.values[table.names.indexOf('ups.status')];
    };
    room.apply({ kind: 'self-test' });
    clock.advanceBy(seconds(5));
    expect(status()).toBe('OL DISCHRG TEST');
    clock.advanceBy(seconds(10));
    expect(status()).toBe('OL');
    room.apply({ kind: 'battery-health', share: 0.4 });
    expect(status()).toBe('OL');
    room.apply({ kind: 'self-test' });
    clock.advanceBy(seconds(20));
    expect(status()).toBe('OL RB ALARM');
    expect(room.truth().power).toEqual([]);
    room.apply({ kind: 'battery-health', share: 1 });
    expect(status()).toBe('OL');
  });

  it('without its charger stays empty', () => {
    const { room, clock } = sampleRoom();
    room.apply({ kind: 'battery', chargePercent: 40 });
    room.apply({ kind: 'charger', working: false });
    clock.advanceBy(hours(2));
    expect(room.state().battery.chargePercent).toBeCloseTo(40, 5);
    room.apply({ kind: 'charger', working: true });
    clock.advanceBy(hours(2));
    expect(room.state().battery.chargePercent).toBeGreaterThan(60);
  });
});

describe('off and on by command, with delays', () => {
  it('in an outage goes off after its delay and comes back with mains (upsAutoRestart)', () => {
    const { room, clock } = sampleRoom();
    room.apply({ kind: 'mains', present: false });
    room.orderUps('ups-1', 'shutdown', 120, 'snmp test');
    clock.advanceBy(seconds(119));
    expect(room.state().upses[0]?.mode).toBe('battery');
    clock.advanceBy(seconds(2));
    expect(room.state().upses[0]?.mode).toBe('off');
    room.apply({ kind: 'mains', present: true });
    clock.advanceBy(seconds(15));
    expect(room.state().upses[0]?.mode).toBe('online');
    expect(room.truth().commands).toMatchObject([
      { device: 'ups-1', command: 'ups-off', detail: '120', effect: 'accepted', over: 'snmp test' },
    ]);
  });

  it('stays off after the outage when it was told not to restart, and after an order on mains, until told', () => {
    const { room, clock } = sampleRoom();
    room.setAutoRestart('ups-1', false);
    room.apply({ kind: 'mains', present: false });
    room.orderUps('ups-1', 'shutdown', 0);
    room.apply({ kind: 'mains', present: true });
    clock.advanceBy(minutes(10));
    expect(room.state().upses[0]?.mode).toBe('off');
    room.orderUps('ups-1', 'start', 30);
    clock.advanceBy(seconds(31));
    expect(room.state().upses[0]?.mode).toBe('online');
  });

  it('a start that is due without mains waits for it; −1 calls a countdown off', () => {
    const { room, clock } = sampleRoom();
    room.orderUps('ups-1', 'shutdown', 60);
    room.orderUps('ups-1', 'shutdown', -1);
    clock.advanceBy(minutes(2));
    expect(room.state().upses[0]?.mode).toBe('online');
    room.apply({ kind: 'ups-off', delayS: 0, restartAfterS: 60 });
    room.apply({ kind: 'mains', present: false });
    clock.advanceBy(minutes(5));
    expect(room.state().upses[0]?.mode).toBe('off');
    room.apply({ kind: 'mains', present: true });
    clock.advanceBy(seconds(30));
    expect(room.state().upses[0]?.mode).toBe('online');
    expect(room.truth().commands.map((one) => one.command)).toEqual(['ups-off', 'ups-cancel', 'ups-off', 'ups-on']);
  });
});

describe('mains by itself', () => {
  it('a planned cut comes and ends at its time, and can be taken back before', () => {
    const { room, clock } = sampleRoom();
    room.apply({ kind: 'planned-cut', afterS: 600, lastsS: 300 });
    expect(room.state().plannedCuts).toHaveLength(1);
    clock.advanceBy(minutes(11));
    expect(room.state().mains).toBe(false);
    clock.advanceBy(minutes(5));
    expect(room.state()).toMatchObject({ mains: true, plannedCuts: [] });
    room.apply({ kind: 'planned-cut', afterS: 600, lastsS: 300 });
    room.apply({ kind: 'planned-cut', afterS: 0, lastsS: 0 });
    clock.advanceBy(minutes(11));
    expect(room.state().mains).toBe(true);
  });

  it('flaps as often as told and stays', () => {
    const { room, clock } = sampleRoom();
    room.apply({ kind: 'flapping', times: 5, awayS: 20, backS: 40 });
    clock.advanceBy(minutes(10));
    expect(room.truth().power.filter((one) => one.what === 'mains-lost')).toHaveLength(5);
    expect(room.state().mains).toBe(true);
  });
});
