/** A room as small as it can be and still have everything that the checks look at. Line and column matter to the tests. */

const server = (id: string, kind: string, outlet: number, more: string): string => `  - id: ${id}
    name: ${id}
    kind: ${kind}
    ${more}
    power: { feeds: [pdu-1/${outlet}] }
    shutdown:
      by: { ssh: { host: 127.0.0.1, user: zhishou, host_key: { file: keys/host-key }, command: "sudo shutdown -h now" } }
      otherwise:
        - snmp_set: { device: pdu-1, control: outlet.off, index: ${outlet} }
      estimate: 2m
      verify:
        - { tcp: { host: 127.0.0.1, port: 2200 }, is: closed }
        - { point: pdu-1/outlet.${outlet}.realpower, below: 15 }
`;

const rule = (id: string, on: string, when: string, more: string): string => `  - id: ${id}
    title: ${id}
    on: ${on}
    when: ${when}
    severity: high
    consequence: Bad
    response: Act
    respond_within: 5m
    source: none
    ${more}
`;

export const SMALL_SITE: Readonly<Record<string, string>> = {
  'site.yaml': `# A small site
id: small
name: { zh: 小机房, en: Small room }
address: 1 Sample Road
floor: room 301
time_zone: Asia/Shanghai
simulation: true
http: { host: 127.0.0.1, port: "\${HTTP_PORT:-8080}" }
channels:
  email: { kind: smtp, host: 127.0.0.1, port: 2525, from: a@example.com }
  phone: { kind: webhook, url: "http://127.0.0.1:8088/message" }
`,
  'devices.yaml': `devices:
  - id: ups-1
    name: UPS
    kind: ups
    profile: some-ups
    snmp: { host: 127.0.0.1, port: 20161, community: public }
    interval: 10s
    rated_power: 5400
  - id: pdu-1
    name: PDU
    kind: pdu
    profile: some-pdu
    snmp: { host: 127.0.0.1, community: private }
    power: { feeds: [ups-1] }
  - id: th-1
    name: Sensor
    kind: sensor
    mqtt: { topic: sensors/th-1 }
${server('server-1', 'server', 1, 'depends_on: [array-1, switch-1]')}${server('array-1', 'storage', 2, 'depends_on: [switch-1]')}  - id: switch-1
    name: Switch
    kind: network
    power: { feeds: [pdu-1/3] }
  - id: monitor-1
    name: Monitor
    kind: monitor
    depends_on: [ups-1, pdu-1]
`,
  'people.yaml': `people:
  - id: zhou-min
    name: Zhou Min
    functions: [director]
    language: zh
    routes: [{ channel: phone, to: zhou-min }]
  - id: lin-hao
    name: Lin Hao
    functions: [deputy, emergency-team]
    routes: [{ channel: email, to: lin.hao@example.com }]
  - id: gao-jie
    name: Gao Jie
    routes: [{ channel: phone, to: gao-jie }]
contacts:
  police: { name: Police, phone: "110" }
`,
  'rota.yaml': `rota:
  starts: 2026-01-05
  handover: { day: mon, at: "08:30" }
  order: [lin-hao, gao-jie]
  overrides: []
`,
  'calendar.yaml': `working_hours:
  - { days: [mon, tue], from: "08:30", to: "17:30" }
holidays: [2026-10-01]
`,
  'rules/power.yaml': `rules:
${rule('mains-lost', '{ kinds: [ups] }', '{ point: ups.status, is: OB }', 'notify: [duty, director]')}${rule(
  'battery-low',
  '{ devices: [ups-1] }',
  '{ any: [{ point: battery.charge, below: 30, clear: 40 }, { point: ups.status, is: LB }] }',
  'inhibited_by: [mains-lost]',
)}`,
  'rules/safety.yaml': `rules:
${rule('smoke', '{ devices: [th-1] }', '{ point: room.smoke, is: true }', 'safety: true')}`,
  'plans/outage.yaml': `id: outage
version: "1"
title: Outage
source: none
level: serious
triggers: { alerts: [mains-lost] }
steps:
  - { id: first, title: First, stage: respond, tell: { functions: [duty], severity: high, subject: "At {site}", body: "For {elapsed}" } }
  - { id: second, title: Second, stage: respond, after: [first], task: { function: duty, contact: police, script: "Call {contact_phone}" } }
  - { id: third, title: Third, stage: protect, after: [second], act: { operation: shutdown, on: { devices: [server-1] } } }
  - { id: fourth, title: Fourth, stage: protect, after: [third], act: { operation: shutdown, on: { kinds: [storage] } } }
power:
  ups: [ups-1]
  limit: 90m
  settle: 2m
  margin: { share: 0.1, at_least: 90s }
  treat_silence_on_battery_as: exhausted
  recovery: { charge_above: 30, settle: 5m }
`,
  'profiles/some-ups.yaml': `id: some-ups
snmp:
  points:
    - { point: battery.charge, oid: 1.3.6.1.2.1.33.1.2.4.0, source: "UPS-MIB::upsEstimatedChargeRemaining" }
`,
  'profiles/some-pdu.yaml': `id: some-pdu
extends: pdu-base
`,
  'profiles/detector.yaml': `id: detector
mqtt:
  points:
    - { point: room.leak, path: water_leak, source: none }
`,
  'profiles/pdu-base.yaml': `id: pdu-base
controls:
  outlet.off: { oid: "1.3.6.1.4.1.9.{index}", type: Integer, value: 2, source: none }
  outlet.on: { oid: "1.3.6.1.4.1.9.{index}", type: Integer, value: 1, source: none }
  all.off: { oid: "1.3.6.1.4.1.8.0", type: Integer, value: 2, source: none }
`,
};
