import { definePoint, type UpsStatusToken } from '#core/points.ts';
import { statusTokens, type Value } from '#core/reading.ts';
import { type Language, sameText, type Text } from '#core/text.ts';
import { wordText, wordTexts } from '#core/word-texts.ts';

/** Values as a person says them: `OB DISCHRG` is "on battery", a door that is `true` is "door open". */

/** The gravest first: it is what somebody half awake reads. */
const UPS: Readonly<Record<UpsStatusToken, Text>> = {
  FSD: { zh: '即将强制关机', en: 'about to force a shutdown' },
  OFF: { zh: '输出已关闭', en: 'output switched off' },
  OVER: { zh: '过载', en: 'overloaded' },
  OB: { zh: '电池供电', en: 'on battery' },
  LB: { zh: '电池电量低', en: 'battery low' },
  RB: { zh: '电池需更换', en: 'battery needs replacing' },
  HB: { zh: '电池电压高', en: 'battery voltage high' },
  BYPASS: { zh: '旁路供电', en: 'on bypass' },
  OL: { zh: '市电供电', en: 'on mains' },
  CHRG: { zh: '正在充电', en: 'charging' },
  DISCHRG: { zh: '正在放电', en: 'discharging' },
  TEST: { zh: '正在自检', en: 'testing itself' },
  CAL: { zh: '正在校准', en: 'calibrating' },
  TRIM: { zh: '正在降压', en: 'trimming the voltage' },
  BOOST: { zh: '正在升压', en: 'boosting the voltage' },
  ECO: { zh: '节能模式', en: 'in eco mode' },
  ALARM: { zh: '有告警', en: 'reports an alarm' },
};
/** What another token says already. */
const IMPLIED: Readonly<Partial<Record<UpsStatusToken, readonly UpsStatusToken[]>>> = {
  DISCHRG: ['OB'],
  ALARM: ['FSD', 'OFF', 'OVER', 'OB', 'LB', 'RB', 'BYPASS'],
};

const TRUTHS: Readonly<Record<string, readonly [yes: Text, no: Text]>> = {
  'room.smoke': [
    { zh: '检测到烟雾', en: 'smoke detected' },
    { zh: '无烟雾', en: 'no smoke' },
  ],
  'room.leak': [
    { zh: '检测到漏水', en: 'water detected' },
    { zh: '无漏水', en: 'no water' },
  ],
  'room.door': [
    { zh: '门开着', en: 'door open' },
    { zh: '门已关', en: 'door closed' },
  ],
  'room.motion': [
    { zh: '有人移动', en: 'somebody moves' },
    { zh: '无人移动', en: 'nobody moves' },
  ],
  'room.panic': [
    { zh: '紧急按钮被按下', en: 'panic button pressed' },
    { zh: '紧急按钮已复位', en: 'panic button released' },
  ],
  'room.siren': [
    { zh: '声光报警器鸣响', en: 'the siren sounds' },
    { zh: '声光报警器静音', en: 'the siren is quiet' },
  ],
  'register.signed-in': [
    { zh: '登记有人在机房', en: 'somebody is signed in' },
    { zh: '登记无人在机房', en: 'nobody is signed in' },
  ],
  'calendar.working': [
    { zh: '工作时间', en: 'working hours' },
    { zh: '非工作时间', en: 'outside working hours' },
  ],
  'calendar.holiday': [
    { zh: '法定节假日', en: 'a public holiday' },
    { zh: '非节假日', en: 'not a public holiday' },
  ],
  'room.fault': [
    { zh: '探测器故障', en: 'detector faulty' },
    { zh: '探测器正常', en: 'detector in order' },
  ],
  'sensor.tamper': [
    { zh: '传感器被拆动', en: 'sensor tampered with' },
    { zh: '传感器未被拆动', en: 'sensor untouched' },
  ],
  'sensor.battery.low': [
    { zh: '传感器电池低', en: 'sensor battery low' },
    { zh: '传感器电池正常', en: 'sensor battery in order' },
  ],
  'host.reachable': [
    { zh: '网络可达', en: 'reachable' },
    { zh: '网络不可达', en: 'cannot be reached' },
  ],
  'device.responding': [
    { zh: '设备有应答', en: 'answers' },
    { zh: '设备无应答', en: 'does not answer' },
  ],
  'service.available': [
    { zh: '服务可用', en: 'service available' },
    { zh: '服务不可用', en: 'service not available' },
  ],
};

/** A service looked at from outside, with the name that the site gave to it. */
function serviceTruths(pattern: string | undefined, point: string): readonly [yes: Text, no: Text] | undefined {
  if (pattern !== 'service.#.available') return undefined;
  const which = point.split('.')[1] ?? '';
  return [
    { zh: `服务 ${which} 可用`, en: `service ${which} available` },
    { zh: `服务 ${which} 不可用`, en: `service ${which} not available` },
  ];
}

