import { describe, expect, it } from 'vitest';
import type { DeliveryView, MessagePhase } from '#core/notification.ts';
import { instant } from '#core/time.ts';
import type { Delivery } from '#services/alerts/notify/delivery.ts';
import { merge } from '#services/alerts/notify/merging.ts';

const delivery = (id: string, view: Partial<DeliveryView> = {}): Delivery => ({
  group: id,
  rest: [],
  nextAt: instant(0),
  view: {
    ...{ id, key: id, person: 'bo', personName: { zh: '波', en: 'Bo' }, channel: 'robot', to: 'room' },
    ...{ subject: `主题 ${id}`, body: `正文 ${id}`, severity: 'medium', incident: 'i1', alert: null },
    ...{ state: 'queued', attempts: 0, error: null, queuedAt: '2026-11-22T00:00:00Z', sentAt: null },
    ...{ drill: false, simulated: false, phase: 'information', conversation: 'i1' },
    ...view,
  },
});

describe('messages of one conversation that wait', () => {
  it('become one with the newest facts first and the older ones by their subjects', () => {
    const merged = merge([delivery('a'), delivery('b'), delivery('c')], 'zh');
    expect(merged?.from.map(({ view }) => view.id)).toEqual(['a', 'b']);
    expect(merged?.into.view).toMatchObject({
      id: 'c',
      subject: '主题 c（另有 2 条）',
      body: '最新：正文 c\n\n另有 2 条较早的消息：\n- 主题 a\n- 主题 b',
      earlier: 2,
    });
  });

  it('count what they carry already when they are carried in their turn', () => {
    const first = merge([delivery('a'), delivery('b')], 'en');
    const second = merge([first?.into ?? delivery('x'), delivery('c')], 'en');
    expect(second?.into.view.body).toBe('Latest: 正文 c\n\n2 earlier messages:\n- 主题 a\n- 主题 b');
  });

  it('keep the mark of a drill in front, once (I9)', () => {
    const marked = (id: string) => ({ drill: true, subject: `【演练】主题 ${id}`, body: `【演练】正文 ${id}` });
    const merged = merge([delivery('a', marked('a')), delivery('b', marked('b'))], 'zh');
    expect(merged?.into.view.subject).toBe('【演练】主题 b（另有 1 条）');
    expect(merged?.into.view.body).toBe('【演练】最新：正文 b\n\n另有 1 条较早的消息：\n- 主题 a');
  });

  it('a drill never carries what is no drill, nor the other way round (I9)', () => {
    expect(merge([delivery('a'), delivery('b', { drill: true })], 'zh')).toBeNull();
    expect(merge([delivery('a', { simulated: true }), delivery('b')], 'zh')).toBeNull();
  });

  it.each([
    [['raised', 'reminder'], 'raised', 'a lamp still goes on'],
    [['raised', 'recovered'], 'recovered', 'a lamp stays off'],
    [['recovered', 'raised'], 'raised', 'it has come again'],
    [['reminder', 'information'], 'information', 'nothing to switch'],
  ] satisfies [MessagePhase[], MessagePhase, string][])(
    '%j stand as %s: %s',
    (phases: MessagePhase[], phase: MessagePhase, _why: string) => {
      const merged = merge(
        phases.map((one, index) => delivery(`d${index}`, { phase: one })),
        'zh',
      );
      expect(merged?.into.view.phase).toBe(phase);
    },
  );

  it('are as severe as the most severe of them', () => {
    const merged = merge([delivery('a', { severity: 'high' }), delivery('b', { severity: 'low' })], 'zh');
    expect(merged?.into.view.severity).toBe('high');
  });
});
