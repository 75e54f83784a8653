import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { definePoint } from '#core/points.ts';
import { QUANTITIES } from '#services/collector/mqtt/quantities.ts';
import { namesByProfile, profileNames } from '../support/profile-vocabulary.ts';

const nameOf = (point: string) => definePoint(point)?.meaning ?? { zh: `no definition of ${point}`, en: '' };

describe('names of points', () => {
  it.each([
    // Numbers before what they count.
    ['rectifier.3.current', '3 号整流模块电流', 'Rectifier 3 current'],
    ['outlet.3.status', '3 号插座状态', 'Outlet 3 status'],
    ['outlet.1-12.realpower', '1-12 号插座有功功率', 'Outlet 1-12 real power'],
    ['cooling.2.return.temperature', '2 号空调回风温度', 'Cooling 2 return air temperature'],
    ['water.1.in.temperature', '1 路进水温度', 'Inlet water 1 temperature'],
    ['input.phase-2.voltage', '输入 2 相电压', 'Input phase 2 voltage'],
    // And after what is not counted.
    ['input.L1.voltage', '输入 L1 电压', 'Input L1 voltage'],
    ['input.L1-N.voltage', '输入 L1-N 电压', 'Input L1-N voltage'],
    ['input.L1-L2.voltage', '输入 L1-L2 电压', 'Input L1-L2 voltage'],
    ['ambient.2.temperature.high', '环境 2 温度上限', 'Ambient 2 temperature (high limit)'],
    ['source.a.voltage', '电源 A 电压', 'Source A voltage'],
    // Words in the middle, with and without numbers.
    ['output.source.status', '输出电源状态', 'Output source status'],
    ['cooling.return.temperature', '回风温度', 'Return air temperature'],
    ['cooling.sensor-1.temperature', '空调传感器 1 温度', 'Cooling sensor 1 temperature'],
    ['cooling.freecooling.status', '空调自然冷却状态', 'Cooling free cooling status'],
    ['outlet.group-2.status', '插座分组 2 状态', 'Outlet group 2 status'],
    ['battery.monitor-1-2.symmetry.voltage', '电池监测器 1-2 对称电压', 'Battery monitor 1-2 symmetry voltage'],
    ['pdu.1.2.temperature', '1 号 PDU 温度 2', 'PDU 1 2 temperature'],
    ['pdu.1.L2.current', '1 号 PDU L2 电流', 'PDU 1 L2 current'],
    // What a thing is for comes before it.
    ['fuse.battery-2.status', '电池 2 熔断器状态', 'Battery 2 fuse status'],
    ['sensor.supply-air.status', '送风传感器状态', 'Supply air sensor status'],
    // Two words for one thing, nothing said twice.
    ['battery.string-2.status', '2 号电池串状态', 'Battery string 2 status'],
    ['heater.electric.status', '电加热器状态', 'Electric heater status'],
    ['ups.alarm.major.count', 'UPS 重要告警数', 'UPS major alarm count'],
    ['cooling.reason.status', '空调启停原因', 'Cooling reason'],
    ['ats.test.result.status', '切换开关测试结果', 'Transfer switch test result'],
    // All of them, and who says it.
    ['rectifier.all.current', '全部整流模块电流', 'All rectifiers current'],
    ['battery.own.charge', '电池电量（厂商值）', "Battery charge (maker's figure)"],
    ['input.own-L1.voltage', '输入 L1 电压（厂商值）', "Input L1 voltage (maker's figure)"],
    ['input.voltage.nominal', '输入电压额定值', 'Input voltage (rated)'],
  ])('%s is %s', (point, zh, en) => {
    expect(nameOf(point)).toEqual({ zh, en });
  });

  it.each([
    ['outlet.Rack-7-left.current', '插座 Rack-7-left 电流', 'Outlet Rack-7-left current'],
    ['ambient.cold-aisle.temperature', '环境 cold-aisle 温度', 'Ambient cold-aisle temperature'],
    ['ambient.DS18B20-1.temperature', '环境 DS18B20-1 温度', 'Ambient DS18B20-1 temperature'],
  ])('what people on the device called %s stays as it is', (point, zh, en) => {
    expect(nameOf(point)).toEqual({ zh, en });
  });

  /** Written so on the devices and in their documents; Chinese engineers write them so too. */
  const LATIN: Readonly<Record<string, string>> = {
    PoE: 'power over Ethernet',
    Tripp: 'a maker',
    Lite: 'a maker',
    xATS: "the maker's name of a second model line",
    eCO: 'CO₂ equivalent',
    telnet: 'a protocol',
    velocity: "Liebert's protocol",
    web: 'a protocol of that card, as others have it in their settings',
  };
  const foreign = (zh: string): string[] =>
    [...zh.matchAll(/[A-Za-z]+/g)].map(([word]) => word).filter((word) => /[a-z]/.test(word) && !(word in LATIN));

  it('of every point of every profile have no English word in Chinese', () => {
    expect(profileNames.length).toBeGreaterThan(1500);
    expect(profileNames.filter((point) => foreign(nameOf(point).zh).length > 0)).toEqual([]);
  });

  it('nor of what sensors tell over MQTT', () => {
    const names = Object.values(QUANTITIES).flatMap(({ plain, channelled }) => [plain, channelled.replace('{}', '1')]);
    expect(names.filter((point) => foreign(nameOf(point).zh).length > 0)).toEqual([]);
  });

  it('tell two points of a device apart, but for the same in two units', () => {
    const same: string[] = [];
    for (const [id, names] of namesByProfile) {
      const called = new Map<string, string>();
      for (const point of names) {
        const key = `${nameOf(point).zh} ${definePoint(point)?.unit}`;
        if (called.has(key)) same.push(`${id}: ${called.get(key)} and ${point}`);
        called.set(key, point);
      }
    }
    expect(same).toEqual([]);
  });

  it('have neither two spaces nor a Chinese character against a Latin one', () => {
    const wrong = profileNames.filter((point) =>
      / {2}|[\u4e00-\u9fff][A-Za-z\d]|[A-Za-z\d][\u4e00-\u9fff]/.test(nameOf(point).zh),
    );
    expect(wrong).toEqual([]);
  });

  it('exist for whatever the grammar takes', () => {
    const middle = fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/);
    fc.assert(
      fc.property(fc.array(middle, { maxLength: 4 }), (middles) => {
        const { zh, en } = nameOf(['sensor', ...middles, 'temperature', 'high'].join('.'));
        return zh.includes('温度') && en.includes('temperature') && !zh.includes('undefined');
      }),
    );
  });
});
