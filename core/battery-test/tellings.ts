import type { Text } from '../text.ts';
import type { BatteryTest, TestCommand } from './state.ts';
import { lengthText } from './words.ts';

/** What people hear of a battery test. */

type Telling = Extract<TestCommand, { do: 'tell' }>;

const telling = (
  test: BatteryTest,
  key: string,
  about: Pick<Telling, 'severity' | 'phase' | 'subject' | 'body'>,
): Telling => ({ do: 'tell', key: `battery-test/${test.id}/${key}`, ...about });

const of = ({ upsName }: BatteryTest, zh: string, en: string): Text => ({
  zh: `${upsName.zh}${zh}`,
  en: `${upsName.en}: ${en}`,
});

const reasonOf = ({ reason }: BatteryTest): Text => reason ?? { zh: '', en: '' };

export const told = {
  begun: (test: BatteryTest): Telling =>
    telling(test, 'begun', {
      severity: 'medium',
      phase: 'information',
      subject: of(test, '电池测试开始', 'battery test begins'),
      body: {
        zh: `${test.begunBy ?? ''} 开始电池放电测试，放到 ${test.stopsAt.charge}% 或剩余 ${lengthText(test.stopsAt.runtimeS * 1000).zh}时自动停止。期间市电真的中断，停电预案照常执行。`,
        en: `${test.begunBy ?? ''} begins a discharge. It ends by itself at ${test.stopsAt.charge} % or with ${lengthText(test.stopsAt.runtimeS * 1000).en} left. Should mains really fail meanwhile, the outage plan runs as ever.`,
      },
    }),
  restore: (test: BatteryTest): Telling =>
    telling(test, 'restore', {
      severity: 'high',
      phase: 'information',
      subject: of(test, '电池测试：请立即合上市电开关', 'battery test: close the mains breaker now'),
      body: {
        zh: `${reasonOf(test).zh}。请在 ${lengthText(test.settings.restoreS * 1000).zh}内合上${test.settings.breaker?.zh ?? '本 UPS 的市电输入开关'}；逾时按停电处置。`,
        en: `${reasonOf(test).en}. Close ${test.settings.breaker?.en ?? 'the UPS’s mains breaker'} within ${lengthText(test.settings.restoreS * 1000).en}; later it is treated as an outage.`,
      },
    }),
  doubt: (test: BatteryTest): Telling =>
    telling(test, 'doubt', {
      severity: 'high',
      phase: 'raised',
      subject: of(test, '电池测试已中止', 'battery test broken off'),
      body: {
        zh: `原因：${reasonOf(test).zh}。测试不再解释这台 UPS 的停电；若仍由电池供电，停电预案立即接手。`,
        en: `Because: ${reasonOf(test).en}. The test explains nothing any more; while this UPS is on its battery the outage plan takes over at once.`,
      },
    }),
  notBack: (test: BatteryTest, nth: number): Telling =>
    telling(test, `not-back-${nth}`, {
      severity: 'high',
      phase: nth === 0 ? 'raised' : 'reminder',
      subject: of(test, '电池测试后没有回到市电', 'not back on mains after the battery test'),
      body:
        test.way === 'ups'
          ? {
              zh: '已多次命令停止，UPS 仍在放电。请到 UPS 面板上停止测试；电池越来越空，此时停电很危险。',
              en: 'It was told to stop and still discharges. Stop the test at its panel: the battery gets emptier, and an outage now would be dangerous.',
            }
          : {
              zh: `请立即合上${test.settings.breaker?.zh ?? '本 UPS 的市电输入开关'}。停电预案已接手。`,
              en: `Close ${test.settings.breaker?.en ?? 'the UPS’s mains breaker'} at once. The outage plan has taken over.`,
            },
    }),
  back: (test: BatteryTest): Telling =>
    telling(test, 'back', { severity: 'medium', phase: 'information', ...resultWords(test) }),
  notCharging: (test: BatteryTest): Telling =>
    telling(test, 'not-charging', {
      severity: 'high',
      phase: 'raised',
      subject: of(test, '测试后电池没有充电', 'the battery does not charge after its test'),
      body: {
        zh: '回到市电一小时，电量没有回升。请检查充电器和电池开关；此时停电可用时间很短。',
        en: 'On mains for an hour and the charge has not risen. Look at charger and battery breaker: an outage now would find little runtime.',
      },
    }),
  ended: (test: BatteryTest): Telling =>
    telling(test, 'ended', {
      severity: test.state === 'done' ? 'low' : 'medium',
      phase: 'recovered',
      subject:
        test.state === 'done'
          ? of(test, '电池测试完成', 'battery test done')
          : of(test, '电池测试未完成', 'battery test not completed'),
      body:
        test.state === 'done'
          ? { zh: '电池正在充电，报告在测试页面上。', en: 'The battery recharges; the report is on the test’s page.' }
          : reasonOf(test),
    }),
};

function resultWords(test: BatteryTest): Pick<Telling, 'subject' | 'body'> {
  const { result } = test;
  if (result === null)
    return {
      subject: of(test, '已回到市电', 'back on mains'),
      body: { zh: '放电太少，算不出容量。', en: 'Too little was discharged to tell the capacity.' },
    };
  const health = result.health === null ? null : Math.round(100 * result.health);
  const length = lengthText(result.measuredS * 1000);
  return {
    subject: of(
      test,
      health === null ? '电池测试有结果' : `电池健康度 ${health}%`,
      health === null ? 'result of the battery test' : `battery health ${health} %`,
    ),
    body: {
      zh: `已回到市电并开始充电。${result.atLoadW} W 下满电可用约 ${length.zh}。${result.forecast.why.zh}。`,
      en: `Back on mains. At ${result.atLoadW} W a full battery lasts about ${length.en}. ${result.forecast.why.en}.`,
    },
  };
}
