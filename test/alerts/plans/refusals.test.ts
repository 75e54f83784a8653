import { describe, expect, it } from 'vitest';
import { openPlan, task } from './plan-bench.ts';

/** What is refused is said to people in their language; programs keep the English detail. */
describe('a refused order', () => {
  const bench = openPlan([task('call', { title: { zh: '打电话', en: 'Make the call' } })]);

  it('to close names what is open in words, in both languages', () => {
    const refused = bench.order({ kind: 'incident.close', reason: 'done' });
    expect(refused).toMatchObject({ ok: false, error: 'CONFLICT' });
    expect(refused.detail).toContain('open steps: call');
    expect(refused.detailText?.zh).toBe('请先确认危险已解除；尚未结束：打电话。请完成，或说明理由后免除');
    expect(refused.detailText?.en).toContain('still open: Make the call');
  });

  it.each([
    [{ kind: 'incident.answer', step: 'call', answer: 'x' }, '“打电话”不是提问'],
    [{ kind: 'incident.start-sequence', reason: 'now' }, '本预案没有关机流程'],
    [{ kind: 'incident.waive', step: 'nothing', reason: 'no' }, '没有步骤“nothing”'],
  ])('%j: %s', (body, zh) => {
    const refused = bench.order(body);
    expect(refused.ok).toBe(false);
    expect(refused.detailText?.zh).toBe(zh);
    expect(/\p{Script=Han}/u.test(refused.detailText?.en.replaceAll('打电话', '') ?? '')).toBe(false);
  });

  it('that is done carries none', () => {
    expect(bench.done('call')).not.toHaveProperty('detailText');
  });
});
