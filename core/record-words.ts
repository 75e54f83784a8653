import type { FunctionName } from './config/people.ts';
import type { FigureMeaning, FigureName, FigureValue, IncidentMode, TimelineEntry } from './incident.ts';
import { FIGURES, type IncidentOutcome, type IncidentPhase } from './incident.ts';
import { definePoint, type UpsStatusToken } from './points.ts';
import type { Language, Text } from './text.ts';
import { wordText, wordTexts } from './word-texts.ts';

/** How the record's machine values and machine texts are said in the reader's language: page and report say the same. Pure. */

/** What the words need of their reader and of the incident. */
export interface RecordReader {
  readonly language: Language;
  /** An instant at the site, as the page or the report writes it. */
  readonly moment: (iso: string) => string;
  readonly length: (lengthS: number) => string;
  /** The name behind an id that only the site or the incident knows: an answer's label, a device, a rule; null: it has none. */
  readonly name: (of: FigureName | 'device', id: string) => string | null;
}

export interface SaidFigure {
  readonly name: string;
  readonly label: string;
  readonly value: string;
}

const text = (zh: string, en: string): Text => ({ zh, en });

export const PHASE_NAMES: Readonly<Record<IncidentPhase, Text>> = {
  preparing: text('计划停电前的准备中', 'preparing for the planned outage'),
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

const MODE_NAMES: Readonly<Record<IncidentMode, Text>> = {
  live: text('实际执行', 'live'),
  advice: text('只提建议', 'advice only'),
  drill: text('演练', 'drill'),
  rehearsal: text('预演', 'rehearsal'),
};

const OUTCOME_NAMES: Readonly<Record<IncidentOutcome, Text>> = {
  'stood-down': text('已解除，未关机', 'stood down'),
  shutdown: text('已安全关机', 'shut down'),
  recovered: text('已恢复运行', 'running again'),
};

export const FUNCTION_NAMES: Readonly<Record<FunctionName, Text>> = {
  director: text('主任', 'director'),
  deputy: text('副主任', 'deputy'),
  duty: text('值班员', 'person on duty'),
  'equipment-administrator': text('设备管理员', 'equipment administrator'),
  'network-administrator': text('网络管理员', 'network administrator'),
  'system-administrator': text('系统管理员', 'system administrator'),
  'emergency-team': text('应急小组', 'emergency team'),
};

export const UPS_STATUS_NAMES: Readonly<Record<UpsStatusToken, Text>> = {
  OL: text('市电供电', 'on mains'),
  OB: text('电池供电', 'on battery'),
  LB: text('电量低', 'battery low'),
  HB: text('电压高', 'battery high'),
  RB: text('电池需更换', 'replace battery'),
  CHRG: text('充电', 'charging'),
  DISCHRG: text('放电', 'discharging'),
  BYPASS: text('旁路', 'bypass'),
  CAL: text('校准', 'calibrating'),
  TEST: text('自检', 'self-test'),
  OFF: text('输出关闭', 'output off'),
  OVER: text('过载', 'overload'),
  TRIM: text('降压', 'trimming'),
  BOOST: text('升压', 'boosting'),
  ECO: text('节能', 'eco mode'),
  ALARM: text('有告警', 'alarm'),
  FSD: text('强制关机', 'forced shutdown'),
};

/** Identifiers of figures that are the same at every site; several stand with spaces between. */
const IDS: { readonly [Name in FigureName]?: Readonly<Record<string, Text>> } = {
  phase: PHASE_NAMES,
  mode: MODE_NAMES,
  outcome: OUTCOME_NAMES,
  to: FUNCTION_NAMES,
  status: UPS_STATUS_NAMES,
};

const isFigure = (name: string): name is FigureName => Object.hasOwn(FIGURES, name);
const wordOf = (words: Readonly<Record<string, Text>> | undefined, id: string): Text | undefined =>
  words !== undefined && Object.hasOwn(words, id) ? words[id] : undefined;

/** The figures of one line of the record. What an answer's own words say already and what was not asked for (an answer without a length, a limit that is not known) is left out. */
export const sayFigures = ({ kind, figures }: TimelineEntry, reader: RecordReader): SaidFigure[] =>
  Object.entries(figures)
    .filter(([name, value]) =>
      value === null ? kind !== 'answer' && !isSilent(name, figures) : !(kind === 'answer' && name === 'answer'),
    )
    .map(([name, value]) => sayFigure(name, value, reader));

/** Of the two figures of the outlook only what is known of it is said; once mains is back the battery's end means nothing. */
const isSilent = (name: string, figures: TimelineEntry['figures']): boolean =>
  name === 'outlookOverLimit' ||
  (name === 'outlookUntil' && typeof figures.outlookOverLimit === 'boolean') ||
  (BATTERY_END.has(name) && AFTER_RETURN.has(String(figures.phase)));
const BATTERY_END: ReadonlySet<string> = new Set<FigureName>([
  'exhaustionInS',
  'exhaustionSource',
  'latestSafeStartInS',
]);
const AFTER_RETURN: ReadonlySet<string> = new Set<IncidentPhase>([
  'settling',
  'standing-down',
  'finishing',
  'awaiting-recovery',
  'recovering',
  'closed',
]);

export function sayFigure(name: string, value: FigureValue, reader: RecordReader): SaidFigure {
  if (!isFigure(name)) return { name, label: name, value: value === null ? unknown(reader) : String(value) };
  const meaning: FigureMeaning = FIGURES[name];
  return { name, label: meaning[reader.language], value: sayValue(name, meaning, value, reader) };
}

const unknown = ({ language }: RecordReader): string => (language === 'zh' ? '未知' : 'unknown');
const YES = text('是', 'yes');
const NO = text('否', 'no');

function sayValue(name: FigureName, meaning: FigureMeaning, value: FigureValue, reader: RecordReader): string {
  const { language } = reader;
  if (value === null) return unknown(reader);
  if (typeof value === 'boolean') return (value ? YES : NO)[language];
  if (typeof value === 'number') return sayNumber(meaning, value, reader);
  if (meaning.unit === 'instant') return reader.moment(value);
  const words = IDS[name];
  if (words === undefined) return wordOf(meaning.values, value)?.[language] ?? reader.name(name, value) ?? value;
  const said = value.split(' ').map((id) => wordOf(words, id)?.[language] ?? reader.name(name, id) ?? id);
  return said.join(language === 'zh' ? '、' : ', ');
}

function sayNumber({ unit }: FigureMeaning, value: number, { language, length }: RecordReader): string {
  if (unit === 's' || unit === 'min') {
    const lengthS = unit === 's' ? value : value * 60;
    if (lengthS >= 0) return length(lengthS);
    return language === 'zh' ? `已过 ${length(-lengthS)}` : `${length(-lengthS)} ago`;
  }
  const rounded = String(Number(value.toFixed(unit === 'W' || unit === 'count' ? 0 : 1)));
  return unit === 'count' ? rounded : `${rounded} ${unit}`;
}

const PORT = /^(\S+:\d+) is (open|closed)$/;
const PORT_NAMES: Readonly<Record<string, string>> = {
  open: '端口开放',
  closed: '端口已关闭',
};
const POINT = /^([\w-]+)\/([\w.-]+)( is |: )(.+)$/;
const TRUTHS: Readonly<Record<string, string>> = { true: '是', false: '否', unknown: '不明' };
const DOUBTS: readonly (readonly [RegExp, string])[] = [
  [/^no reading$/, '没有读数'],
  [/^no reading since the action began$/, '操作开始后尚无新读数'],
  [/^the last reading is (.+) old$/, '最近的读数已过 $1'],
  [/^stale\b/, '读数已旧'],
  [/^frozen\b/, '读数长时间不变'],
  [/^missing\b/, '没有读数'],
  [/^implausible\b/, '读数不合理'],
];
const ENDS: readonly (readonly [RegExp, string])[] = [
  [/^exit code (\d+): (.+)$/, '退出码 $1，输出“$2”'],
  [/^exit code (\d+)$/, '退出码 $1'],
  [/^set (\S+) to (\S+)$/, '已将 $1 设为 $2'],
  [/^published on (\S+)$/, '已发布到 $1'],
  [/^delivered over (\S+) instead$/, '已改由 $1 送达'],
  [/^no answer in the time given$/, '未在规定时间内应答'],
  [/^login refused for (\S+) at (\S+)$/, '$2 拒绝 $1 登录'],
  [/^connection refused by (\S+)$/, '$1 拒绝连接'],
  [/^(\S+) did not answer the handshake$/, '$1 未完成握手'],
  [/^no connection to (\S+) in the time given$/, '未能在规定时间内连上 $1'],
  [/^the connection dropped before the command ended$/, '命令结束前连接中断'],
];

/** A text of the record in the reader's language; what machines said is the same in both and is put into words here. */
export const sayRecord = (said: Text, reader: RecordReader): string =>
  said.zh === said.en ? sayEvidence(said.zh, reader) : said[reader.language];

/**
 * Of interest only to whoever looks closely: a recomputed clock, a look that found the effect not there yet. Folded away at first;
 * a failure and a proof are not.
 */
export const isMinor = ({ kind, why }: TimelineEntry): boolean =>
  kind === 'clocks' || (kind === 'evidence' && /(^|· )[✗?] /.test(why?.zh ?? ''));

/** What evidence says (`✓ 127.0.0.1:22 is closed · ? ups-1/ups.load: no reading`); English is what it says already. */
export function sayEvidence(said: string, reader: RecordReader): string {
  if (reader.language === 'en') return said;
  return said
    .split(' · ')
    .map((part) => {
      const [, mark = '', rest = ''] = /^([✓✗?] )?(.*)$/.exec(part) ?? [];
      return `${mark}${sayPart(rest, reader)}`;
    })
    .join('；');
}

function sayPart(said: string, reader: RecordReader): string {
  const port = PORT.exec(said);
  if (port !== null) return `${port[1]} ${PORT_NAMES[port[2] ?? ''] ?? port[2]}`;
  const point = POINT.exec(said);
  if (point !== null) {
    const [, device = '', name = '', how = '', value = ''] = point;
    const what = `${reader.name('device', device) ?? device} ${definePoint(name)?.meaning.zh ?? name}`;
    return `${what}：${how === ': ' ? translate(value, DOUBTS) : pointValue(name, value)}`;
  }
  return translate(said, ENDS);
}

function pointValue(name: string, value: string): string {
  if (name === 'ups.status') {
    const tokens = value.split(' ').map((token) => wordOf(UPS_STATUS_NAMES, token)?.zh ?? token);
    return tokens.join('、');
  }
  const definition = definePoint(name);
  if (definition?.kind === 'word') return wordText(value, name).zh;
  if (definition?.kind === 'set')
    return wordTexts(value, name)
      .map(({ zh }) => zh)
      .join('、');
  return TRUTHS[value] ?? `${value} ${definition?.unit ?? ''}`.trim();
}

function translate(said: string, table: readonly (readonly [RegExp, string])[]): string {
  for (const [pattern, chinese] of table) if (pattern.test(said)) return said.replace(pattern, chinese);
  return said;
}
