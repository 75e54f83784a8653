import { fillText, type Text } from '#core/text.ts';
import { type Instant, instant, minutes } from '#core/time.ts';
import type { StepDefinition } from './definition.ts';
import { dutyOf, type IncidentState } from './state.ts';

/** Words for people: short, calm, in both languages. */

export const bothTexts = (zh: string, en: string): Text => ({ zh, en });
export const NOTHING: Text = { zh: '', en: '' };

/** `1 小时 5 分` / `1 h 5 min`; below two minutes in seconds. */
export function clockLength(ms: number): Text {
  const total = Math.max(0, Math.round(ms / 1000));
  if (total < 120) return bothTexts(`${total} 秒`, `${total} s`);
  const all = Math.round(total / 60);
  const h = Math.floor(all / 60);
  const m = all % 60;
  if (h === 0) return bothTexts(`${m} 分钟`, `${m} min`);
  return m === 0 ? bothTexts(`${h} 小时`, `${h} h`) : bothTexts(`${h} 小时 ${m} 分`, `${h} h ${m} min`);
}

const formatters = new Map<string, Intl.DateTimeFormat>();
/** The last few minutes that were written, by zone and minute: views write the same ones again and again. */
const written = new Map<string, Text>();
const MOST_WRITTEN = 500;

/** Time of day at the site: `15:42`. */
export function clockTime(state: IncidentState, at: Instant | null): Text {
  if (at === null) return bothTexts('未知', 'unknown');
  const zone = state.definition.site.timeZone;
  const wall = at + state.offsetMs;
  const key = `${Math.floor(wall / 60_000)} ${zone}`;
  const found = written.get(key);
  if (found !== undefined) return found;
  let formatter = formatters.get(zone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' });
    formatters.set(zone, formatter);
  }
  const text = formatter.format(wall);
  const both = bothTexts(text, text);
  if (written.size >= MOST_WRITTEN) written.clear();
  written.set(key, both);
  return both;
}

export function outlookText(state: IncidentState): Text {
  const { outlook } = state;
  const limit = clockLength(state.definition.power?.limit ?? 0);
  switch (outlook.kind) {
    case 'unknown': {
      // Before it has begun, what was announced is what is known of its end.
      if (state.planned === null || state.phase !== 'preparing') return bothTexts('未知', 'not known');
      const end = clockTime(state, instant(state.planned.to - state.offsetMs));
      return bothTexts(`按计划 ${end.zh} 恢复`, `back at ${end.en} by plan`);
    }
    case 'within':
      return bothTexts(`${limit.zh}内恢复`, `back within ${limit.en}`);
    case 'over':
      return bothTexts(`超过 ${limit.zh}`, `more than ${limit.en}`);
    case 'until': {
      const time = clockTime(state, outlook.until);
      return bothTexts(`预计 ${time.zh} 恢复`, `back at ${time.en}`);
    }
  }
}

/** `电池还可用 55 分钟（至 04:12）` / `Battery lasts 55 min, until 04:12`. */
export function batteryLeft(state: IncidentState): Text {
  const end = (state.power ?? state.heat)?.exhaustion.at ?? null;
  if (state.heat !== null) return heatLeft(state, end);
  if (end === null) return bothTexts('电池可用时间未知', 'How long the battery lasts is not known');
  const length = clockLength(end - state.now);
  const time = clockTime(state, end);
  return bothTexts(`电池还可用 ${length.zh}（至 ${time.zh}）`, `Battery lasts ${length.en}, until ${time.en}`);
}

function heatLeft(state: IncidentState, end: Instant | null): Text {
  const limit = `${state.definition.heat?.limit ?? '?'} °C`;
  if (end === null) return bothTexts(`温度没有逼近 ${limit}`, `The room is not heating towards ${limit}`);
  const length = clockLength(end - state.now);
  const time = clockTime(state, end);
  return bothTexts(
    `还有 ${length.zh} 达到 ${limit}（${time.zh}）`,
    `${limit} is reached in ${length.en}, at ${time.en}`,
  );
}

/** What happens when nobody does anything, as far as this site may act. */
export function automaticStart(state: IncidentState): Text {
  if (state.phase === 'shut-down') return bothTexts('关机已完成', 'the shutdown is done');
  if (state.sequence !== null) return bothTexts('关机正在进行', 'the shutdown is under way');
  const at = (state.power ?? state.heat)?.latestSafeStart ?? null;
  if (at === null && state.heat !== null) return bothTexts('目前无须关机', 'no shutdown is needed as it stands');
  if (at === null) return bothTexts('何时须关机未知', 'when shutdown must start is not known');
  const now = at <= state.now;
  const { zh, en } = clockTime(state, at);
  const [whenZh, whenEn] = now ? ['现在', 'now'] : [`最迟 ${zh} `, `no later than ${en}`];
  if (state.mode === 'advice') return bothTexts(`${whenZh}须人工开始关机`, `people must start the shutdown ${whenEn}`);
  return state.mode === 'rehearsal'
    ? bothTexts(`${whenZh}预演关机（不实际执行）`, `the shutdown is rehearsed ${whenEn}`)
    : bothTexts(`${whenZh}自动开始关机`, `shutdown starts by itself ${whenEn}`);
}

