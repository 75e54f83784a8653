import type { OutgoingMessage } from '#core/notification.ts';
import type { Language, Text } from '#core/text.ts';

/** Long enough to know what and where, short enough that nobody hangs up: about fifteen seconds. */
const MOST_CHARACTERS: Readonly<Record<Language, number>> = { zh: 90, en: 220 };

const OPENING: Text = { zh: '这里是值守，机房告警电话', en: 'This is Zhishou, an alarm call from the machine room' };
export const PROMPT: Text = {
  zh: '确认收到请按 1，重听请按 9。',
  en: 'Press 1 to acknowledge. Press 9 to hear it again.',
};
export const THANKS: Text = { zh: '已确认，谢谢，再见。', en: 'Acknowledged. Thank you. Goodbye.' };

/** What is said on the telephone: who calls, what and where; whole sentences of the body as far as there is time. */
export function spokenText({ subject, body, language }: OutgoingMessage): string {
  const stop = language === 'zh' ? '。' : '. ';
  const subjectWords = toSpeech(subject, language);
  let text = `${OPENING[language]}${stop}${subjectWords}${stop}`;
  const most = text.length + MOST_CHARACTERS[language] - Math.min(subjectWords.length, MOST_CHARACTERS[language]);
  for (const sentence of body.split(/\n+|(?<=[。！？；])|(?<=[.!?;])\s/)) {
    const words = toSpeech(sentence, language);
    if (words === '' || text.includes(words)) continue;
    if (text.length + words.length > most) break;
    text += words + stop;
  }
  return text.trim();
}

/** Words said as they are meant: `UPS-1` is U P S 1, `24.5 ℃` 24点5摄氏度, a link is left out. */
export function toSpeech(text: string, language: Language): string {
  const plain = text.normalize('NFKC').replaceAll(/https?:\/\/\S+/gi, '');
  const units = (language === 'zh' ? CHINESE : ENGLISH).reduce(
    (words, [pattern, said]) => words.replaceAll(pattern, said),
    plain,
  );
  return (
    units
      // A long number is a name: digit by digit. So is what has letters: A3, K7.
      .replaceAll(/\d{5,}/g, (digits) => [...digits].join(' '))
      .replaceAll(/\b[A-Z0-9]*[A-Z][A-Z0-9]*\b/g, spell)
      .replaceAll(/[【】[\](){}「」《》“”"|/\\]+/g, ', ')
      .replaceAll(/[-_–—~·•*#>`=^<]+/g, ' ')
      .replaceAll(/[^\p{L}\p{N}\s.,:;!?，。：；！？、']/gu, ' ')
      .replaceAll(/\s+/g, ' ')
      .replaceAll(/ ?([,，。:：;；、])[\s,，。:：;；、]*/g, '$1 ')
      .replaceAll(/^[\s,.，。:：;；、]+|[\s,.，。:：;；、]+$/g, '')
  );
}

/** Abbreviations letter by letter; what is longer than four letters is a word in capitals. */
const spell = (word: string): string =>
  /\d/.test(word) || word.length <= 4
    ? ` ${[...word].join(' ').replaceAll(/(\d) (?=\d)/g, '$1')} `
    : word.toLowerCase();

/** A minus and no hyphen: nothing stands before it. */
const MINUS = /(?<=^|[\s:,(])-(?=\d)/g;

const CHINESE: readonly (readonly [RegExp, string])[] = [
  [MINUS, '零下'],
  [/(\d{1,2}):(\d\d)(?::\d\d)?/g, '$1点$2分'],
  [/(\d{4})-(\d\d)-(\d\d)/g, '$2月$3日'],
  [/([\d.]+) ?%/g, '百分之$1'],
  [/ ?°C| ?℃/g, '摄氏度'],
  [/(\d) ?kWh\b/g, '$1度'],
  [/(\d) ?kW\b/g, '$1千瓦'],
  [/(\d) ?kVA\b/g, '$1千伏安'],
  [/(\d) ?V\b/g, '$1伏'],
  [/(\d) A\b/g, '$1安'],
  [/(\d) ?Hz\b/g, '$1赫兹'],
  [/(\d) ?min\b/g, '$1分钟'],
  [/(\d) ?s\b/g, '$1秒'],
  [/(\d)\.(\d+)/g, '$1点$2'],
];

const ENGLISH: readonly (readonly [RegExp, string])[] = [
  [MINUS, 'minus '],
  [/ ?%/g, ' percent'],
  [/ ?°C| ?℃/g, ' degrees Celsius'],
  [/(\d) ?kW\b/g, '$1 kilowatts'],
  [/(\d) ?kVA\b/g, '$1 kilovolt-amperes'],
  [/(\d) ?V\b/g, '$1 volts'],
  [/(\d) ?Hz\b/g, '$1 hertz'],
  [/(\d) ?min\b/g, '$1 minutes'],
  [/(\d) ?s\b/g, '$1 seconds'],
];
