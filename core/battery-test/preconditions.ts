import type { Text } from '../text.ts';
import { between, type Instant, plus } from '../time.ts';
import { floorsOf } from './floor.ts';
import type { Precondition, TestFacts, TestSettings } from './state.ts';
import { isBackOnMains, tokensOf } from './ups-state.ts';
import { lengthText, names } from './words.ts';

/** What must hold before a battery is discharged on purpose. Null is no yes: what cannot be told is not taken for granted. */

/** Older than this a reading says nothing of now. */
export const FRESH_MS = 60_000;
export const LEAST_CHARGE = 95;

type Check = (facts: TestFacts, settings: TestSettings, way: 'ups' | 'by-hand', now: Instant) => Precondition;

export const preconditionsOf = (
  facts: TestFacts,
  settings: TestSettings,
  way: 'ups' | 'by-hand',
  now: Instant,
): readonly Precondition[] => CHECKS.map((check) => check(facts, settings, way, now));

export const isFresh = (facts: Pick<TestFacts, 'sample'>, now: Instant): boolean =>
  facts.sample !== null && now - facts.sample.at <= FRESH_MS;

const made = (id: string, zh: string, en: string, holds: boolean | null, detail: Text): Precondition => ({
  id,
  label: { zh, en },
  holds,
  detail,
});

const UNKNOWN: Text = { zh: '读不到', en: 'not told' };
const same = (text: string): Text => ({ zh: text, en: text });

