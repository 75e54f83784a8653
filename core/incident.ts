import type { Acknowledged, EscalationView } from './alert.ts';
import type { Text } from './text.ts';

/** What people, the page and reports see of an incident. Instants are ISO 8601 UTC, lengths are seconds (`…S`). */

/** Ordinary / serious / major (一般/较重/重大), O-LVL-1. */
export const LEVELS = ['ordinary', 'serious', 'major'] as const;
export type Level = (typeof LEVELS)[number];

/**
 * `live` acts on equipment; `advice` is a live incident of an unarmed site: each act becomes advice to a person;
 * `drill` acts on simulated equipment only; `rehearsal` is a drill on the real configuration in which every act says what it would do.
 */
export type IncidentMode = 'live' | 'advice' | 'drill' | 'rehearsal';

/**
 * preparing: a planned outage is near, mains is still there · responding: outlook being asked, nothing shed yet · holding: outlook within the limit, shed and waiting · protecting: the
 * shutdown sequence runs · settling: mains is back, not yet believed · standing-down: before the point of no return, giving
 * back what was shed · finishing: mains back after the point of no return, half-done steps are completed · shut-down: all is
 * off, waiting for mains · awaiting-recovery: mains stable, gates not yet met · recovering: starting equipment · closed.
 */
export type IncidentPhase =
  | 'preparing'
  | 'responding'
  | 'holding'
  | 'protecting'
  | 'settling'
  | 'standing-down'
  | 'finishing'
  | 'shut-down'
  | 'awaiting-recovery'
  | 'recovering'
  | 'closed';

export type IncidentOutcome = 'stood-down' | 'shutdown' | 'recovered';

export type StepKind = 'tell' | 'ask' | 'task' | 'act' | 'wait' | 'choose' | 'together';

/**
 * pending: something before it is not done · waiting: a person or a condition is awaited · running: the command has been
 * given · verifying: its effect is being proven · done: proven, answered or said · failed: all ways failed, a person was told ·
 * skipped: its condition does not hold · cut: a backup given up for lack of time · waived: by a person, with a reason ·
 * advised: an unarmed site told a person what to do · rehearsed: it said what it would have done.
 */
export type StepState =
  | 'pending'
  | 'waiting'
  | 'running'
  | 'verifying'
  | 'done'
  | 'failed'
  | 'skipped'
  | 'cut'
  | 'waived'
  | 'advised'
  | 'rehearsed';

export interface AnswerOption {
  readonly id: string;
  readonly label: Text;
  /** What the page asks for beside the choice: minutes, or a time. */
  readonly takes: 'nothing' | 'duration' | 'time';
  /** So many different people must give it; and who has so far. */
  readonly people: number;
  readonly givenBy: readonly string[];
  /** What this answer would lead to, by the engine's own forecast. */
  readonly consequence: Text | null;
}

export interface StepView {
  readonly id: string;
  readonly kind: StepKind;
  readonly title: Text;
  /** respond · hold · protect · recover: the part of the plan it belongs to. */
  readonly stage: string;
  readonly device: string | null;
  readonly operation: string | null;
  /** Ids of the room's rules it keeps. */
  readonly obligations: readonly string[];
  readonly state: StepState;
  /** Steps that must have ended before. */
  readonly after: readonly string[];
  readonly role: string | null;
  readonly person: string | null;
  readonly phone: string | null;
  readonly contact: Text | null;
  readonly script: Text | null;
  readonly answers: readonly AnswerOption[];
  readonly answer: { readonly id: string; readonly label: Text; readonly by: string; readonly at: string } | null;
  readonly dueAt: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly expectedS: number | null;
  /** Questions and tasks: the time that a person has for it, from its start on. */
  readonly withinS: number | null;
  readonly attempts: number;
  /** What happened last: the evidence, the error, the reason. */
  readonly detail: Text | null;
}

export interface ExhaustionEstimate {
  readonly source: 'ups' | 'slope' | 'model' | 'silence' | 'heat';
  /** When the battery is empty by this source; null when it cannot tell. */
  readonly at: string | null;
  readonly remainingS: number | null;
  readonly credible: boolean;
  readonly why: Text;
}

