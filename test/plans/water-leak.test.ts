import { describe, expect, it } from 'vitest';
import { drilled, opened, stepsOf } from './support.ts';

describe('water leak', () => {
  it('valve first; an orderly shutdown only when the director decides; started in order when it is dry (O-WTR-1)', async () => {
    const run = await drilled('water-leak');
    const downs = run.evidence.truth.commands.filter((one) => one.command === 'shutdown');
    expect(downs.map((one) => one.device)).toEqual(['server-1', 'server-2', 'server-3', 'array-1']);
    expect(Math.min(...downs.map((one) => one.at))).toBeGreaterThanOrEqual(
      Date.parse(run.step('power').answer?.at ?? ''),
    );
    expect(run.step('close-valve').state).toBe('done');
    expect(run.incident.outcome).toBe('recovered');
  }, 30_000);

  it('nobody answers: the power stays, whatever the time', () => {
    const power = stepsOf('water-leak').find((step) => step.id === 'power');
    expect(power !== undefined && 'ask' in power && power.ask.default).toBe('keep');
    expect(opened('water-leak').steps['emergency-off:server-1']?.state).toBe('pending');
  });
});