const CHECKS: readonly Check[] = [
  ({ incidents, otherTest }) =>
    made(
      'incidents',
      '没有正在处置的事件',
      'No incident is open',
      incidents.length === 0 && otherTest === null,
      otherTest !== null
        ? { zh: `另一项电池测试正在进行：${otherTest}`, en: `Another battery test is under way: ${otherTest}` }
        : incidents.length === 0
          ? { zh: '没有', en: 'None' }
          : { zh: `${incidents.length} 个未关闭`, en: `${incidents.length} open` },
    ),
  ({ alerts }) =>
    made(
      'alerts',
      '没有严重告警和安全告警',
      'No grave alert, no safety alert',
      alerts.length === 0,
      alerts.length === 0 ? { zh: '没有', en: 'None' } : names(alerts.map(({ title }) => title)),
    ),
  ({ outageAt }, { clearAheadMs }, _way, now) =>
    made(
      'planned',
      `${lengthText(clearAheadMs).zh}内没有计划停电`,
      `No cut announced within ${lengthText(clearAheadMs).en}`,
      outageAt === null || outageAt > plus(now, clearAheadMs),
      outageAt === null
        ? { zh: '没有', en: 'None' }
        : {
            zh: `${lengthText(between(now, outageAt)).zh}后停电`,
            en: `A cut in ${lengthText(between(now, outageAt)).en}`,
          },
    ),
  (facts, { mainsStableMs }, _way, now) =>
    made(
      'mains',
      `市电已稳定 ${lengthText(mainsStableMs).zh}`,
      `Mains stable for ${lengthText(mainsStableMs).en}`,
      isFresh(facts, now) && isBackOnMains(facts.sample) && facts.mainsSince !== null
        ? between(facts.mainsSince, now) >= mainsStableMs
        : false,
      facts.mainsSince === null
        ? { zh: 'UPS 不在市电供电', en: 'The UPS is not on mains' }
        : {
            zh: `已 ${lengthText(between(facts.mainsSince, now)).zh}`,
            en: `For ${lengthText(between(facts.mainsSince, now)).en}`,
          },
    ),
  ({ others }) =>
    made(
      'others',
      '其他 UPS 都在市电供电',
      'Every other UPS is on mains',
      others.some(({ onBattery }) => onBattery === true)
        ? false
        : others.some(({ onBattery }) => onBattery === null)
          ? null
          : true,
      others.length === 0
        ? { zh: '没有其他 UPS', en: 'There is no other' }
        : others.every(({ onBattery }) => onBattery === false)
          ? { zh: `${others.length} 台正常`, en: `${others.length} as they should be` }
          : names(others.filter(({ onBattery }) => onBattery !== false).map(({ name }) => name)),
    ),
  ({ sample }) =>
    made(
      'charge',
      `电池电量不低于 ${LEAST_CHARGE}%`,
      `Battery charged to ${LEAST_CHARGE} % or more`,
      sample?.charge == null ? null : sample.charge >= LEAST_CHARGE,
      sample?.charge == null ? UNKNOWN : same(`${Math.round(sample.charge)} %`),
    ),
  ({ dischargedAt, watchedSince }, { rechargeMs }, _way, now) => {
    const since = dischargedAt ?? watchedSince;
    return made(
      'recharged',
      `上次放电后已充电 ${lengthText(rechargeMs).zh}`,
      `Recharged for ${lengthText(rechargeMs).en} since its last discharge`,
      since === null ? null : between(since, now) >= rechargeMs ? true : dischargedAt === null ? null : false,
      since === null
        ? UNKNOWN
        : dischargedAt === null
          ? {
              zh: `${lengthText(between(since, now)).zh}内没有放电`,
              en: `None seen for ${lengthText(between(since, now)).en}`,
            }
          : {
              zh: `${lengthText(between(since, now)).zh}前放过电`,
              en: `Discharged ${lengthText(between(since, now)).en} ago`,
            },
    );
  },
  ({ sample }, { temperature: { least, most } }) =>
    made(
      'temperature',
      `电池温度 ${least}–${most} ℃`,
      `Battery between ${least} and ${most} °C`,
      sample?.temperature == null ? null : sample.temperature >= least && sample.temperature <= most,
      sample?.temperature == null ? UNKNOWN : same(`${Math.round(sample.temperature)} °C`),
    ),
  ({ sample }, { load: { least, most } }) =>
    made(
      'load',
      `负载 ${least}–${most}%`,
      `Load between ${least} and ${most} %`,
      sample?.loadPercent == null || sample.power === null
        ? null
        : sample.loadPercent >= least && sample.loadPercent <= most,
      sample?.loadPercent == null || sample.power === null
        ? UNKNOWN
        : same(`${Math.round(sample.loadPercent)} % · ${Math.round(sample.power)} W`),
    ),
  ({ sample }) => {
    const bad = [...tokensOf(sample)].filter((token) => WRONG.has(token));
    return made(
      'ups',
      'UPS 自身没有告警',
      'The UPS itself has no alarm',
      sample?.status == null ? null : bad.length === 0,
      sample?.status == null ? UNKNOWN : bad.length === 0 ? same(sample.status) : same(bad.join(' ')),
    );
  },
  ({ consumers: { all, redundant } }) =>
    made(
      'consumers',
      '用电设备的供电已登记',
      'What hangs on it is known',
      all > 0,
      all === 0
        ? { zh: '没有设备登记由它供电', en: 'No device names it as its supply' }
        : {
            zh: `${all} 台由它供电，其中 ${redundant} 台另有电源`,
            en: `${all} devices, ${redundant} of them with another supply`,
          },
    ),
  (facts, settings, way) => {
    const { floor, enough, keeps } = floorsOf(facts, settings, way);
    return made(
      'runtime',
      '放电后仍够按预案关机',
      'What is left carries the room’s own shutdown',
      facts.need === null || facts.fullS === null ? null : enough,
      facts.need === null
        ? { zh: '没有预案管这台 UPS', en: 'No plan is about this UPS' }
        : facts.fullS === null
          ? { zh: '不知道满电能供多久', en: 'How long it lasts is not known' }
          : {
              zh: `满电约 ${lengthText(facts.fullS * 1000).zh}，至少留 ${lengthText(floor.runtimeS * 1000).zh}${keeps === 'all' ? '（含备份）' : '（不含备份）'}`,
              en: `Full about ${lengthText(facts.fullS * 1000).en}, at least ${lengthText(floor.runtimeS * 1000).en} stay${keeps === 'all' ? ' (with backups)' : ' (without backups)'}`,
            },
    );
  },
  ({ armed, need }) =>
    made(
      'armed',
      '停电预案可自动执行',
      'The outage plan may act',
      armed && need !== null,
      armed
        ? { zh: '已启用', en: 'Armed' }
        : { zh: '未启用：停电时只会提示', en: 'Not armed: in an outage it would only advise' },
    ),
  ({ working }) =>
    made(
      'hours',
      '在工作时间内',
      'Within working hours',
      working,
      working ? { zh: '是', en: 'Yes' } : { zh: '不是工作时间', en: 'It is not' },
    ),
  ({ onSite }) =>
    made(
      'on-site',
      '操作人已确认在现场',
      'The operator says to be on site',
      onSite,
      onSite ? { zh: '已确认', en: 'Confirmed' } : { zh: '未确认', en: 'Not confirmed' },
    ),
];

/** On battery, bypass, overload, battery bad, low, off, an alarm. */
const WRONG = new Set(['OB', 'LB', 'RB', 'BYPASS', 'OFF', 'OVER', 'ALARM', 'FSD', 'TEST', 'CAL', 'DISCHRG', 'ECO']);
