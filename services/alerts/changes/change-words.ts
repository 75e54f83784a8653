import type { Rule } from '#core/config/rule.ts';
import type { WatchedChanges } from '#core/config/watched-changes.ts';
import type { Change } from '#core/paperwork/change-watch.ts';
import { definePoint } from '#core/points.ts';
import type { Value } from '#core/reading.ts';
import { type Language, sameText, type Text } from '#core/text.ts';
import { minutes, seconds } from '#core/time.ts';
import { wordText } from '#core/word-texts.ts';

/** What an alert about a change without consent says: what, from what to what, when, and who could have. Pure. */
export const CHANGE_RULE = 'change-without-consent';

/** The second of one device while the first still stands is `change-without-consent-2`. */
export const changeRuleId = (number: number): string => (number === 1 ? CHANGE_RULE : `${CHANGE_RULE}-${number}`);

export interface Who {
  /** Null: the registers never said anything. */
  readonly inRoom: readonly Text[] | null;
  readonly onDuty: Text | null;
}

const MOST_NAMED = 3;
const MOST_PEOPLE = 8;

export function changeRule(
  id: string,
  changes: readonly Change[],
  say: { readonly who: Who; readonly time: string; readonly note?: Text | null },
  watched: Pick<WatchedChanges, 'severity' | 'notify'>,
): Rule {
  const what = changesText(changes);
  const { who, time, note = null } = say;
  const people = whoText(who);
  return {
    id,
    title: {
      zh: `未经同意的更改${note === null ? '' : `（${note.zh}）`}：${what.zh}`,
      en: `Changed without consent${note === null ? '' : ` (${note.en})`}: ${what.en}`,
    },
    consequence: {
      zh: '电源、端口、服务器、空调、交换机未经主任同意不得改动；运行方式已被改变',
      en: 'Power, ports, servers, air conditioning and switches are not changed without the director’s consent; the room now runs otherwise',
    },
    response: {
      zh: `问清是谁在 ${time} 改的。${people.zh}。应改回，或补交更改申请`,
      en: `Find out who changed it at ${time}. ${people.en}. Put it back, or have a change request approved`,
    },
    on: { devices: [] },
    // Never judged: the desk says when it fires and when it is over.
    when: { point: 'device.responding', is: false },
    for: seconds(0),
    severity: watched.severity,
    safety: false,
    notify: [...watched.notify],
    respond_within: minutes(30),
    inhibited_by: [],
    overrides: [],
    source: 'O-CHG-1',
    obligations: ['O-CHG-1'],
  };
}

/** `温度设定值 24 °C → 20 °C`; of many the first three. */
export function changesText(changes: readonly Change[]): Text {
  const named = changes.slice(0, MOST_NAMED).map(changeText);
  const more = changes.length - named.length;
  const join = (l: Language): string => named.map((one) => one[l]).join(l === 'zh' ? '；' : '; ');
  return more === 0
    ? { zh: join('zh'), en: join('en') }
    : { zh: `${join('zh')}；另有 ${more} 项`, en: `${join('en')}; ${more} more` };
}

function changeText({ point, from, by, to }: Change): Text {
  const name = definePoint(point)?.meaning ?? sameText(point);
  const way = (by === undefined ? [from, to] : [from, by, to]).map((value) => valueWord(point, value));
  return {
    zh: `${name.zh} ${way.map(({ zh }) => zh).join(' → ')}`,
    en: `${name.en} ${way.map(({ en }) => en).join(' → ')}`,
  };
}

function valueWord(point: string, value: Value): Text {
  if (typeof value === 'boolean') return value ? { zh: '是', en: 'yes' } : { zh: '否', en: 'no' };
  if (typeof value === 'string') return wordText(value, point);
  const unit = definePoint(point)?.unit ?? '';
  return sameText(`${Math.round(value * 10) / 10}${unit === '' ? '' : ` ${unit}`}`);
}

function whoText({ inRoom, onDuty }: Who): Text {
  const duty: Text =
    onDuty === null
      ? { zh: '无人值班', en: 'Nobody was on duty' }
      : { zh: `值班：${onDuty.zh}`, en: `On duty: ${onDuty.en}` };
  return { zh: `${roomText(inRoom).zh}；${duty.zh}`, en: `${roomText(inRoom).en}; ${duty.en}` };
}

function roomText(inRoom: readonly Text[] | null): Text {
  if (inRoom === null) return { zh: '出入登记不可用', en: 'The register of entries is not available' };
  if (inRoom.length === 0) return { zh: '当时机房登记无人', en: 'Nobody was signed in to the room' };
  const some = inRoom.slice(0, MOST_PEOPLE);
  const more = inRoom.length - some.length;
  return {
    zh: `当时登记在机房：${some.map(({ zh }) => zh).join('、')}${more > 0 ? ` 等 ${inRoom.length} 人` : ''}`,
    en: `Signed in to the room then: ${some.map(({ en }) => en).join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
  };
}
