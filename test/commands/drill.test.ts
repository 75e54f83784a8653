import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { DrillResult } from '#commands/drill.ts';
import type { RehearsalResult } from '#commands/rehearsal.ts';
import { lastDrills, readDrills } from '#platform/drill-log.ts';
import { zhishou } from '../support/command-line.ts';

/** The drill as outside checks call it: one JSON object, exit 0 when the plan reached its end with every invariant kept. */

const INVARIANTS = ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8', 'I9'];

/** Past drills of these tests are kept apart from anybody's own. */
const STATE = mkdtempSync(join(tmpdir(), 'zhishou-drill-test-'));
afterAll(() => rmSync(STATE, { recursive: true, force: true }));

const drill = (...args: string[]) => drillOf('power-outage', ...args);

async function drillOf(plan: string, ...args: string[]): Promise<{ code: number | null; result: DrillResult }> {
  const { code, output, errors } = await zhishou(['drill', plan, '--state', STATE, ...args, '--json']);
  try {
    return { code, result: JSON.parse(output) as DrillResult };
  } catch {
    throw new Error(`not one JSON object: ${output.slice(0, 500)} ${errors.slice(0, 2000)}`);
  }
}

const decided = (result: DrillResult): string[] =>
  result.timeline.filter((entry) => entry.kind === 'decision').map((entry) => entry.what);

const broken = (result: DrillResult) => result.invariants.filter((one) => !one.kept);

describe('drill power-outage', () => {
  test('over real sockets: three hours, the answer over 90 minutes, all back in order (O-PWR-4, O-PWR-8, I1–I9)', async () => {
    const { code, result } = await drill(
      '--outage',
      '3h',
      '--battery',
      '60m',
      '--answer',
      '>90m',
      '--speed',
      '600',
      '--seed',
      '1',
    );
    expect(broken(result)).toEqual([]);
    expect(code).toBe(0);
    expect(result.outcome).toBe('recovered');
    expect(result.invariants.map((one) => one.id)).toEqual(INVARIANTS);
    const entry = result.timeline[0];
    expect(entry).toMatchObject({ kind: 'opened', who: 'zhishou' });
    expect(Object.keys(entry ?? {}).sort()).toEqual(['at', 'elapsedS', 'figures', 'kind', 'what', 'who', 'why']);
    expect(result.notifications.length).toBeGreaterThan(0);
    // Merged into a newer one of the same conversation, or not needed any more because another way had brought it: said, too.
    expect(result.notifications.filter(({ state }) => !['sent', 'merged', 'spared'].includes(state))).toEqual([]);
  }, 240_000);

  test.each([
    {
      args: ['--outage', '20m'],
      outcome: 'stood-down',
      reason: 'the power department says it will be back soon, and it is (O-PWR-5)',
    },
    {
      args: ['--outage', '20m', '--answer', 'none'],
      outcome: 'stood-down',
      reason: 'nobody answers, mains returns before the latest safe start (I3)',
    },
    {
      args: ['--outage', '3h', '--answer', 'none'],
      outcome: 'recovered',
      reason: 'nobody answers, the sequence begins by itself (O-PWR-7)',
    },
    {
      args: ['--outage', '50m', '--answer', '45m'],
      outcome: 'stood-down',
      reason: 'a duration within the limit (O-PWR-5)',
    },
    { args: ['--scenario', 'short-glitch-4s'], outcome: 'stood-down', reason: 'four seconds (L2)' },
    {
      args: ['--scenario', 'return-in-mid-sequence'],
      outcome: 'recovered',
      reason: 'mains back past the point of no return (L21)',
    },
    { args: ['--scenario', 'backup-hangs'], outcome: 'recovered', reason: 'a backup that never ends (L20)' },
    { args: ['--scenario', 'shutdown-hangs'], outcome: 'recovered', reason: 'a server that does not go down (L16)' },
    { args: ['--scenario', 'flapping'], outcome: 'recovered', reason: 'flapping mains never resets the clocks (L2)' },
  ])(
    'in memory: $args → $outcome: $reason',
    async ({ args, outcome }) => {
      const { code, result } = await drill(...args, '--virtual', '--seed', '7');
      expect(broken(result)).toEqual([]);
      expect([code, result.outcome]).toEqual([0, outcome]);
    },
    180_000,
  );

  test('a stood-down outage never started the sequence, and an unanswered long one did so by itself', async () => {
    const short = await drill('--outage', '20m', '--answer', 'none', '--virtual', '--seed', '9');
    const long = await drill('--outage', '3h', '--answer', 'none', '--virtual', '--seed', '9');
    expect(decided(short.result).filter((what) => /sequence starts/.test(what))).toEqual([]);
    expect(decided(long.result).filter((what) => /sequence starts/.test(what))).toHaveLength(1);
  }, 180_000);

  test('a plan that is not there and a duration without a unit are told in a sentence, exit 1', async () => {
    const unknown = await zhishou(['drill', 'nothing', '--json']);
    expect([unknown.code, unknown.output]).toEqual([1, '']);
    expect(unknown.errors).toContain('power-outage');
    const wrong = await zhishou(['drill', 'power-outage', '--outage', '180']);
    expect(wrong.code).toBe(1);
    expect(wrong.errors).toContain('90m');
  });
});