/** Nobody says "for 0 seconds" on the telephone. */
const elapsedText = (ms: number): Text =>
  ms < minutes(1) ? bothTexts('不到 1 分钟', 'less than a minute') : clockLength(ms);

/** What was announced may never come; then nobody is told of an outage. */
function outageLength(state: IncidentState): Text {
  const { power } = state;
  if (power === null || power.outageSince === null) return withoutOutage(state);
  const length = elapsedText((power.mains === 'present' ? power.mainsSince : state.now) - power.outageSince);
  return bothTexts(`停电历时 ${length.zh}`, `Mains was away for ${length.en}`);
}

function outageEnd(state: IncidentState): Text {
  if (state.power?.outageSince != null) return bothTexts('来电', 'mains is back');
  return state.planned === null
    ? bothTexts('市电正常', 'mains is present')
    : bothTexts('计划停电没有发生', 'the announced cut did not come');
}

const withoutOutage = ({ planned }: IncidentState): Text =>
  planned === null
    ? bothTexts('市电没有中断', 'Mains was never lost')
    : bothTexts('计划的停电没有发生', 'The announced cut never came');

function dutyTold(state: IncidentState): Text {
  const duty = dutyOf(state);
  if (duty === null) return bothTexts('无人值班，请代为处理', 'Nobody is on duty: please take over');
  const phone = duty.phone ?? null;
  const number = phone === null ? bothTexts('', '') : bothTexts(`（${phone}）`, ` (${phone})`);
  return bothTexts(`已通知值班${duty.name.zh}${number.zh}`, `${duty.name.en} on duty${number.en} has been told`);
}

/** Fills the names that plan texts may use (core/config/plan.ts). */
export function fillPlanText(state: IncidentState, step: StepDefinition | null, template: Text): Text {
  if (!template.zh.includes('{') && !template.en.includes('{')) return template;
  const { definition, power } = state;
  const threat = power ?? state.heat;
  const duty = dutyOf(state);
  const lead = state.lead?.person ?? duty;
  const contactId = step?.kind === 'ask' ? step.ask.contact : step?.kind === 'task' ? step.task.contact : undefined;
  const contact = contactId === undefined ? undefined : definition.contacts[contactId];
  const unknown = bothTexts('未知', 'unknown');
  const percent = (n: number | null): Text | string => (n === null ? unknown : `${Math.round(n)}%`);
  const degrees = (n: number | null): Text | string => (n === null ? unknown : `${Math.round(n * 10) / 10} °C`);
  return fillText(template, {
    site: definition.site.name,
    place: bothTexts(
      `${definition.site.address.zh}${definition.site.floor.zh}`,
      `${definition.site.address.en}, ${definition.site.floor.en}`,
    ),
    now: clockTime(state, state.now),
    alert: state.cause,
    device_of_alert: state.openedOn ?? unknown,
    lead: lead?.name ?? unknown,
    lead_phone: lead?.phone ?? unknown,
    temperature: degrees(state.heat?.hottest ?? null),
    temperature_limit: degrees(definition.heat?.limit ?? null),
    address: definition.site.address,
    floor: definition.site.floor,
    device: step?.kind === 'act' ? step.deviceName : NOTHING,
    elapsed: elapsedText(state.now - (power?.outageSince ?? state.openedAt)),
    outage_length: outageLength(state),
    outage_end: outageEnd(state),
    charge: percent(power?.charge ?? null),
    load: power?.loadW == null ? unknown : `${Math.round(power.loadW)} W`,
    exhaustion: clockTime(state, threat?.exhaustion.at ?? null),
    battery_left: batteryLeft(state),
    latest_start: clockTime(state, threat?.latestSafeStart ?? null),
    automatic_start: automaticStart(state),
    duty_told: dutyTold(state),
    outlook: outlookText(state),
    need: clockLength(threat?.need.ms ?? 0),
    duty: duty?.name ?? unknown,
    duty_phone: duty?.phone ?? unknown,
    contact: contact?.name ?? unknown,
    contact_phone: contact?.phone ?? unknown,
    director: definition.director ?? unknown,
    incident: state.id,
  });
}
