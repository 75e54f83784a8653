import { describe, expect, it } from 'vitest';
import { begunS, drilled, sampleConfig } from './support.ts';

describe('theft', () => {
  it('door or motion at night opens it and asks first whether it is one of ours (O-THF-1)', async () => {
    const run = await drilled('theft');
    expect(begunS(run, 'what-is-so')).toBe(0);
    expect(run.step('call-security').startedAt).not.toBeNull();
    expect(Date.parse(run.step('call-security').startedAt ?? '')).toBeGreaterThanOrEqual(
      Date.parse(run.step('what-is-so').answer?.at ?? ''),
    );
    expect(run.incident.level).toBe('major');
  }, 30_000);

  it('evidence is collected, standby equipment put in (O-THF-2, O-THF-3)', async () => {
    const run = await drilled('theft');
    for (const id of [
      'protect-scene',
      'collect-evidence',
      'call-police',
      'lock-out',
      'standby-server',
      'standby-network',
    ])
      expect(run.step(id).state, id).toBe('done');
    // Door and motion are both in the record of the one incident.
    expect(
      run.incident.timeline.filter((entry) => entry.kind === 'reading' || entry.kind === 'opened').length,
    ).toBeGreaterThan(1);
  }, 30_000);

  it('who was in the rooms, doors, motion and alerts around the time are in the record by themselves, once each (O-THF-2)', async () => {
    const { incident } = await drilled('theft');
    const notes = incident.timeline.filter(({ who, what }) => who === 'zhishou' && what.zh.includes('自动收集的证据'));
    expect(notes.map(({ what }) => /前 24 小时|开始后 30 分钟/.exec(what.zh)?.[0])).toEqual([
      '前 24 小时',
      '开始后 30 分钟',
    ]);
    for (const words of ['登记在机房：', '门与人体：', '告警：']) expect(notes[0]?.what.zh).toContain(words);
    expect(notes.map(({ what }) => what.zh).join('')).toMatch(/门开|有人移动/);
    expect(notes[0]?.what.zh).toMatch(/非工作时间/);
  }, 30_000);

  it('its rules ask the calendar: door and motion in working hours are nobody’s alarm', () => {
    for (const id of ['intrusion', 'door-off-hours'])
      expect(JSON.stringify(sampleConfig().rules.find((rule) => rule.id === id)?.when)).toContain(
        '"calendar.working","is":false',
      );
  });

  it('by day the same door and motion open nothing', async () => {
    await expect(drilled('theft', { scenario: 'test/plans/theft-by-day.yaml' })).rejects.toThrow('never opened');
  }, 60_000);
});