describe('drill of every plan', () => {
  test('over real sockets: the siren, the outlets, the servers’ start of a fire (O-FIR-1, O-FIR-2)', async () => {
    const { code, result } = await drillOf('fire', '--speed', '600', '--seed', '1');
    expect(broken(result)).toEqual([]);
    expect([code, result.outcome, result.plan]).toEqual([0, 'recovered', 'fire']);
    expect(result.invariants.map((one) => one.id)).toEqual(INVARIANTS);
  }, 240_000);

  test('--all drills each in memory and prints one line a plan', async () => {
    const { code, output } = await zhishou(['drill', '--all', '--seed', '5', '--state', STATE, '--json']);
    const { results } = JSON.parse(output) as { results: DrillResult[] };
    expect(results.map((one) => [one.plan, broken(one)])).toEqual(results.map((one) => [one.plan, []]));
    expect(results).toHaveLength(10);
    expect(results.every((one) => one.outcome !== null && (one.score?.figure ?? 0) > 80)).toBe(true);
    expect(code).toBe(0);
  }, 240_000);

  test('is scored, kept, and printed next to the previous ones (O-DRL-1)', async () => {
    const { result } = await drillOf('network-outage', '--virtual', '--seed', '3');
    const again = await drillOf('network-outage', '--virtual', '--seed', '4');
    expect(again.result.previous.at(-1)).toMatchObject({
      plan: 'network-outage',
      mode: 'drill',
      score: result.score?.figure,
      outcome: 'stood-down',
      broken: [],
    });
    const { output } = await zhishou(['drill', 'network-outage', '--virtual', '--seed', '3', '--state', STATE]);
    expect(output).toMatch(/score: \d+ of 100/);
    expect(output).toMatch(/before:\n/);
    expect([...lastDrills(STATE, 'sample').keys()]).toContain('network-outage');
    expect(lastDrills(STATE, 'another').size).toBe(0);
  }, 120_000);

  test('a line of the memory that cannot be read is left out, and the memory is bounded', () => {
    const file = join(STATE, 'drills.jsonl');
    const kept = readDrills(STATE).length;
    writeFileSync(file, `{"half": \n${readFileSync(file, 'utf8')}nonsense\n`);
    expect(readDrills(STATE)).toHaveLength(kept);
  });

  test('neither a plan nor --all, or both, is told in a sentence', async () => {
    expect((await zhishou(['drill', '--state', STATE])).errors).toContain('--all');
    expect((await zhishou(['drill', 'fire', '--all', '--state', STATE])).code).toBe(1);
  });
});

describe('rehearsal on the configuration', () => {
  test('each act says what it would do and is tested; nobody home means exit 1, and nothing was acted on (I9)', async () => {
    const state = join(STATE, 'rehearsal');
    const { code, output } = await zhishou(['drill', 'fire', '--rehearse', '--state', state, '--json']);
    const result = JSON.parse(output) as RehearsalResult;
    const row = (step: string) => result.steps.find((one) => one.step === step);
    // No simulated room stands behind the sample's addresses here.
    expect(code).toBe(1);
    expect(row('emergency-off:server-1')).toMatchObject({ would: 'snmp set pdu-1 outlet.off 1', test: 'failed' });
    expect(row('sound:siren-1')?.would).toContain('zigbee2mqtt/siren-1/set');
    expect(row('call-fire-brigade')?.would).toContain('119');
    expect(row('call-fire-brigade')?.test).toBe('ok');
    expect(result.steps.every((one) => one.would !== '' || one.kind === 'tell' || one.kind === 'wait')).toBe(true);
    expect(existsSync(join(state, 'journal.sqlite'))).toBe(false);
    expect(readDrills(state)).toMatchObject([{ plan: 'fire', mode: 'rehearsal', outcome: null }]);
    // A rehearsal whose targets were not reached is no drill for readiness.
    expect(lastDrills(state, 'sample').size).toBe(0);
  }, 120_000);
});
