import { describe, expect, it } from 'vitest';
import type { AlertView } from '#core/alert.ts';
import { POINTS, UPS_STATUS_TOKENS } from '#core/points.ts';
import type { Value } from '#core/reading.ts';
import { type Instant, minutes, plus, toIso } from '#core/time.ts';
import { createAlertTexts } from '#services/alerts/lifecycle/alert-texts.ts';
import { lengthText, valueText } from '#services/alerts/lifecycle/value-words.ts';
import { makeConfig, T0 } from '../support.ts';

const view = (parts: Partial<AlertView>): AlertView => ({
  ...{ id: 'a', rule: 'mains-lost', device: 'ups-1', severity: 'high', safety: false, state: 'firing' },
  title: { zh: '市电中断，UPS 电池供电', en: 'Mains lost, UPS on battery' },
  ...{ value: 'OB DISCHRG ALARM', point: 'ups.status', respondWithinS: 300 },
  consequence: { zh: '电池耗尽后设备断电', en: 'Equipment loses power when the battery is empty' },
  response: { zh: '致电配电室询问恢复时间', en: 'Call the power department' },
  ...{ since: toIso(T0), firedAt: toIso(T0), acknowledged: null, clearedAt: null, inhibitedBy: null },
  ...{ silenced: null, doubtful: false, simulated: false },
  ...parts,
});
const texts = (now: Instant = T0, known: Readonly<Record<string, Value>> = {}) =>
  createAlertTexts({ config: makeConfig(), now: () => now, good: (_device, point) => known[point] ?? null });

describe('the message that mains is lost', () => {
  const known = { 'battery.charge': 96.4, 'battery.runtime': 2543, 'ups.load': 35.2 };
  it('says where, what, since when, how much battery there is and what to do, in words', () => {
    expect(texts(T0, known).fired(view({}))).toEqual({
      subject: { zh: '紧急：市电中断，UPS 电池供电（UPS 一号）', en: 'HIGH: Mains lost, UPS on battery (UPS 1)' },
      body: {
        zh: [
          '测试机房 三层：UPS 一号',
          'UPS 电池供电，10:00:00 起',
          '电量 96 %，负载 35 %，UPS 自报可用 42 分钟',
          '后果：电池耗尽后设备断电',
          '处置（5 分钟内）：致电配电室询问恢复时间',
        ].join('\n'),
        en: [
          'Test room, third floor: UPS 1',
          'UPS on battery, since 10:00:00',
          'Charge 96 %, load 35 %, the UPS says 42 min left',
          'At stake: Equipment loses power when the battery is empty',
          'Do within 5 min: Call the power department',
        ].join('\n'),
      },
    });
  });
  it('leaves out what is not known of the battery instead of guessing', () => {
    expect(texts().fired(view({})).body.en.split('\n')).toHaveLength(4);
    expect(texts(T0, { 'ups.load': 35 }).fired(view({})).body.zh).toContain('\n负载 35 %\n');
  });
  it('says in a reminder how long it has lasted, and the date when it began on another day', () => {
    const later = texts(plus(T0, minutes(10))).reminder(view({}), 2);
    expect(later.subject.zh).toBe('无人确认 第 2 次：市电中断，UPS 电池供电（UPS 一号）');
    expect(later.body.zh).toContain('UPS 电池供电，10:00:00 起，已 10 分钟');
    expect(later.body.en).toContain('UPS on battery, since 10:00:00, 10 min ago');
    expect(texts(plus(T0, minutes(24 * 60))).reminder(view({}), 9).body.en).toContain('since 11-23 10:00:00, 1 d ago');
  });
  it('and that it is back: when, after how long, and the charge that is left', () => {
    const at = plus(T0, minutes(21));
    const cleared = view({ value: 'OL CHRG', state: 'cleared', clearedAt: toIso(at) });
    expect(texts(at, { ...known, 'battery.charge': 62 }).cleared(cleared).body).toEqual({
      zh: '10:21:00 恢复，持续 21 分钟。UPS 市电供电、正在充电，电量 62 %',
      en: 'Recovered at 10:21:00 after 21 min. UPS on mains, charging; charge 62 %',
    });
  });
});