/** Where the part and its state are one saying; all other words are word-texts.ts's. */
const WORDS: Readonly<Record<string, Readonly<Record<string, Text>>>> = {
  'cooling.status': {
    on: { zh: '空调运行', en: 'cooling on' },
    off: { zh: '空调关闭', en: 'cooling off' },
    standby: { zh: '空调待机', en: 'cooling on standby' },
    fault: { zh: '空调故障', en: 'cooling faulty' },
  },
  'battery.status': {
    normal: { zh: '电池正常', en: 'battery in order' },
    low: { zh: '电池电量低', en: 'battery low' },
    depleted: { zh: '电池耗尽', en: 'battery empty' },
    unknown: { zh: '电池状态不明', en: 'battery state not known' },
    fault: { zh: '电池故障', en: 'battery faulty' },
  },
};

/** Example: `valueText('ups.status', 'OB DISCHRG ALARM')` is `UPS 电池供电` / `UPS on battery`; '' when there is nothing to say. */
export function valueText(point: string, value: Value | null): Text {
  // The product's own alerts are of no point; their value, if any, is the reason in words.
  if (point === '') return value === null ? sameText('') : sameText(String(value));
  const definition = definePoint(point);
  const meaning = definition?.meaning ?? sameText(point);
  const named = (text: Text): Text => ({ zh: `${meaning.zh} ${text.zh}`, en: `${meaning.en} ${text.en}` });
  if (value === null) return named({ zh: '无数据', en: 'not known' });
  const truths = TRUTHS[point] ?? serviceTruths(definition?.pattern, point);
  if (typeof value === 'boolean')
    return truths?.[value ? 0 : 1] ?? named(value ? { zh: '是', en: 'yes' } : { zh: '否', en: 'no' });
  if (definition?.pattern === 'ups.status') return upsText(value);
  if (definition?.kind === 'set' && typeof value === 'string') return named(listed(wordTexts(value, point)));
  if (typeof value === 'string') return WORDS[point]?.[value] ?? stateText(point, meaning, wordText(value, point));
  if (definition?.unit === 's') return named(lengthText(value));
  const unit = definition?.unit ?? '';
  return named(sameText(`${Math.round(value * 10) / 10}${unit === '' ? '' : ` ${unit}`}`));
}

const listed = (texts: readonly Text[]): Text => ({
  zh: texts.map(({ zh }) => zh).join('、'),
  en: texts.map(({ en }) => en).join(', '),
});

/** `outlet.3.status` `off` is 3 号插座断电, not 3 号插座状态 断电; what is no state of the part itself keeps its name. */
function stateText(point: string, meaning: Text, word: Text): Text {
  if (word.zh === word.en || !/^[a-z]+(\.[\w-]*\d)?\.status$/.test(point))
    return { zh: `${meaning.zh} ${word.zh}`, en: `${meaning.en} ${word.en}` };
  return { zh: meaning.zh.replace(/ ?状态$/, '') + word.zh, en: meaning.en.replace(/status$/, word.en) };
}

function upsText(value: Value): Text {
  const tokens = statusTokens(value);
  const known = (Object.keys(UPS) as UpsStatusToken[]).filter(
    (token) => tokens.has(token) && IMPLIED[token]?.some((other) => tokens.has(other)) !== true,
  );
  const strange = [...tokens].filter((token) => !(token in UPS)).map(sameText);
  const words = [...known.map((token) => UPS[token]), ...strange];
  if (words.length === 0) return { zh: 'UPS 状态不明', en: 'UPS state not known' };
  return { zh: `UPS ${words.map(({ zh }) => zh).join('、')}`, en: `UPS ${words.map(({ en }) => en).join(', ')}` };
}

const UNITS = [
  [86_400, '天', 'd'],
  [3600, '小时', 'h'],
  [60, '分钟', 'min'],
  [1, '秒', 's'],
] as const;

/** A length of time in words, its largest unit or two: `1 h 20 min`. */
export function lengthText(seconds: number): Text {
  const say = (language: Language): string => {
    let rest = Math.max(0, Math.round(seconds));
    const parts: string[] = [];
    for (const [size, zh, en] of UNITS) {
      const amount = Math.floor(rest / size);
      rest -= amount * size;
      if (amount > 0) parts.push(`${amount} ${language === 'zh' ? zh : en}`);
    }
    return parts.slice(0, 2).join(' ') || (language === 'zh' ? '0 秒' : '0 s');
  };
  return { zh: say('zh'), en: say('en') };
}
