import type { Text } from '#core/text.ts';
import type { IncidentState } from './state.ts';
import { automaticStart, batteryLeft, bothTexts, clockLength, NOTHING, outlookText } from './texts.ts';

/**
 * The four clocks of an outage in one line, for whoever reads the message at 03:00: when power is back, how long the battery
 * lasts, how long the shutdown takes, when it must start. What the message says already is left out; nothing after the outage.
 */
export function clockLine(state: IncidentState, said: Text): Text {
  const { power } = state;
  if (power === null || power.mains !== 'lost' || state.phase === 'shut-down' || state.phase === 'closed')
    return NOTHING;
  const outlook = outlookText(state);
  const need = clockLength(power.need.ms);
  const begun = state.sequence !== null;
  const parts = [
    bothTexts(`恢复供电：${outlook.zh}`, `Mains: ${outlook.en}`),
    batteryLeft(state),
    ...(begun || power.need.ms <= 0 ? [] : [bothTexts(`全部关机约需 ${need.zh}`, `shutdown takes about ${need.en}`)]),
    automaticStart(state),
  ];
  const tells = (text: string, part: string): boolean => text.toLowerCase().includes(part.toLowerCase());
  // Where the outlook stands in other words it is not said twice.
  const missing = parts.filter(
    (part, index) => !tells(said.zh, part.zh) && !(index === 0 && tells(said.zh, outlook.zh) && outlook.zh !== '未知'),
  );
  // Alone it says little: what is new is the rest.
  if (missing.length === 0 || (missing.length === 1 && missing[0] === parts[0])) return NOTHING;
  return bothTexts(
    `${missing.map(({ zh }) => zh).join('；')}。`,
    `${sentence(missing.map(({ en }) => en).join('; '))}.`,
  );
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
