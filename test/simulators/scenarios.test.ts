import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hours, minutes } from '#core/time.ts';
import { loadScenario, outageScenario, playScenario } from '#simulators/scenarios/scenario.ts';
import { sampleRoom, silentLog } from './sample-room.ts';

const NAMES = readdirSync(join(import.meta.dirname, '../../simulators/scenarios'))
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.replace('.yaml', ''));

const play = (name: string, after = hours(0)) => {
  const { room, clock } = sampleRoom();
  const scenario = loadScenario(name);
  playScenario(room, clock, scenario, silentLog);
  clock.advanceBy(scenario.lasts);
  clock.advanceBy(after);
  return room;
};

describe('scenarios', () => {
  it('has one of the name of each plan that does not follow mains, and the ones that break an outage', () => {
    expect(NAMES.sort()).toEqual([
      'backup-hangs',
      'cooling-failure',
      'electric-shock',
      'fire',
      'fire-one-detector',
      'fire-two-people',
      'flapping',
      'heat-and-outage',
      'network-management-port',
      'network-outage',
      'network-upstream',
      'outage-20m',
      'over-temperature',
      'planned-outage',
      'power-outage-3h',
      'power-return',
      'return-in-mid-sequence',
      'short-glitch-4s',
      'shutdown-hangs',
      'theft',
      'ups-battery-bad',
      'ups-fault',
      'ups-overload',
      'water-leak',
    ]);
  });

  it.each(NAMES)('%s plays to its end with mains back and nothing left broken', (name) => {
    const room = play(name);
    const scenario = loadScenario(name);
    expect(scenario.id).toBe(name);
    expect(room.state().mains).toBe(true);
    expect(room.state().smoke || room.state().leak || room.state().doorOpen).toBe(false);
    expect(scenario.events.length + scenario.orders.length).toBeGreaterThan(0);
    const cuts = scenario.events.some((event) => event.do.kind === 'mains');
    expect(room.truth().power.some((one) => one.what === 'mains-lost')).toBe(cuts);
  });

  it('a glitch of four seconds crashes nothing, three hours without a plan crash every server', () => {
    expect(play('short-glitch-4s', minutes(5)).truth().transitions).toEqual([]);
    expect(
      play('power-outage-3h')
        .truth()
        .transitions.filter((one) => one.dataLoss),
    ).toHaveLength(4);
  });

  it('an outage of any length is one that begins after a minute', () => {
    const scenario = outageScenario(minutes(20));
    expect(scenario.events.map((one) => one.at)).toEqual([60_000, 1_260_000]);
  });

  it.each([
    ['unknown command', 'events: [{ at: 1m, do: { kind: earthquake } }]'],
    ['no unit', 'events: [{ at: 10, do: { kind: mains, present: false } }]'],
    ['cut off', 'events: [{ at: 1m, do:'],
  ])('a file with a mistake (%s) is refused by name', (_, events) => {
    const file = join(mkdtempSync(join(tmpdir(), 'zhishou-scenario-')), 'mine.yaml');
    writeFileSync(file, `id: mine\ntitle: x\nexpects: x\nlasts: 1h\n${events}\n`);
    expect(() => loadScenario(file)).toThrow(/mine\.yaml/);
  });
});
