import { describe, expect, it } from 'vitest';
import type { IncidentReport, ReportEvent, ReportNotification, ReportStep } from '#core/report.ts';
import { mergeChannels, mergeEvents, onlyDay, partSteps } from '../../services/dashboard-api/reports/report-paper.ts';

/** What the report leaves to fewer words on paper. */

const event = (change: Partial<ReportEvent>): ReportEvent => ({
  ...{ seq: 1, at: '', localTime: '2026-11-22 09:00:00', elapsed: '+00:00:00', kind: 'step', kindLabel: '步骤' },
  ...{ what: '跳过：甲', who: '值守', why: '不再需要', figures: [], step: null, minor: false },
  ...change,
});
const sent = (change: Partial<ReportNotification>): ReportNotification => ({
  ...{
    at: '2026-11-22T01:00:00.000Z',
    sentAt: null,
    localTime: '2026-11-22 09:00:00',
    person: '林浩',
    channel: '手机',
  },
  ...{ subject: '停电', state: 'sent', stateLabel: '已送出', attempts: 1, error: null },
  ...change,
});

describe('the report on paper', () => {
  it('lines of one moment that say the same of several things are one; any other difference keeps them apart', () => {
    const whats = (events: ReportEvent[]): string[] => mergeEvents(events, '；').map(({ what }) => what);
    expect(whats([event({}), event({ what: '跳过：乙' }), event({ what: '跳过：丙' })])).toEqual(['跳过：甲；乙；丙']);
    expect(whats([event({ what: 'Skipped: a' }), event({ what: 'Skipped: b' })])).toEqual(['Skipped: a；b']);
    for (const other of [
      { what: '完成：乙' },
      { what: '跳过乙' },
      { what: '跳过：乙', why: '条件不符' },
      { what: '跳过：乙', localTime: '2026-11-22 09:00:01' },
      { what: '跳过：乙', who: '林浩' },
    ])
      expect(whats([event({}), event(other)])).toHaveLength(2);
  });

  it('a message on two channels is one row; a reminder later, another person or another fate is a row of its own', () => {
    const rows = mergeChannels([
      sent({}),
      sent({ channel: '邮件', at: '2026-11-22T01:00:13.000Z' }),
      sent({ at: '2026-11-22T01:05:00.000Z' }),
      sent({ person: '周敏' }),
      sent({ channel: '短信', stateLabel: '未送出' }),
    ]);
    expect(rows.map(({ person, channels, stateLabel }) => [person, channels.join(), stateLabel])).toEqual([
      ['林浩', '手机,邮件', '已送出'],
      ['林浩', '手机', '已送出'],
      ['周敏', '手机', '已送出'],
      ['林浩', '短信', '未送出'],
    ]);
  });

  it('the date is left out only where all is of one day', () => {
    const report = (...times: string[]) =>
      ({
        timeline: times.map((localTime) => event({ localTime })),
        notifications: [sent({})],
      }) as unknown as IncidentReport;
    expect(onlyDay(report('2026-11-22 00:00:01', '2026-11-22 23:59:59'))).toBe('2026-11-22');
    expect(onlyDay(report('2026-11-22 23:59:59', '2026-11-23 00:00:01'))).toBeNull();
  });

  it('steps that were not needed stand together by their reason; all else is lived', () => {
    const step = (id: string, state: string, detail: string | null = null) =>
      ({ id, state, detail, answer: null }) as unknown as ReportStep;
    const { lived, spared } = partSteps([
      step('a', 'done'),
      step('b', 'skipped', '条件不符'),
      step('c', 'failed'),
      step('d', 'skipped', '条件不符'),
      step('e', 'skipped'),
    ]);
    expect(lived.map(({ id }) => id)).toEqual(['a', 'c']);
    expect(spared.map(({ why, steps }) => [why, steps.map(({ id }) => id).join()])).toEqual([
      ['条件不符', 'b,d'],
      ['', 'e'],
    ]);
  });
});
