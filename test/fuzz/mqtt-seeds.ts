import { sparkplugBytes } from '../collector/mqtt/sparkplug-bytes.ts';

/** A good message of every family and kind, made up: what is damaged from here is nearly right, which is what hurts. */
export const SEEDS: readonly (readonly [topic: string, payload: unknown])[] = [
  [
    'zigbee2mqtt/th-1',
    { temperature: 21.5, humidity: 40, battery: 99, voltage: 3000, linkquality: 90, last_seen: '2026-11-22T02:59:00Z' },
  ],
  ['zigbee2mqtt/plug', { power: 20, voltage: 230, current: 0.1, energy: 1.2, state: 'ON', update: { state: 'idle' } }],
  ['zigbee2mqtt/th-1/availability', { state: 'online' }],
  ['zigbee2mqtt/bridge/state', 'online'],
  [
    'tele/rack/SENSOR',
    {
      Time: '2026-11-22T02:59:00',
      DS18B20: { Id: '1', Temperature: 21 },
      BME280: { Temperature: 20, Humidity: 40, Pressure: 990 },
      TempUnit: 'C',
      PressureUnit: 'hPa',
    },
  ],
  [
    'tele/rack/SENSOR',
    {
      ENERGY: {
        Total: [1, 2],
        Power: [5, 6],
        Voltage: 230,
        Current: [0.1, 0.2],
        Factor: [0.9, 1],
        BL09XX: { Temperature: 40 },
      },
    },
  ],
  ['tele/rack/SENSOR', { ZbReceived: { '0x1': { Name: 'leak', Water: 1, BatteryPercentage: 90 } } }],
  ['tele/rack/STATE', { UptimeSec: 5, POWER1: 'ON', Wifi: { Signal: -60 } }],
  ['tele/rack/LWT', 'Online'],
  ['stat/rack/STATUS10', { StatusSNS: { DHT11: { Temperature: 20 } } }],
  ['shellies/flood/sensor/temperature', '21.5'],
  ['shellies/flood/sensor/flood', 'true'],
  ['shellies/em/emeter/0/power', '120.5'],
  [
    'shellies/flood/info',
    {
      flood: false,
      tmp: { value: 21, units: 'C', tC: 21, is_valid: true },
      bat: { value: 90, voltage: 3 },
      wifi_sta: { rssi: -70 },
      emeters: [{ power: 1, total: 5, is_valid: true }],
    },
  ],
  [
    'shellypro/events/rpc',
    {
      src: 'x',
      method: 'NotifyFullStatus',
      params: {
        ts: 1_768_348_800.5,
        'switch:0': {
          apower: 1,
          voltage: 230,
          output: true,
          aenergy: { total: 5 },
          temperature: { tC: 30 },
          errors: ['overtemp'],
        },
        'temperature:0': { tC: 20 },
        sys: { wakeup_period: 7200 },
      },
    },
  ],
  ['shellypro/status/em:0', { a_act_power: 1, a_voltage: 230, b_act_power: 2, total_act_power: 3, n_current: null }],
  ['shellypro/online', 'true'],
  [
    'homeassistant/sensor/node/temp/config',
    {
      name: 'T',
      stat_t: '~/state',
      '~': 'dev/x',
      val_tpl: "{{ value_json['t'] | float | round(1) }}",
      unit_of_meas: '°F',
      dev_cla: 'temperature',
      avty: [{ t: '~/avail' }],
      exp_aft: 60,
      dev: { ids: ['x'], name: 'Rack' },
    },
  ],
  [
    'homeassistant/device/abc/config',
    {
      dev: { ids: 'abc', name: 'Abc' },
      cmps: {
        a: {
          p: 'binary_sensor',
          device_class: 'smoke',
          value_template: '{{ value_json.s }}',
          payload_on: true,
          payload_off: false,
        },
      },
      state_topic: 'dev/x/state',
    },
  ],
  ['dev/x/state', { t: 70, s: true }],
  ['dev/x/avail', 'online'],
  ['garage/sensor/temperature/state', '21.5'],
  ['garage/binary_sensor/door/state', 'ON'],
  ['garage/status', 'online'],
  [
    'application/1/device/24e1/event/up',
    {
      deviceInfo: { devEui: '24e1' },
      time: '2026-11-22T02:59:00.123456789Z',
      rxInfo: [{ rssi: -36 }],
      object: {
        temperature: 20,
        humidity: 40,
        battery: 90,
        leakage_status: 'normal',
        current_chn1: 3,
        magnet_status: 'open',
        ext: { temperature: 4 },
      },
    },
  ],
  ['application/1/device/24e1/event/status', { batteryLevel: 88.3 }],
  [
    'v3/app@ttn/devices/d1/up',
    {
      end_device_ids: { device_id: 'd1' },
      received_at: '2026-11-22T02:59:00Z',
      uplink_message: {
        decoded_payload: { TempC_SHT: 20, Hum_SHT: 40, BatV: 3 },
        rx_metadata: [{ rssi: -60 }],
        normalized_payload: [{ air: { temperature: 20 } }],
        last_battery_percentage: { value: 80 },
      },
    },
  ],
  [
    'home/gw/BTtoMQTT/A4C1386E4AE8',
    {
      id: 'A4:C1:38:6E:4A:E8',
      rssi: -60,
      brand: 'X',
      model_id: 'Y',
      tempc: 20,
      tempf: 68,
      hum: 40,
      batt: 80,
      volt: 3,
      open: true,
    },
  ],
  ['home/gw/LWT', 'online'],
  [
    'ruuvi/C1/CB',
    {
      gw_mac: 'C1',
      rssi: -60,
      ts: 1_768_151_705,
      data: '0201061BFF99040512FC5394C37C0004FFFC040CAC364200CDCBB8334C884F',
    },
  ],
  [
    'rtl_433/pi/events',
    {
      time: '2026-11-22 02:59:00',
      model: 'Acurite',
      id: 5,
      channel: 'A',
      temperature_C: 20,
      humidity: 40,
      battery_ok: 1,
      event: 'Water Leak',
    },
  ],
  ['rtl_433/pi/devices/Acurite/A/5/temperature_C', '20.1'],
  [
    '/neuron/MQTT/m/g',
    {
      node: 'm',
      group: 'g',
      timestamp: 1_768_151_705_000,
      values: { temperature: 20, tag1: 5 },
      errors: { tag2: 2014 },
    },
  ],
  ['/neuron/MQTT/states', { states: [{ node: 'm', link: 1, running: 3 }] }],
  [
    '$oc/devices/d/sys/properties/report',
    {
      services: [{ service_id: 'Temperature', properties: { value: 20, value2: 21 }, event_time: '20261122T025900Z' }],
    },
  ],
  [
    '/sys/pk/dn/thing/event/property/post',
    { id: '1', params: { Temperature: { value: 20, time: 1_768_151_705_000 }, WaterLeak: 0, Power: 'on' } },
  ],
  [
    '/sys/pk/gw/thing/event/property/pack/post',
    {
      params: {
        properties: { temperature: { value: 20 } },
        subDevices: [{ identity: { deviceName: 's' }, properties: { humidity: { value: 40 } } }],
      },
    },
  ],
  ['usr/room/data', { temperature: 234, humidity: 505, co2: 1456 }],
  ['usr/x', { rw_prot: { dir: 'up', r_data: [{ name: 'DI1', value: '1', err: '0' }] } }],
  ['N/c0619ab1e4f2/battery/258/Dc/0/Voltage', { value: 52.1 }],
  ['N/c0619ab1e4f2/digitalinput/1/State', { value: 7 }],
  ['homie/rack/$state', 'ready'],
  ['homie/rack/air/temperature/$unit', '°C'],
  ['homie/rack/air/temperature/$datatype', 'float'],
  ['homie/rack/air/temperature', '21.5'],
  ['homie/5/rack/$description', { nodes: { air: { properties: { t: { unit: '°C', datatype: 'float' } } } } }],
  ['dht/room/TEMPERATURE', '20.0'],
  ['zwave/a/b/Air_temperature', { time: 1_768_151_705_000, value: 21 }],
  ['dev/a/telemetry', { deviceId: 'a', 温度: 20, hum: 40, ts: 1_768_151_705 }],
  [
    'spBv1.0/g/NBIRTH/e',
    sparkplugBytes({
      timestamp: 1_768_151_705_000,
      seq: 0,
      metrics: [
        { name: 'bdSeq', datatype: 4, long: 1 },
        { name: 'Rack/Temperature', alias: 1, datatype: 9, float: 21.5, properties: { engUnit: '°C', Quality: 192 } },
      ],
    }),
  ],
  [
    'spBv1.0/g/DBIRTH/e/d',
    sparkplugBytes({ seq: 1, metrics: [{ name: 'Inputs/A', alias: 2, datatype: 11, boolean: true }] }),
  ],
  ['spBv1.0/g/NDATA/e', sparkplugBytes({ seq: 2, metrics: [{ alias: 1, float: 22 }] })],
  ['spBv1.0/g/DDATA/e/d', sparkplugBytes({ seq: 3, metrics: [{ alias: 2, boolean: false }] })],
  ['spBv1.0/g/NDEATH/e', sparkplugBytes({ metrics: [{ name: 'bdSeq', datatype: 4, long: 1 }] })],
];