it('an alert of the product itself gives its reason, or none', () => {
  const own = view({ rule: 'zhishou-channel-failing', device: 'phone', point: '', value: 'UNREACHABLE phone' });
  expect(texts().fired(own).body.en).toContain('\nUNREACHABLE phone, since 10:00:00\n');
  expect(texts().fired(view({ point: '', value: null })).body.en).toContain('\nSince 10:00:00\n');
});

describe('values in words', () => {
  it.each([
    ['ups.status', 'OB DISCHRG ALARM', 'UPS 电池供电', 'UPS on battery'],
    ['ups.status', 'ALARM OL RB', 'UPS 电池需更换、市电供电', 'UPS battery needs replacing, on mains'],
    ['ups.status', 'OL ALARM', 'UPS 市电供电、有告警', 'UPS on mains, reports an alarm'],
    ['ups.status', 'OL NEW', 'UPS 市电供电、NEW', 'UPS on mains, NEW'],
    ['ups.status', '', 'UPS 状态不明', 'UPS state not known'],
    ['room.smoke', true, '检测到烟雾', 'smoke detected'],
    ['room.door', false, '门已关', 'door closed'],
    ['host.reachable', false, '网络不可达', 'cannot be reached'],
    ['outlet.3.status', 'off', '3 号插座断电', 'Outlet 3 off'],
    ['rectifier.2.status', 'communication-lost', '2 号整流模块通信中断', 'Rectifier 2 communication lost'],
    ['breaker.4.status', 'open', '4 号断路器分闸', 'Breaker 4 open'],
    ['output.source.status', 'battery', '输出电源状态 电池', 'Output source status battery'],
    ['device.alarms', 'fan-1-failed overload', '设备告警 风机 1 故障、过载', 'Device alarms fan 1 failed, overload'],
    ['device.alarms', 'none', '设备告警 无告警', 'Device alarms no alarm'],
    ['service.web.available', false, '服务 web 不可用', 'service web not available'],
    ['cooling.status', 'fault', '空调故障', 'cooling faulty'],
    ['ambient.temperature', 31.449, '环境温度 31.4 °C', 'Temperature 31.4 °C'],
    ['battery.runtime', 2543, '电池可用时间 42 分钟 23 秒', 'Battery runtime 42 min 23 s'],
    ['battery.charge', null, '电池电量 无数据', 'Battery charge not known'],
    ['device.model', 'X1', '型号 X1', 'Model X1'],
    ['', 'the reason', 'the reason', 'the reason'],
  ] as const)('%s %s', (point, value, zh, en) => {
    expect(valueText(point, value)).toEqual({ zh, en });
  });

  it('are there for every truth, word and token of the registry: nobody is told a raw one', () => {
    const raw: string[] = [];
    const look = (point: string, value: Value, code: string) => {
      const { zh, en } = valueText(point, value);
      if ([zh, en].some((text) => text.split(/[\s、,]+/).includes(code)) || zh === en) raw.push(`${point} ${value}`);
    };
    for (const { pattern, kind, words } of POINTS) {
      const point = pattern.replace('#', '1');
      if (kind === 'boolean') for (const value of [true, false]) look(point, value, value ? 'yes' : 'no');
      if (kind === 'word')
        for (const word of words ?? [])
          if (valueText(point, word).en.endsWith(` ${word}`) && valueText(point, word).zh.endsWith(word))
            raw.push(`${point} ${word}`);
    }
    for (const token of UPS_STATUS_TOKENS) look('ups.status', token, token);
    // "no smoke" and "no water" are words of ours.
    expect(raw.filter((found) => !/^room\.(smoke|leak) false$/.test(found))).toEqual([]);
  });

  it('a length is its largest unit or two', () => {
    expect([0, 59, 60, 5400, 90_061].map((s) => lengthText(s).en)).toEqual([
      '0 s',
      '59 s',
      '1 min',
      '1 h 30 min',
      '1 d 1 h',
    ]);
    expect(lengthText(5400).zh).toBe('1 小时 30 分钟');
  });
});
