import { describe, expect, it } from 'vitest';
import { readings, refusal, type Said } from './run.ts';

/** Written from the protocols' documents; each row says what it shows. */
type Row = readonly [reason: string, said: readonly Said[], expected: readonly string[]];
type Refused = readonly [reason: string, said: readonly Said[], words: RegExp];

const up = (decoded: object, more: object = {}) => ({ uplink_message: { decoded_payload: decoded, ...more } });
const TTS = 'v3/app1@ttn/devices/dev1/up';
const ALINK = '/sys/a1/dn1/thing/event/property/post';
const VENUS = 'N/c0619ab1e4f2';

const READ: readonly Row[] = [
  [
    'Homie 3: the unit stands beside',
    [
      ['homie/car/engine/temperature/$unit', '°F'],
      ['homie/car/engine/temperature', '70.7'],
    ],
    ['car ambient.temperature 21.5 °C'],
  ],
  [
    'Homie 5: $description',
    [
      ['homie/5/rack/$description', { nodes: { air: { properties: { t1: { unit: '°C', datatype: 'float' } } } } }],
      ['homie/5/rack/air/t1', '21.5'],
    ],
    ['rack ambient.temperature 21.5 °C'],
  ],
  [
    'Homie: two nodes with the same property have points of their own',
    [
      ['homie/rack/top/temperature/$unit', '°C'],
      ['homie/rack/low/temperature/$unit', '°C'],
      ['homie/rack/low/temperature', '19'],
    ],
    ['rack ambient.low.temperature 19 °C'],
  ],
  [
    'Homie: a boolean called power is a switch, not watts',
    [
      ['homie/car/lamp/power/$datatype', 'boolean'],
      ['homie/car/lamp/power', 'true'],
    ],
    ['car sensor.lamp-power.active true'],
  ],
  ['Homie: lost is the will', [['homie/car/$state', 'lost', true]], ['car device.responding false']],
  ['Homie: sleeping is alive', [['homie/car/$state', 'sleeping', true]], ['car device.responding true']],
  [
    'The Things Stack: keys with units',
    [[TTS, up({ temperature_c: 29.9, humidity_pct: 29.6, battery_v: 3.62 })]],
    ['dev1 ambient.temperature 29.9 °C', 'dev1 ambient.humidity 29.6 %', 'dev1 sensor.voltage 3.62 V'],
  ],
  [
    'The Things Stack: Dragino’s external probe is not the room',
    [[TTS, up({ TempC_SHT: 23.5, TempC_DS: '22.1', BatV: 3.05 })]],
    ['dev1 ambient.temperature 23.5 °C', 'dev1 ambient.ds.temperature 22.1 °C', 'dev1 sensor.voltage 3.05 V'],
  ],
  [
    'The Things Stack: leak and door words',
    [[TTS, up({ WATER_LEAK_STATUS: 1, DOOR_OPEN_STATUS: 0 })]],
    ['dev1 room.leak true', 'dev1 room.door false'],
  ],
  [
    'The Things Stack: normalized payload',
    [
      [
        TTS,
        { uplink_message: { normalized_payload: [{ air: { temperature: 20, relativeHumidity: 40 }, battery: 3.5 }] } },
      ],
    ],
    ['dev1 ambient.temperature 20 °C', 'dev1 ambient.humidity 40 %', 'dev1 sensor.voltage 3.5 V'],
  ],
  [
    'The Things Stack: the network’s battery figure',
    [[TTS, up({ temperature: 20 }, { last_battery_percentage: { value: 88.5 } })]],
    ['dev1 ambient.temperature 20 °C', 'dev1 sensor.battery 88.5 %'],
  ],
  [
    'ChirpStack: Cayenne’s indexed objects',
    [['application/1/device/ab/event/up', { object: { temperatureSensor: { 1: 23.1, 2: 24.2 } } }]],
    ['ab ambient.1.temperature 23.1 °C', 'ab ambient.2.temperature 24.2 °C'],
  ],
  [
    'alink: bare and wrapped values',
    [[ALINK, { params: { Temperature: { value: 23.6, time: 1_524_448_722_000 }, WaterLeak: 1 } }]],
    ['dn1 ambient.temperature 23.6 °C', 'dn1 room.leak true'],
  ],
  [
    'alink: a gateway packs its sub-devices',
    [
      [
        '/sys/a1/gw/thing/event/property/pack/post',
        {
          params: {
            properties: {},
            subDevices: [{ identity: { deviceName: 's1' }, properties: { humidity: { value: 60 } } }],
          },
        },
      ],
    ],
    ['s1 ambient.humidity 60 %'],
  ],
  ['alink: power “on” is a switch', [[ALINK, { params: { Power: { value: 'on' } } }]], ['dn1 relay.status on']],
  [
    'Venus: a battery',
    [[`${VENUS}/battery/258/Dc/0/Voltage`, { value: 52.3 }]],
    ['c0619ab1e4f2/battery/258 battery.voltage 52.3 V'],
  ],
  [
    'Venus: phases',
    [[`${VENUS}/vebus/257/Ac/ActiveIn/L2/V`, { value: 231.2 }]],
    ['c0619ab1e4f2/vebus/257 input.L2.voltage 231.2 V'],
  ],
  [
    'Venus: kWh',
    [[`${VENUS}/grid/30/Ac/Energy/Forward`, { value: 12.5 }]],
    ['c0619ab1e4f2/grid/30 input.energy 12500 Wh'],
  ],
  [
    'rtl_433: Fahrenheit by the key, battery_ok 0 is low',
    [['rtl_433/pi/events', { model: 'Oregon', id: 3, temperature_F: 70.7, battery_ok: 0 }]],
    ['Oregon/3 ambient.temperature 21.5 °C', 'Oregon/3 sensor.battery.low true'],
  ],
  [
    'rtl_433: one value a topic',
    [['rtl_433/pi/devices/Acurite/A/11/humidity', '87']],
    ['Acurite/A/11 ambient.humidity 87 %'],
  ],
  ['rtl_433: closed 0 is open', [['rtl_433/pi/events', { model: 'X', id: 1, closed: 0 }]], ['X/1 room.door true']],
  [
    'Ruuvi data format 5, the documents’ own vector',
    [['ruuvi/GW/TAG', { data: '0201061BFF99040512FC5394C37C0004FFFC040CAC364200CDCBB8334C884F' }]],
    [
      'TAG ambient.temperature 24.3 °C',
      'TAG ambient.humidity 53.49 %',
      'TAG ambient.pressure 100044 Pa',
      'TAG sensor.voltage 2.977 V',
    ],
  ],
  [
    'Ruuvi data format 3, the documents’ own vector',
    [['ruuvi/GW/TAG', { data: '02010611FF990403291A1ECE1EFC18F94202CA0B53' }]],
    [
      'TAG ambient.temperature 26.3 °C',
      'TAG ambient.humidity 20.5 %',
      'TAG ambient.pressure 102766 Pa',
      'TAG sensor.voltage 2.899 V',
    ],
  ],
  [
    'Tasmota: Fahrenheit told beside',
    [['tele/x/SENSOR', { DS18B20: { Temperature: 70.7 }, TempUnit: 'F' }]],
    ['x ambient.temperature 21.5 °C'],
  ],
  [
    'Tasmota: Zigbee devices behind it',
    [['tele/x/SENSOR', { ZbReceived: { '0xA1': { Name: 'Leak1', Water: 1, BatteryPercentage: 80 } } }]],
    ['Leak1 room.leak true', 'Leak1 sensor.battery 80 %'],
  ],
  [
    'Tasmota: phases as an object',
    [['tele/x/SENSOR', { ENERGY: { Voltage: { L1: 230, L2: 231 } } }]],
    ['x input.L1.voltage 230 V', 'x input.L2.voltage 231 V'],
  ],
  [
    'Shelly gen 1 set to Fahrenheit',
    [
      ['shellies/ht/info', { tmp: { value: 70.7, units: 'F', is_valid: true } }],
      ['shellies/ht/sensor/temperature', '70.7'],
    ],
    ['ht ambient.temperature 21.5 °C'],
  ],
  [
    'zigbee2mqtt under another base',
    [
      ['z2m/bridge/state', 'online'],
      ['z2m/机房/温度 1', { temperature: 21 }],
    ],
    ['机房/温度 1 ambient.temperature 21 °C'],
  ],
  [
    'zigbee2mqtt: phases',
    [['zigbee2mqtt/m', { power: 50, power_phase_b: 20, voltage_phase_b: 231 }]],
    ['m input.realpower 50 W', 'm input.b.realpower 20 W', 'm input.b.voltage 231 V'],
  ],
  [
    'Huawei: a gateway reports for others',
    [
      [
        '$oc/devices/gw/sys/gateway/sub_devices/properties/report',
        { devices: [{ device_id: 'd1', services: [{ service_id: 'env', properties: { temperature: 21 } }] }] },
      ],
    ],
    ['d1 ambient.temperature 21 °C'],
  ],
  [
    'Neuron: on any topic, by its shape',
    [['factory/a', { node: 'modbus', group: 'g', values: { rack_temperature: 21.5, tag9: 4 } }]],
    ['modbus/g ambient.rack.temperature 21.5 °C', 'modbus/g sensor.tag9.number 4'],
  ],
  [
    'a plain gateway in Chinese',
    [['dev/ABC/telemetry', { 温度: 23.5, 湿度: 45, 漏水: 0 }]],
    ['ABC ambient.temperature 23.5 °C', 'ABC ambient.humidity 45 %', 'ABC room.leak false'],
  ],
  [
    'The Things Stack: three probes by number',
    [[TTS, up({ TempC1: 20.5, TempC2: 21.5 })]],
    ['dev1 ambient.1.temperature 20.5 °C', 'dev1 ambient.2.temperature 21.5 °C'],
  ],
  [
    'ChirpStack: milliamperes where amperes would contradict the power',
    [['application/1/device/ab/event/up', { object: { voltage: 220.5, current: 106, active_power: 21 } }]],
    ['ab input.voltage 220.5 V', 'ab input.current 0.106 A', 'ab input.realpower 21 W'],
  ],
  [
    'Tasmota: older firmware’s probes in one object',
    [['tele/x/SENSOR', { DS18x20: { DS1: { Temperature: 20.5 }, DS2: { Temperature: 21 } } }]],
    ['x ambient.DS18x20-DS1.temperature 20.5 °C', 'x ambient.DS18x20-DS2.temperature 21 °C'],
  ],
  ['Tasmota: a switch’s answer', [['stat/x/RESULT', { POWER1: 'ON' }]], ['x relay.1.status on']],
  [
    'Shelly Motion',
    [['shellies/m/status', { motion: true, lux: 50, bat: 90 }]],
    ['m room.motion true', 'm ambient.illuminance 50 lx', 'm sensor.battery 90 %'],
  ],
  [
    'zigbee2mqtt: a switch of two',
    [['zigbee2mqtt/sw', { state_l1: 'ON', state_l2: 'OFF' }]],
    ['sw relay.l1.status on', 'sw relay.l2.status off'],
  ],
];

