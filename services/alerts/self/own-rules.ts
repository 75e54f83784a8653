import type { FunctionName } from '#core/config/people.ts';
import type { Rule, Severity } from '#core/config/rule.ts';
import type { Text } from '#core/text.ts';
import { minutes, seconds } from '#core/time.ts';

/** What the product watches of itself: alerts like others, whose conditions are judged by `self-checks.ts` and not by readings. */
export type OwnRuleId =
  | 'zhishou-nobody-on-duty'
  | 'zhishou-nobody-on-duty-next'
  | 'zhishou-nobody-on-duty-soon'
  | 'zhishou-holidays-missing'
  | 'zhishou-nobody-to-tell'
  | 'zhishou-channel-failing'
  | 'zhishou-delivery-failed'
  | 'zhishou-device-silent'
  | 'zhishou-collector-silent'
  | 'zhishou-store-failing'
  | 'zhishou-contact-unconfirmed'
  | 'zhishou-heartbeat-failing'
  | 'zhishou-service-silent'
  | 'zhishou-service-trouble'
  | 'zhishou-stalled'
  | 'zhishou-not-ready'
  | 'zhishou-rules-broken';

export const OWN_RULES: Readonly<Record<OwnRuleId, Rule>> = {
  'zhishou-nobody-on-duty': own('zhishou-nobody-on-duty', 'high', ['deputy', 'director'], 'L25', {
    title: { zh: '无人值班', en: 'Nobody is on duty' },
    consequence: { zh: '告警无人处理', en: 'Alerts have nobody to deal with them' },
    response: {
      zh: '在“值班”页安排代班，或修改 rota.yaml',
      en: 'Have somebody stand in on the rota page, or put somebody on rota.yaml',
    },
  }),
  'zhishou-nobody-on-duty-next': own('zhishou-nobody-on-duty-next', 'medium', ['duty', 'deputy', 'director'], 'L25', {
    title: { zh: '一小时内将无人值班', en: 'Within an hour nobody will be on duty' },
    consequence: { zh: '届时告警无人处理', en: 'Alerts will have nobody to deal with them' },
    response: { zh: '在“值班”页安排代班', en: 'Have somebody stand in on the rota page' },
  }),
  'zhishou-nobody-on-duty-soon': own('zhishou-nobody-on-duty-soon', 'low', ['duty', 'deputy', 'director'], 'L25', {
    title: { zh: '一天内将无人值班', en: 'Within a day nobody will be on duty' },
    consequence: { zh: '届时告警无人处理', en: 'Alerts will have nobody to deal with them' },
    response: {
      zh: '在“值班”页安排代班，或修改 rota.yaml',
      en: 'Have somebody stand in on the rota page, or mend rota.yaml',
    },
  }),
  'zhishou-holidays-missing': own('zhishou-holidays-missing', 'low', ['duty', 'system-administrator'], 'L25', {
    title: { zh: '缺少法定节假日与调休数据', en: 'The national holidays of the year are not known' },
    consequence: {
      zh: '节假日会被当作工作日，调休日会被当作周末',
      en: 'Holidays would be taken for working days, days worked instead for a weekend',
    },
    response: {
      zh: '更新软件，或把国务院公布的日期写入 calendar.yaml，并在 years_by_hand 中写明该年',
      en: 'Update the software, or write the published days into calendar.yaml and the year into years_by_hand',
    },
  }),
  'zhishou-nobody-to-tell': own('zhishou-nobody-to-tell', 'medium', ['duty', 'deputy'], 'L25', {
    title: { zh: '职能无可通知的人', en: 'A function has nobody who can be reached' },
    consequence: {
      zh: '发给该职能的通知改发给升级名单',
      en: 'What it should be told goes to the escalation list instead',
    },
    response: { zh: '在 people.yaml 中补充人员或联系方式', en: 'Add people or contact routes in people.yaml' },
  }),
  'zhishou-channel-failing': own('zhishou-channel-failing', 'high', ['duty', 'equipment-administrator'], 'L34', {
    title: { zh: '通知渠道故障', en: 'A channel for messages fails' },
    consequence: { zh: '通知可能送不到', en: 'Messages may not arrive' },
    response: { zh: '检查该渠道的服务器与网络', en: "Check the channel's server and the network" },
  }),
  'zhishou-delivery-failed': own('zhishou-delivery-failed', 'medium', ['duty', 'equipment-administrator'], 'L34', {
    title: { zh: '有消息未能送达', en: 'A message could not be delivered' },
    consequence: { zh: '此人未收到通知', en: 'This person was not told' },
    response: { zh: '检查其联系方式，改用其他方式告知', en: 'Check the contact route; tell the person another way' },
  }),
  'zhishou-device-silent': own('zhishou-device-silent', 'medium', ['duty', 'equipment-administrator'], 'L9', {
    title: { zh: '设备数据中断', en: 'Nothing more is heard of a device' },
    consequence: { zh: '该设备的状态不可见', en: 'Its state cannot be seen' },
    response: { zh: '检查采集服务与设备', en: 'Check the collector and the device' },
  }),
  'zhishou-collector-silent': own('zhishou-collector-silent', 'high', ['duty', 'system-administrator'], 'L9', {
    title: { zh: '采集中断', en: 'Nothing is heard of any device' },
    consequence: { zh: '机房情况不可见，停电也看不到', en: 'The room cannot be seen, not even an outage' },
    response: { zh: '检查采集服务与消息总线', en: 'Check the collector and the message bus' },
  }),
  'zhishou-store-failing': own('zhishou-store-failing', 'high', ['duty', 'system-administrator'], 'L40', {
    title: { zh: '状态写入失败', en: 'The state cannot be written' },
    consequence: { zh: '重启后会丢失告警与通知的状态', en: 'A restart would forget alerts and messages' },
    response: { zh: '检查磁盘空间与磁盘', en: 'Check the disk and its space' },
  }),
  'zhishou-rules-broken': own('zhishou-rules-broken', 'medium', ['duty', 'system-administrator'], 'L8', {
    title: { zh: '修改后的规则有误，未生效', en: 'The changed rules have a mistake and do not count' },
    consequence: {
      zh: '仍按修改前的规则告警；重启后服务将无法启动',
      en: 'The rules from before still hold; the service could not start again like this',
    },
    response: { zh: '按所示的文件和行改正，保存后自动生效', en: 'Mend the file at that line; saving is enough' },
  }),
  'zhishou-contact-unconfirmed': own('zhishou-contact-unconfirmed', 'low', ['system-administrator'], 'L27', {
    title: { zh: '有人没有确认联系测试', en: 'Somebody did not confirm the contact test' },
    consequence: { zh: '出事时可能找不到此人', en: 'The person may not be reached when it matters' },
    response: { zh: '打电话核实此人的联系方式', en: 'Ring the person and check the contact routes' },
  }),
  'zhishou-heartbeat-failing': own('zhishou-heartbeat-failing', 'low', ['system-administrator'], 'L32', {
    title: { zh: '对外心跳发不出去', en: 'The heartbeat does not get out' },
    consequence: {
      zh: '外部监视会以为本系统已停；本系统真停时无人知道',
      en: 'The watcher outside takes us for dead; when we are nobody would know',
    },
    response: {
      zh: '检查外网与 site.yaml 的 heartbeat',
      en: 'Check the way to the internet and heartbeat in site.yaml',
    },
  }),
  'zhishou-service-silent': own('zhishou-service-silent', 'medium', ['duty', 'system-administrator'], 'L32', {
    title: { zh: '本系统的一个部分停了', en: 'A part of this system has fallen silent' },
    consequence: { zh: '页面或历史记录可能不可用', en: 'The page or the history may be gone' },
    response: { zh: '查看并重启该服务', en: 'Look at that service and restart it' },
  }),
  'zhishou-service-trouble': own('zhishou-service-trouble', 'low', ['system-administrator'], 'L32', {
    title: { zh: '本系统的一个部分有故障', en: 'A part of this system has trouble' },
    consequence: { zh: '历史记录可能不完整', en: 'The history may have holes' },
    response: { zh: '在页面顶部查看哪一项有故障', en: 'The top of the page says which' },
  }),
  'zhishou-stalled': own('zhishou-stalled', 'low', ['system-administrator'], 'L32', {
    title: { zh: '本系统曾卡住 2 秒以上', en: 'This system stood still for over two seconds' },
    consequence: { zh: '告警可能晚到', en: 'Alerts may come late' },
    response: { zh: '检查主机的负载、内存与磁盘', en: 'Check load, memory and disk of the host' },
  }),
  'zhishou-not-ready': own('zhishou-not-ready', 'medium', ['duty', 'system-administrator'], 'L17', {
    title: { zh: '预案目前无法完整执行', en: 'The plan could not be carried out now' },
    consequence: {
      zh: '停电时会有设备无法备份或关机',
      en: 'In an outage some equipment would not be backed up or shut down',
    },
    response: { zh: '在“就绪”页查看哪一项不合格并处理', en: 'See the readiness page for what fails, and mend it' },
  }),
};

function own(
  id: OwnRuleId,
  severity: Severity,
  notify: FunctionName[],
  lesson: string,
  texts: { title: Text; consequence: Text; response: Text },
): Rule {
  return {
    id,
    ...texts,
    on: { devices: [] },
    // Never judged: the truth of these rules is set by the self-checks.
    when: { point: 'device.responding', is: false },
    for: seconds(0),
    severity,
    safety: false,
    notify,
    respond_within: minutes(severity === 'high' ? 15 : 60),
    inhibited_by: [],
    source: `LESSONS ${lesson}`,
    obligations: [],
    overrides: [],
  };
}
