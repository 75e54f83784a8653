import type { Text } from '#core/text.ts';
import type { IncidentState } from './state.ts';
import { bothTexts, clockLength } from './texts.ts';
import { settleLength } from './threat.ts';

/** The same turns of an incident in the words of what it runs against: mains and battery, or the room's heat. */
export interface ThreatWords {
  /** It has ended and is not believed yet. */
  readonly back: Text;
  readonly backWhy: Text;
  /** It is there again before that was believed. */
  readonly again: Text;
  readonly againWhy: Text;
  readonly settled: Text;
  readonly noLonger: Text;
  readonly leftAlone: Text;
  readonly shutDown: Text;
  readonly gatesMet: Text;
  /** It is there again after it was believed over. */
  readonly relapseWhy: Text;
  readonly relapseBody: Text;
}

export function threatWords(state: IncidentState): ThreatWords {
  const length = clockLength(settleLength(state));
  return state.heat === null ? powerWords(length) : heatWords(length);
}

const powerWords = (length: Text): ThreatWords => ({
  back: bothTexts('市电恢复，等待稳定', 'Mains is back, waiting for it to be stable'),
  backWhy: bothTexts(`稳定 ${length.zh} 后才作结论`, `nothing is concluded before ${length.en}`),
  again: bothTexts('市电再次中断', 'Mains lost again'),
  againWhy: bothTexts('恢复未能稳定，停电时间继续计算', 'it had not been stable: the outage goes on, its clocks too'),
  settled: bothTexts('市电已稳定', 'mains is stable'),
  noLonger: bothTexts('市电已恢复，不再需要', 'mains is back: no longer needed'),
  leftAlone: bothTexts('市电已恢复，未开始的不再执行', 'mains is back: not begun, left alone'),
  shutDown: bothTexts('关机流程完成，等待来电', 'Shutdown complete, waiting for mains'),
  gatesMet: bothTexts('市电稳定，电池与温度满足条件', 'mains stable, battery and room within their limits'),
  relapseWhy: bothTexts('此前已确认恢复，按新的停电处理', 'it had been believed back: handled as a new outage'),
  relapseBody: bothTexts(
    '电量 {charge}，预计 {exhaustion} 耗尽，最迟 {latest_start} 开始关机。',
    'Charge {charge}, empty at {exhaustion}, latest safe start {latest_start}.',
  ),
});

const heatWords = (length: Text): ThreatWords => ({
  back: bothTexts('温度回落，等待稳定', 'The room cools, waiting for it to stay so'),
  backWhy: bothTexts(`保持 ${length.zh} 后才作结论`, `nothing is concluded before ${length.en}`),
  again: bothTexts('温度再次升高', 'The room heats up again'),
  againWhy: bothTexts('未能保持低温，继续按升温处理', 'it had not stayed cool: its clocks go on'),
  settled: bothTexts('温度已保持在安全值以下', 'the room has stayed cool'),
  noLonger: bothTexts('温度已回落，不再需要', 'the room is cool again: no longer needed'),
  leftAlone: bothTexts('温度已回落，未开始的不再执行', 'the room is cool again: not begun, left alone'),
  shutDown: bothTexts('关机流程完成，等待降温', 'Shutdown complete, waiting for the room to cool'),
  gatesMet: bothTexts('温度满足条件', 'the room is cool enough'),
  relapseWhy: bothTexts('此前已确认降温，按新的升温处理', 'it had been believed cool: handled anew'),
  relapseBody: bothTexts(
    '预计 {exhaustion} 达到温度上限，最迟 {latest_start} 开始关机。',
    'The temperature limit is reached at {exhaustion}, latest safe start {latest_start}.',
  ),
});
