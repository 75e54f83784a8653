import { describe, expect, it } from 'vitest';
import { instant, minutes, plus } from '#core/time.ts';
import { clockLine } from '#services/alerts/plans/clock-line.ts';
import type { IncidentState } from '#services/alerts/plans/state.ts';

const NOW = instant(Date.parse('2026-11-22T19:10:00Z'));
const NOTHING = { zh: '', en: '' };

function stateOf(more: { mains?: 'lost' | 'present'; sequence?: object | null; phase?: string } = {}): IncidentState {
  const { mains = 'lost', sequence = null, phase = 'responding' } = more;
  return {
    ...{ now: NOW, offsetMs: 0, planned: null, mode: 'armed', heat: null, phase, sequence },
    definition: { site: { timeZone: 'Asia/Shanghai' }, power: { limit: minutes(90) } },
    outlook: { kind: 'unknown' },
    power: {
      ...{ mains, need: { ms: minutes(11), path: [] } },
      ...{ exhaustion: { at: plus(NOW, minutes(58)) }, latestSafeStart: plus(NOW, minutes(40)) },
    },
  } as unknown as IncidentState;
}

describe('the clocks in a message of an outage', () => {
  it('are all four, in both languages, when the message says none of them', () => {
    const line = clockLine(stateOf(), NOTHING);
    expect(line.zh).toBe(
      '恢复供电：未知；电池还可用 58 分钟（至 04:08）；全部关机约需 11 分钟；最迟 03:50 自动开始关机。',
    );
    expect(line.en).toBe(
      'Mains: not known; Battery lasts 58 min, until 04:08; shutdown takes about 11 min; shutdown starts by itself no later than 03:50.',
    );
  });

  it('leaves out what the message says already', () => {
    const said = {
      zh: '电池还可用 58 分钟（至 04:08）；最迟 03:50 自动开始关机。',
      en: 'Battery lasts 58 min, until 04:08; shutdown starts by itself no later than 03:50.',
    };
    expect(clockLine(stateOf(), said).zh).toBe('恢复供电：未知；全部关机约需 11 分钟。');
  });

  it('says nothing once mains is back or all is down, and no need once the shutdown is under way', () => {
    expect(clockLine(stateOf({ mains: 'present' }), NOTHING)).toEqual(NOTHING);
    expect(clockLine(stateOf({ phase: 'shut-down' }), NOTHING)).toEqual(NOTHING);
    expect(clockLine(stateOf({ sequence: {} }), NOTHING).zh).toBe(
      '恢复供电：未知；电池还可用 58 分钟（至 04:08）；关机正在进行。',
    );
  });
});