/** One UPS of the outage: what the one figure of `exhaustion` is put together from. */
export interface UpsClock {
  readonly ups: string;
  readonly status: 'mains' | 'battery' | 'off' | 'unknown';
  /** When its own battery is empty; off: since when. Null: not on battery, or not known. */
  readonly emptyAt: string | null;
  readonly source: ExhaustionEstimate['source'] | null;
  readonly chargePercent: number | null;
  readonly loadWatts: number | null;
}

/** The four figures of EMERGENCY.md. */
export interface ClocksView {
  readonly at: string;
  /** Since mains was lost. */
  readonly elapsedS: number;
  /** What the clocks follow: the battery after mains is lost, or the room's heat after cooling has failed. */
  readonly threat: 'battery' | 'heat';
  readonly mains: 'lost' | 'present' | 'unknown';
  /** heat: the hottest point now, its limit. */
  readonly temperatureC: number | null;
  readonly temperatureLimitC: number | null;
  readonly outlook: {
    readonly kind: 'unknown' | 'until';
    readonly until: string | null;
    readonly by: string | null;
    readonly overLimit: boolean | null;
  };
  readonly exhaustion: {
    readonly at: string | null;
    readonly source: ExhaustionEstimate['source'] | null;
    readonly estimates: readonly ExhaustionEstimate[];
  };
  /** Each UPS of the plan; empty where nothing follows a battery. */
  readonly upses: readonly UpsClock[];
  readonly needS: number;
  /** The longest chain of steps behind `needS`, by step id. */
  readonly needPath: readonly string[];
  readonly marginS: number;
  readonly latestSafeStart: string | null;
  readonly chargePercent: number | null;
  readonly loadWatts: number | null;
  /** The longest outage that is waited for. Null: heat has no limit by time. */
  readonly limitS: number | null;
}

export type TimelineKind =
  | 'opened'
  | 'reading'
  | 'clocks'
  | 'decision'
  | 'answer'
  | 'acknowledged'
  | 'step'
  | 'action'
  | 'evidence'
  | 'notification'
  | 'order'
  | 'power'
  | 'restart'
  | 'level'
  | 'closed';

/**
 * The figures that lines of the record carry: machine values, which the page and the report say in the reader's language.
 * `unit`: s, min, %, W, °C, count are numbers; `instant` is ISO 8601 UTC; `yes-no` a boolean; `id` an identifier, with its words
 * in `values` where it has some of its own. Null always means: not known, or there is none.
 */
export type FigureUnit = 's' | 'min' | '%' | 'W' | '°C' | 'count' | 'instant' | 'yes-no' | 'id';
export type FigureValue = number | string | boolean | null;
export interface FigureMeaning {
  readonly unit: FigureUnit;
  readonly zh: string;
  readonly en: string;
  readonly values?: Readonly<Record<string, Text>>;
}

const figure = (unit: FigureUnit, zh: string, en: string, values?: FigureMeaning['values']): FigureMeaning =>
  values === undefined ? { unit, zh, en } : { unit, zh, en, values };

export const EXHAUSTION_SOURCES: Readonly<Record<ExhaustionEstimate['source'], Text>> = {
  ups: { zh: 'UPS 自报', en: 'the UPS itself' },
  slope: { zh: '实测下降', en: 'measured slope' },
  model: { zh: '放电试验', en: 'discharge test' },
  silence: { zh: '失去联系', en: 'lost contact' },
  heat: { zh: '升温速度', en: 'rising temperature' },
};

