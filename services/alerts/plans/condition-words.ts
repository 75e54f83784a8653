import type { PlanCondition } from '#core/config/plan.ts';
import type { Text } from '#core/text.ts';
import { conditionHolds, devicesFiring } from './conditions.ts';
import type { IncidentState } from './state.ts';
import { bothTexts, clockLength } from './texts.ts';
import { definitionOf } from './turn.ts';

/** Why a branch was taken or the level rose: the condition that held, in words (I7). */
export function conditionWords(state: IncidentState, when: PlanCondition | null): Text {
  if (when === null) return bothTexts('其他情况', 'none of the other conditions holds');
  const parts: Text[] = plainWords(state, when);
  parts.push(...(when.all ?? []).map((one) => conditionWords(state, one)));
  if (when.any !== undefined) {
    // Of several ways only those by which it came are the reason.
    const held = when.any.filter((one) => conditionHolds(state, one) === 'yes');
    const named = (held.length === 0 ? when.any : held).map((one) => conditionWords(state, one));
    parts.push(join(named, '或', ' or '));
  }
  if (when.not !== undefined) {
    const { zh, en } = conditionWords(state, when.not);
    parts.push(bothTexts(`不是（${zh}）`, `not (${en})`));
  }
  return join(parts, '，', ', ');
}

const join = (texts: readonly Text[], zh: string, en: string): Text =>
  bothTexts(texts.map((text) => text.zh).join(zh), texts.map((text) => text.en).join(en));

const LEVEL_WORDS = { ordinary: ['一般', 'ordinary'], serious: ['较重', 'serious'], major: ['重大', 'major'] } as const;
const OUTLOOK_WORDS = {
  unknown: ['恢复时间未知', 'the outlook is not known'],
  within: ['预计在时限内恢复', 'mains is expected within the limit'],
  over: ['预计超过时限', 'mains is expected beyond the limit'],
} as const;

function plainWords(state: IncidentState, when: PlanCondition): Text[] {
  const parts: Text[] = [];
  const add = (zh: string, en: string): void => void parts.push(bothTexts(zh, en));
  if (when.hours === 'working') add('工作时间', 'working hours');
  if (when.hours === 'off') add('非工作时间', 'outside working hours');
  if (when.mode === 'drill') add('演练', 'a drill');
  if (when.mode === 'live') add('非演练', 'not a drill');
  if (when.outlook !== undefined) add(OUTLOOK_WORDS[when.outlook][0], OUTLOOK_WORDS[when.outlook][1]);
  if (when.level !== undefined) add(`等级达到${LEVEL_WORDS[when.level][0]}`, `at least ${LEVEL_WORDS[when.level][1]}`);
  if (when.planned !== undefined)
    add(when.planned ? '计划停电' : '非计划停电', when.planned ? 'planned' : 'not planned');
  if (when.elapsed !== undefined) {
    const length = clockLength(when.elapsed);
    add(`已历时 ${length.zh}`, `${length.en} have passed`);
  }
  if (when.unanswered !== undefined) {
    const title = definitionOf(state, when.unanswered)?.title ?? bothTexts(when.unanswered, when.unanswered);
    add(`“${title.zh}”尚无答复`, `“${title.en}” has no answer`);
  }
  if (when.answered !== undefined) parts.push(answerWords(state, when.answered));
  if (when.alerts !== undefined) {
    const names = [...devicesFiring(state, when.alerts.rules)].map((device) => deviceName(state, device));
    const { devices } = when.alerts;
    if (names.length === 0) add('没有设备告警', 'no device has such an alert');
    else
      add(
        `${names.length} 台设备告警（${names.map((name) => name.zh).join('、')}），需 ${devices} 台`,
        `alerts on ${names.length} devices (${names.map((name) => name.en).join(', ')}), ${devices} needed`,
      );
  }
  if (when.point !== undefined) {
    const { device, point } = when.point.point;
    const value = String(state.points[`${device}/${point}`] ?? '?');
    add(`${device}/${point} 为 ${value}`, `${device}/${point} is ${value}`);
  }
  return parts;
}

const deviceName = (state: IncidentState, device: string): Text =>
  Object.values(state.alerts).find((alert) => alert.device === device)?.deviceName ?? bothTexts(device, device);

function answerWords(state: IncidentState, wanted: NonNullable<PlanCondition['answered']>): Text {
  const step = definitionOf(state, wanted.step);
  const options = step?.kind === 'ask' ? step.ask.answers : [];
  const labels = wanted.is.map((id) => options.find((option) => option.id === id)?.label ?? bothTexts(id, id));
  const { zh, en } = join(labels, '或', ' or ');
  const title = step?.title ?? bothTexts(wanted.step, wanted.step);
  return bothTexts(`“${title.zh}”答复为“${zh}”`, `“${title.en}” was answered “${en}”`);
}
