import type { IncidentMode, IncidentOutcome, IncidentPhase, Level, StepState, TimelineKind } from '#core/incident.ts';
import type { DeliveryState } from '#core/notification.ts';
import type { Text } from '#core/text.ts';

/** The report's own words, both languages side by side. */

const text = (zh: string, en: string): Text => ({ zh, en });

export const LEVEL_WORDS: Readonly<Record<Level, Text>> = {
  ordinary: text('一般', 'ordinary'),
  serious: text('较重', 'serious'),
  major: text('重大', 'major'),
};

export const PHASE_WORDS: Readonly<Record<IncidentPhase, Text>> = {
  responding: text('响应中', 'responding'),
  holding: text('等待来电', 'waiting for the mains'),
  protecting: text('正在备份和关机', 'backing up and shutting down'),
  settling: text('市电已恢复，观察是否稳定', 'mains is back, being watched'),
  'standing-down': text('解除中', 'standing down'),
  finishing: text('市电已恢复，完成未完的关机步骤', 'mains is back, finishing what was half done'),
  'shut-down': text('已全部关机，等待市电', 'all is shut down, waiting for the mains'),
  'awaiting-recovery': text('等待恢复条件', 'waiting until equipment may be started'),
  recovering: text('正在恢复设备', 'starting the equipment'),
  closed: text('已关闭', 'closed'),
};

export const OUTCOME_WORDS: Readonly<Record<IncidentOutcome, Text>> = {
  'stood-down': text('来电及时，未关机即解除', 'the mains came back in time; nothing was shut down'),
  shutdown: text('已按预案安全关机', 'the equipment was shut down by the plan'),
  recovered: text('关机后已按顺序恢复', 'the equipment was shut down and started again'),
};

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
  dead: text('未能送出', 'could not be sent'),
};

export const OBLIGATION_WORDS = {
  kept: text('已完成', 'done'),
  open: text('未完成', 'not done'),
  failed: text('未能做到', 'failed'),
  unneeded: text('本次不需要', 'not needed this time'),
} as const;

/** Names of figures as decisions record them; a name that is not here is shown as it is. */
export const FIGURE_WORDS: Readonly<Record<string, Text>> = {
  elapsedS: text('已历时', 'elapsed'),
  outlook: text('预计来电', 'outlook'),
  outlookS: text('预计还需', 'outlook'),
  exhaustionS: text('电池还可支撑', 'battery lasts'),
  exhaustionAt: text('电池耗尽时刻', 'battery empty at'),
  exhaustionSource: text('续航依据', 'source of the estimate'),
  remainingS: text('剩余时间', 'remaining'),
  exhaustionInS: text('电池还可支撑', 'battery lasts'),
  latestSafeStartInS: text('距最迟安全开始', 'until the latest safe start'),
  bareNeedS: text('仅关机需时', 'a bare shutdown needs'),
  untilInS: text('预计还需', 'expected back in'),
  expectedS: text('预计用时', 'expected'),
  tookS: text('用时', 'took'),
  runtimeS: text('UPS 自报续航', "the UPS's own runtime"),
  answer: text('答复', 'answer'),
  priority: text('优先级', 'priority'),
  status: text('状态', 'status'),
  result: text('结果', 'result'),
  run: text('执行编号', 'run'),
  ups: text('UPS', 'UPS'),
  mode: text('方式', 'mode'),
  plan: text('预案', 'plan'),
  version: text('版本', 'version'),
  trigger: text('起因', 'trigger'),
  outcome: text('结果', 'outcome'),
  to: text('通知', 'to'),
  alert: text('告警', 'alert'),
  needS: text('剩余步骤需时', 'steps still need'),
  marginS: text('安全余量', 'margin'),
  latestSafeStart: text('最迟安全开始时刻', 'latest safe start'),
  chargePercent: text('电池电量', 'battery charge'),
  loadWatts: text('负载', 'load'),
  limitS: text('预案时限', "the plan's limit"),
  minutes: text('分钟', 'minutes'),
  attempt: text('第几次', 'attempt'),
  attempts: text('次数', 'attempts'),
  temperatureC: text('温度', 'temperature'),
};
