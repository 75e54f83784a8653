import { describe, expect, it } from 'vitest';
import { type Duration, instant, minutes, seconds } from '#core/time.ts';
import { type PointState, type QualityInput, stepQuality } from '#services/collector/quality.ts';

const at = (s: number) => instant(s * 1000);
const said = (value: number | string | boolean, s: number, frozenAfter: Duration | null = null): QualityInput => ({
  kind: 'said',
  decoded: { value, quality: 'good' },
  measuredAt: at(s),
  frozenAfter,
});

describe('the quality of a point', () => {
  it('keeps last seen and last changed apart (L39)', () => {
    let state = stepQuality(null, said(21, 0), at(0));
    state = stepQuality(state, said(21, 10), at(10));
    expect(state).toMatchObject({ quality: 'good', receivedAt: at(10), changedAt: at(0) });
    state = stepQuality(state, said(22, 20), at(20));
    expect(state).toMatchObject({ changedAt: at(20) });
  });

  it('is frozen when a value that must move has not for its time, and good again when it moves (L9)', () => {
    let state: PointState | null = null;
    for (let s = 0; s <= 290; s += 10) state = stepQuality(state, said(21.5, s, minutes(5)), at(s));
    expect(state?.quality).toBe('good');
    state = stepQuality(state, said(21.5, 300, minutes(5)), at(300));
    expect(state).toMatchObject({ quality: 'frozen', value: 21.5, reason: 'has not moved for 5m' });
    expect(stepQuality(state, said(21.6, 310, minutes(5)), at(310)).quality).toBe('good');
  });

  it('never freezes without being told to', () => {
    let state: PointState | null = null;
    for (let s = 0; s <= 86_400; s += 600) state = stepQuality(state, said(100, s), at(s));
    expect(state?.quality).toBe('good');
  });

  it('keeps the last value and its time when the device falls silent (L9, L29)', () => {
    const known = stepQuality(null, said('OL', 0), at(0));
    const state = stepQuality(known, { kind: 'silent', reason: 'no answer for 35s' }, at(35));
    expect(state).toEqual({ ...known, quality: 'stale', reason: 'no answer for 35s' });
  });

  it('is missing, without a value, when nothing ever came', () => {
    expect(stepQuality(null, { kind: 'silent', reason: 'x' }, at(5))).toMatchObject({
      value: null,
      quality: 'missing',
    });
  });

  it('never takes what the broker kept for fresh (L39)', () => {
    const kept: QualityInput = {
      kind: 'kept',
      decoded: { value: true, quality: 'good' },
      measuredAt: at(0),
      reason: 'kept by the broker',
    };
    expect(stepQuality(null, kept, at(seconds(1)))).toMatchObject({ quality: 'stale', value: true, measuredAt: at(0) });
  });
});