export const FIGURES = {
  // With every decision (I7).
  phase: figure('id', '阶段', 'phase'),
  elapsedS: figure('s', '已历时', 'elapsed'),
  outlookUntil: figure('instant', '预计来电', 'mains expected at'),
  outlookOverLimit: figure('yes-no', '预计超过时限', 'expected to exceed the limit'),
  exhaustionInS: figure('s', '电池还可支撑', 'battery lasts'),
  exhaustionSource: figure('id', '续航依据', 'source of the estimate', EXHAUSTION_SOURCES),
  needS: figure('s', '剩余步骤需时', 'steps still need'),
  bareNeedS: figure('s', '仅关机需时', 'a bare shutdown needs'),
  marginS: figure('s', '安全余量', 'margin'),
  latestSafeStartInS: figure('s', '距最迟安全开始', 'until the latest safe start'),
  chargePercent: figure('%', '电池电量', 'battery charge'),
  loadWatts: figure('W', '负载', 'load'),
  // With some.
  level: figure('id', '等级', 'level', {
    ordinary: { zh: '一般', en: 'ordinary' },
    serious: { zh: '较重', en: 'serious' },
    major: { zh: '重大', en: 'major' },
  }),
  /** With what is late and what was done late: by how much. */
  lateS: figure('s', '逾期', 'late by'),
  /** Of an answer that one person's word is not enough for. */
  given: figure('count', '已确认人数', 'given by so many'),
  needed: figure('count', '需要人数', 'so many are needed'),
  priority: figure('count', '备份优先级', 'backup priority'),
  mainsStableS: figure('s', '市电已稳定', 'mains stable for'),
  temperatureC: figure('°C', '室温', 'room temperature'),
  temperatureLimitC: figure('°C', '温度上限', 'temperature limit'),
  limitInS: figure('s', '距温度上限', 'until the temperature limit'),
  // Readings.
  ups: figure('id', 'UPS', 'UPS'),
  status: figure('id', 'UPS 状态', 'UPS status'),
  runtimeS: figure('s', 'UPS 自报续航', 'the UPS’s own runtime'),
  alert: figure('id', '告警', 'alert'),
  // An answer: the option's id, and what was given with it.
  answer: figure('id', '答复', 'answer'),
  minutes: figure('min', '还需', 'back in'),
  untilInS: figure('s', '预计还需', 'mains expected in'),
  // Acts.
  run: figure('id', '执行编号', 'run'),
  attempt: figure('count', '第几次', 'attempt'),
  attempts: figure('count', '次数', 'attempts'),
  expectedS: figure('s', '预计用时', 'expected to take'),
  tookS: figure('s', '用时', 'took'),
  result: figure('id', '命令结果', 'result of the command', {
    ok: { zh: '已接受', en: 'accepted' },
    failed: { zh: '失败', en: 'failed' },
    unknown: { zh: '结果不明', en: 'outcome unknown' },
  }),
  // The incident as a whole.
  to: figure('id', '通知', 'told to'),
  /** Of an acknowledgement that did not come from the page: `link`, or the channel's name. */
  via: figure('id', '途径', 'by way of', { link: { zh: '消息中的链接', en: 'the link in the message' } }),
  mode: figure('id', '方式', 'mode'),
  plan: figure('id', '预案', 'plan'),
  version: figure('id', '版本', 'version'),
  trigger: figure('id', '起因', 'trigger'),
  outcome: figure('id', '结果', 'outcome'),
} satisfies Record<string, FigureMeaning>;

export type FigureName = keyof typeof FIGURES;
export type Figures = { readonly [Name in FigureName]?: FigureValue };

/** One line of the record: who, what, when, why, with the figures used (I7). */
export interface TimelineEntry {
  readonly seq: number;
  readonly at: string;
  readonly elapsedS: number;
  readonly kind: TimelineKind;
  readonly what: Text;
  /** A person's id, or `zhishou`. */
  readonly who: string;
  readonly why: Text | null;
  /** Named in FIGURES. */
  readonly figures: Readonly<Record<string, FigureValue>>;
  readonly step: string | null;
}

export interface IncidentView {
  readonly id: string;
  readonly site: string;
  readonly plan: { readonly id: string; readonly version: string; readonly title: Text };
  readonly mode: IncidentMode;
  readonly simulated: boolean;
  readonly level: Level;
  readonly phase: IncidentPhase;
  readonly outcome: IncidentOutcome | null;
  readonly openedAt: string;
  readonly closedAt: string | null;
  readonly cause: Text;
  /** One sentence: what is happening now. */
  readonly headline: Text;
  readonly acknowledged: Acknowledged | null;
  /** While nobody has acknowledged and people are rung. */
  readonly escalation?: EscalationView | undefined;
  /** Who leads it: the duty person of its beginning, or whoever took it over. */
  readonly lead: {
    readonly person: string;
    readonly name: Text;
    readonly phone: string | null;
    readonly since: string;
  } | null;
  /** The planned outage it belongs to. */
  readonly planned: { readonly id: string; readonly from: string; readonly to: string } | null;
  readonly pointOfNoReturn: { readonly passedAt: string; readonly step: string } | null;
  readonly clocks: ClocksView | null;
  readonly steps: readonly StepView[];
  /** Bounded: the newest 2,000 entries. */
  readonly timeline: readonly TimelineEntry[];
}
