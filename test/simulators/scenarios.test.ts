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
  it('has the named ones', () => {
    expect(NAMES).toEqual(
      expect.arrayContaining([
        'backup-hangs',
        'flapping',
        'outage-20m',
        'power-outage-3h',
        'return-in-mid-sequence',
        'short-glitch-4s',
        'shutdown-hangs',
      ]),
    );
  });

  it.each(NAMES)('%s plays to its end: every event is taken, and mains is there at last', (name) => {
    const refused: unknown[] = [];
    const { room, clock } = sampleRoom();
    const scenario = loadScenario(name);
    playScenario(room, clock, scenario, { ...silentLog, error: (fields) => refused.push(fields) });
    clock.advanceBy(scenario.lasts);
    clock.advanceBy(hours(1));
    expect(refused).toEqual([]);
    expect(scenario.id).toBe(name);
    expect(room.state().mains).toBe(true);
    const { power, room: events, faults, transitions } = room.truth();
    expect(power.length + events.length + faults.length + transitions.length).toBeGreaterThan(0);
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
