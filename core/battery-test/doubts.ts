import type { Text } from '../text.ts';
import type { Instant } from '../time.ts';
import { FRESH_MS, isFresh } from './preconditions.ts';
import type { BatteryTest, TestFacts } from './state.ts';
import { hasLostMains, tokensOf } from './ups-state.ts';
import { names } from './words.ts';

/**
 * Why a test must not go on. The first doubt is enough: the discharge ends, and by hand the UPS's missing mains is explained by
 * the test no more, so that the room's outage plan runs as if there were no test.
 */
export interface Doubt {
  readonly id: string;
  readonly text: Text;
}

type Look = (test: BatteryTest, facts: TestFacts, now: Instant) => Doubt | null;

/** Before it discharges, only what is wrong with the room or with what is heard. */
export const doubtOf = (test: BatteryTest, facts: TestFacts, now: Instant): Doubt | null =>
  firstOf(test.state === 'starting' ? OF_THE_ROOM : [...OF_THE_ROOM, ...OF_THE_BATTERY], test, facts, now);

function firstOf(looks: readonly Look[], test: BatteryTest, facts: TestFacts, now: Instant): Doubt | null {
  for (const look of looks) {
    const doubt = look(test, facts, now);
    if (doubt !== null) return doubt;
  }
  return null;
}

const doubt = (id: string, zh: string, en: string): Doubt => ({ id, text: { zh, en } });

/** A battery that warms so much within one discharge has a bad cell. */
const WARMS_BY = 10;
const TOO_HOT = 45;
/** Servers' load wavers; a quarter more or less is another load. */
const LOAD_JUMP = 0.25;
const LOAD_JUMP_W = 100;
/** A gauge that falls so much between two looks has found a weak block. */
const CHARGE_FALLS = 12;
/** A person who opens the breaker says so at once. */
const SAY_WITHIN_MS = 120_000;

const OF_THE_ROOM: readonly Look[] = [
  (_test, facts, now) =>
    isFresh(facts, now)
      ? null
      : doubt('silent', `UPS 已 ${FRESH_MS / 1000} 秒没有新读数`, `The UPS has told nothing for ${FRESH_MS / 1000} s`),
  ({ way }, { sample }) =>
    way === 'ups' && hasLostMains(sample) ? doubt('mains-lost', '市电真的断了', 'Mains is really lost') : null,
  (_test, { others }) => {
    const lost = others.filter(({ onBattery }) => onBattery === true);
    return lost.length === 0
      ? null
      : doubt(
          'other-ups',
          `${names(lost.map(({ name }) => name)).zh}也转为电池供电：市电可能真的断了`,
          `${names(lost.map(({ name }) => name)).en} on battery too: mains may really be lost`,
        );
  },
  ({ atBegin }, { others }) => {
    const heard = new Set((atBegin?.others ?? []).filter(({ onBattery }) => onBattery === false).map(({ id }) => id));
    const silent = others.filter(({ id, onBattery }) => onBattery === null && heard.has(id));
    return silent.length === 0
      ? null
      : doubt(
          'other-silent',
          `${names(silent.map(({ name }) => name)).zh}没有读数了`,
          `${names(silent.map(({ name }) => name)).en}: no readings any more`,
        );
  },
  (_test, { incidents }) =>
    incidents.length === 0 ? null : doubt('incident', '有事件打开', 'An incident has been opened'),
  (_test, { alerts }) =>
    alerts.length === 0
      ? null
      : doubt(
          'alert',
          `出现告警：${names(alerts.map(({ title }) => title)).zh}`,
          `An alert: ${names(alerts.map(({ title }) => title)).en}`,
        ),
  ({ way, saidOff, from }, _facts, now) =>
    way === 'by-hand' && from !== null && !saidOff && now - from > SAY_WITHIN_MS
      ? doubt(
          'nobody-said',
          'UPS 转为电池供电，但没有人说断开了开关',
          'The UPS went to its battery and nobody said that the breaker was opened',
        )
      : null,
];

/** One poll that brought nothing is no doubt; so long without a figure is. */
const MISSING_MS = 30_000;
type Figure = 'charge' | 'runtime' | 'temperature' | 'power';
const isMissing = ({ curve, since }: BatteryTest, figure: Figure, now: Instant): boolean =>
  now - (curve.findLast((point) => point[figure] !== null)?.at ?? since) > MISSING_MS;

const OF_THE_BATTERY: readonly Look[] = [
  (test, { sample }, now) =>
    (sample?.charge == null && isMissing(test, 'charge', now)) ||
    (sample?.remainingS == null && isMissing(test, 'runtime', now))
      ? doubt('unknown', '读不到电量或可用时间', 'Charge or runtime is not told')
      : null,
  (test, { sample }, now) => {
    const degrees = sample?.temperature ?? null;
    const before = test.atBegin?.sample?.temperature ?? null;
    if (degrees === null)
      return before !== null && isMissing(test, 'temperature', now)
        ? doubt('temperature', '读不到电池温度', 'Battery temperature is not told')
        : null;
    return degrees > TOO_HOT || (before !== null && degrees - before > WARMS_BY)
      ? doubt('temperature', `电池温度 ${Math.round(degrees)} ℃`, `Battery at ${Math.round(degrees)} °C`)
      : null;
  },
  (test, { sample }, now) => {
    const before = test.atBegin?.sample?.power ?? null;
    const watts = sample?.power ?? null;
    if (before === null || watts === null)
      return isMissing(test, 'power', now) ? doubt('load', '读不到负载', 'The load is not told') : null;
    const by = Math.abs(watts - before);
    return by > LOAD_JUMP * before && by > LOAD_JUMP_W
      ? doubt(
          'load',
          `负载从 ${Math.round(before)} W 变为 ${Math.round(watts)} W`,
          `Load from ${Math.round(before)} W to ${Math.round(watts)} W`,
        )
      : null;
  },
  (_test, { sample }) => {
    const wrong = [...tokensOf(sample)].filter((token) => ['LB', 'BYPASS', 'OVER', 'OFF', 'RB', 'FSD'].includes(token));
    return wrong.length === 0 ? null : doubt('ups', `UPS 状态 ${wrong.join(' ')}`, `The UPS says ${wrong.join(' ')}`);
  },
  ({ last }, { sample }) =>
    last?.charge != null && sample?.charge != null && last.charge - sample.charge > CHARGE_FALLS
      ? doubt(
          'charge',
          `电量从 ${Math.round(last.charge)}% 骤降到 ${Math.round(sample.charge)}%`,
          `Charge fell from ${Math.round(last.charge)} to ${Math.round(sample.charge)} % at once`,
        )
      : null,
];
