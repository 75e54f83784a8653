import type { IncidentMode, IncidentOutcome, IncidentView, Level, StepState, TimelineKind } from '#core/incident.ts';
import type { DeliveryState } from '#core/notification.ts';
import type { Text } from '#core/text.ts';

/** The report's own words, both languages side by side. */

const text = (zh: string, en: string): Text => ({ zh, en });

export const LEVEL_WORDS: Readonly<Record<Level, Text>> = {
  ordinary: text('一般', 'ordinary'),
  serious: text('较重', 'serious'),
  major: text('重大', 'major'),
};

export const OUTCOME_WORDS: Readonly<Record<IncidentOutcome, Text>> = {
  'stood-down': text('来电及时，未关机即解除', 'the mains came back in time; nothing was shut down'),
  shutdown: text('已按预案安全关机', 'the equipment was shut down by the plan'),
  recovered: text('关机后已按顺序恢复', 'the equipment was shut down and started again'),
};

/** Without a clock people say when it is over; in heat it is the room that cooled, not the mains that came back. */
const GENERAL_OUTCOMES: Partial<Record<IncidentOutcome, Text>> = {
  'stood-down': text('危险已解除', 'the danger is over'),
  recovered: text('危险已解除，设备已恢复', 'the danger is over, the equipment runs again'),
};
const COOLED = text('温度回落，未关机即解除', 'the room cooled in time; nothing was shut down');

const NOT_LOST = text('市电没有中断，未关机即解除', 'mains was never lost; nothing was shut down');

export function outcomeWords({ clocks }: Pick<IncidentView, 'clocks'>, outcome: IncidentOutcome): Text {
  if (clocks === null) return GENERAL_OUTCOMES[outcome] ?? OUTCOME_WORDS[outcome];
  // Mains was never away: what was announced did not come.
  if (clocks.threat === 'battery' && outcome === 'stood-down' && clocks.elapsedS === 0) return NOT_LOST;
  return clocks.threat === 'heat' && outcome === 'stood-down' ? COOLED : OUTCOME_WORDS[outcome];
}

/** 【…】 before a title, on everything that is not the real thing. */
export const MODE_MARKS: Readonly<Record<IncidentMode, Text | null>> = {
  live: null,
  advice: text('【未布防：只提建议】', '[NOT ARMED: ADVICE ONLY]'),
  drill: text('【演练】', '[DRILL]'),
  rehearsal: text('【预演】', '[REHEARSAL]'),
};
export const SIMULATED_MARK = text('【模拟】', '[SIMULATED]');

export const STEP_WORDS: Readonly<Record<StepState, Text>> = {
  pending: text('未开始', 'not begun'),
  waiting: text('等待中', 'waiting'),
  running: text('执行中', 'running'),
  verifying: text('核实中', 'being verified'),
  done: text('完成', 'done'),
  failed: text('失败', 'failed'),
  skipped: text('不需要', 'not needed'),
  cut: text('因时间不足放弃', 'given up for lack of time'),
  waived: text('经人同意免除', 'waived by a person'),
  advised: text('已建议人工执行', 'advised'),
  rehearsed: text('已预演', 'rehearsed'),
};

export const STAGE_WORDS: Readonly<Record<string, Text>> = {
  prepare: text('准备', 'prepare'),
  respond: text('响应', 'respond'),
  hold: text('等待', 'hold'),
  protect: text('保护', 'protect'),
  recover: text('恢复', 'recover'),
  'stand-down': text('解除', 'stand down'),
};

export const KIND_WORDS: Readonly<Record<TimelineKind, Text>> = {
  opened: text('事件开始', 'opened'),
  reading: text('数据', 'reading'),
  clocks: text('时间推算', 'clocks'),
  decision: text('决定', 'decision'),
  answer: text('答复', 'answer'),
  acknowledged: text('确认', 'acknowledged'),
  step: text('步骤', 'step'),
  action: text('操作', 'action'),
  evidence: text('核实', 'evidence'),
  notification: text('通知', 'notification'),
  order: text('指令', 'order'),
  power: text('电源', 'power'),
  restart: text('本系统重启', 'restart'),
  level: text('级别', 'level'),
  closed: text('事件结束', 'closed'),
};

export const DELIVERY_WORDS: Readonly<Record<DeliveryState, Text>> = {
  queued: text('待发', 'queued'),
  sent: text('已送出', 'sent'),
  retrying: text('重试中', 'being retried'),
  arrived: text('已送达', 'arrived'),
  merged: text('并入后一条', 'told with a later one'),
  spared: text('不再需要', 'not needed any more'),
  dead: text('未能送出', 'could not be sent'),
  dismissed: text('已放弃', 'dismissed'),
};

/** Another way had reached the person first. */
export const SPARED_WORD = text('不再需要', 'not needed any more');

export const OBLIGATION_WORDS = {
  kept: text('已完成', 'done'),
  open: text('未完成', 'not done'),
  failed: text('未能做到', 'failed'),
  unneeded: text('本次不需要', 'not needed this time'),
} as const;

/** Channels have the names that site.yaml gives them; the usual ones have words. */
export const CHANNEL_WORDS: Readonly<Record<string, Text>> = {
  email: text('邮件', 'e-mail'),
  phone: text('手机', 'phone'),
  sms: text('短信', 'text message'),
  webhook: text('网络推送', 'webhook'),
};