const REFUSED: readonly Refused[] = [
  ['Homie: a command', [['homie/car/lamp/power/set', 'true']], /^command/],
  ['Homie: what is wanted is not what is', [['homie/car/lamp/power/$target', 'true']], /^housekeeping/],
  [
    'Homie: a boolean is true or false, nothing else',
    [
      ['homie/car/leak/wet/$datatype', 'boolean'],
      ['homie/car/leak/wet', 'ON'],
    ],
    /neither true nor false/,
  ],
  ['Homie: nan', [['homie/rack/air/temperature', 'nan']], /nan/],
  ['The Things Stack: a join', [['v3/app1/devices/dev1/join', { join_accept: {} }]], /^birth/],
  ['The Things Stack: a downlink', [['v3/app1/devices/dev1/down/push', { downlinks: [] }]], /^command/],
  ['The Things Stack: no codec', [[TTS, { uplink_message: { frm_payload: 'AQ==' } }]], /not decoded/],
  ['alink: a setting', [['/sys/a1/dn1/thing/service/property/set', { params: { temperature: 30 } }]], /^command/],
  ['alink: the platform’s answer', [[`${ALINK}_reply`, { code: 200, data: {} }]], /^housekeeping/],
  ['alink: an event', [['/sys/a1/dn1/thing/event/Fault/post', { params: { temperature: 99 } }]], /^event/],
  ['Venus: null', [[`${VENUS}/temperature/24/Temperature`, { value: null }]], /no value/],
  ['Venus: a request', [['R/c0619ab1e4f2/keepalive', '']], /^command/],
  ['Venus: a write', [['W/c0619ab1e4f2/vebus/257/Mode', { value: 3 }]], /^command/],
  [
    'rtl_433: a failed checksum',
    [['rtl_433/pi/events', { model: 'X', id: 1, temperature_C: 20, mic: 'CRC FAIL' }]],
    /checksum/,
  ],
  [
    'Tasmota: 85 °C of a DS18B20 after power-on',
    [['tele/x/SENSOR', { DS18B20: { Temperature: 85 } }]],
    /before it has measured/,
  ],
  ['−127 °C: no probe', [['tele/x/SENSOR', { DS18B20: { Temperature: -127 } }]], /outside/],
  ['Shelly gen 1: not valid', [['shellies/ht/info', { tmp: { value: 999, is_valid: false } }]], /no value/],
  [
    'Ruuvi: no value of the format’s own',
    [['ruuvi/GW/TAG', { data: '0201061BFF9904058000FFFFFFFF800080008000FFFFFFFFFFFFFFFFFFFFFF' }]],
    /no value/,
  ],
  ['one key alone on a topic of nobody', [['other/thing', { temperature: 20 }]], /no family/],
  ['a set point is no reading', [['dev/ABC/data', { temperature_setpoint: 20, humidity_max: 60 }]], /no family/],
  [
    'a temperature without a unit that would be a fire in °C',
    [['zwave/back/Air_temperature', { value: 83.2 }]],
    /°C or °F/,
  ],
];

describe('MQTT families, from their documents', () => {
  it.each(READ)('%s', (_reason, said, expected) => {
    expect(readings(...said)).toEqual(expected);
  });

  it.each(REFUSED)('gives no reading: %s', (_reason, said, words) => {
    expect(refusal(...said)).toMatch(words);
  });
});
