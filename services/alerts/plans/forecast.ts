import type { Text } from '#core/text.ts';
import { type Instant, instant, minutes, plus } from '#core/time.ts';
import { limitAt } from './clocks.ts';
import type { AskDefinition } from './definition.ts';
import { triggerOf } from './sequence.ts';
import type { IncidentState, Outlook } from './state.ts';
import { bothTexts, clockTime } from './texts.ts';

/**
 * What each answer would lead to: the engine's own judgement, asked of the state as it would be with that answer. People see
 * it before they answer.
 */
export function forecastAnswer(state: IncidentState, option: AskDefinition['ask']['answers'][number]): Text | null {
  const { power } = state;
  if (option.outlook === undefined || power === null || state.definition.power === null) return null;
  if (power.mains === 'present')
    return bothTexts('市电已恢复，稳定后解除', 'Mains is back; stands down once it is stable');
  if (state.pointOfNoReturn !== null) return bothTexts('关机已开始，不再停止', 'Shutdown is under way and goes on');
  if (option.outlook === 'given') return forecastGiven(state);
  const outlook: Outlook = { kind: option.outlook, until: null, by: null, at: state.now };
  const trigger = triggerOf({ ...state, outlook });
  return trigger === null ? waits(state, option.outlook === 'within') : startsNow(state);
}

function startsNow(state: IncidentState): Text {
  const { power } = state;
  const done = clockTime(state, plus(state.now, power?.need.ms ?? minutes(0)));
  const end = clockTime(state, power?.exhaustion.at ?? null);
  if (state.mode === 'advice') {
    return bothTexts(
      `立即提示人工备份并关机，约 ${done.zh} 完成，电池 ${end.zh} 耗尽`,
      `People are told to back up and shut down now, done at ${done.en}; battery empty at ${end.en}`,
    );
  }
  return bothTexts(
    `立即备份并关机，约 ${done.zh} 完成，电池 ${end.zh} 耗尽`,
    `Backup and shutdown start now, done at ${done.en}; battery empty at ${end.en}`,
  );
}

function waits(state: IncidentState, sheds: boolean): Text {
  const by = autoStartAt(state);
  const time = clockTime(state, by);
  const end = clockTime(state, state.power?.exhaustion.at ?? null);
  const first = sheds
    ? bothTexts('关闭大屏照明，等待来电', 'Screens and lights off, then waits')
    : bothTexts('继续等待', 'Goes on waiting');
  return by === null
    ? bothTexts(`${first.zh}；电池时间未知`, `${first.en}; the battery’s time is not known`)
    : bothTexts(
        `${first.zh}；未来电则最迟 ${time.zh} 自动开始关机（电池 ${end.zh} 耗尽）`,
        `${first.en}; without mains shutdown starts by itself at ${time.en} at the latest (battery empty at ${end.en})`,
      );
}

const autoStartAt = (state: IncidentState): Instant | null => {
  const dues = [limitAt(state), state.power?.latestSafeStart ?? null].filter((at): at is Instant => at !== null);
  return dues.length === 0 ? null : instant(Math.min(...dues));
};

/** Beyond which announced time the sequence would start at once. */
function forecastGiven(state: IncidentState): Text {
  const ends = [limitAt(state), state.power?.exhaustion.at ?? null].filter((at): at is Instant => at !== null);
  const border = clockTime(state, ends.length === 0 ? null : instant(Math.min(...ends)));
  const latest = clockTime(state, autoStartAt(state));
  return bothTexts(
    `晚于 ${border.zh}：立即备份并关机；早于：等待，最迟 ${latest.zh} 开始`,
    `Later than ${border.en}: backup and shutdown start now; earlier: waits, starting at ${latest.en} at the latest`,
  );
}
