import type { Language } from './text.ts';

/**
 * Why a value is doubtful or a device silent, as the collector and the profiles say it in English, in Chinese. What is not known here
 * (a driver's own detail, a maker's text) is shown as it came: half of it in another language helps nobody.
 */

/** What profiles give as the meaning of a raw value that is none. */
const NO_VALUE: Readonly<Record<string, string>> = {
  'not measured': '设备未测量',
  'not measured by this model': '此型号不测量',
  'not supported by this model': '此型号不支持',
  'not there in this model': '此型号没有',
  'no sensor plugged in': '未插传感器',
  'no sensor': '没有传感器',
  'no such sensor': '没有这个传感器',
  'sensor not fitted': '未装传感器',
  'the sensor does not answer': '传感器无应答',
  'the sensor is lost': '传感器失联',
  'no humidity sensor': '没有湿度传感器',
  'the sensor measures no humidity': '传感器不测湿度',
  'no probe': '没有探头',
  'no probe plugged in': '未插探头',
  'no probe connected': '未接探头',
  'probe not fitted': '未装探头',
  'no meter': '没有电表',
  'no such outlet': '没有这个插座',
  'no such cord': '没有这条电源线',
  'no such branch': '没有这条支路',
  'no such part': '没有这个部件',
  'being switched': '正在切换',
  'being reset': '正在复位',
  'no value': '没有值',
  'no status': '没有状态',
  unavailable: '不可用',
  'not available': '不可用',
  'not applicable': '不适用',
  'not configured': '未配置',
  'not connected': '未连接',
  'not told': '设备未告知',
  'not known': '不明',
  undefined: '未定义',
  disconnected: '已断开',
  lost: '已失联',
  'communication lost': '通信中断',
  'not a three-phase system': '不是三相系统',
  'no residual current monitor': '没有剩余电流监测',
  'the device does not know it': '设备不知道',
  'the appliance does not know it': '设备不知道',
  'the PDU cannot tell': 'PDU 无法给出',
  'the PDU does not know': 'PDU 不知道',
  'the UPS cannot tell the time': 'UPS 无法给出时间',
  'firmware that does not fill it': '固件未填此值',
};

const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^no value$/, '没有值'],
  [/^an empty text$/, '设备给出空文本'],
  [/^the device does not tell it$/, '设备未给出此值'],
  [/^its messages leave it out$/, '设备的消息中没有此值'],
  [/^nothing of it answers$/, '设备的各项均无应答'],
  [/^the device tells no state$/, '设备未给出状态'],
  [/^the device says that it has no value: (.+)$/, '设备表示没有此值：$1'],
  [/^the device tells no known unit for it: (.+)$/, '设备给出的单位不认识：$1'],
  [/^the device tells no known scale for it: (.+)$/, '设备给出的倍率不认识：$1'],
  [/^has not moved for (.+)$/, '已 $1 没有变化'],
  [/^no answer for (.+)$/, '已 $1 无应答'],
  [/^(.+) is not a (?:finite )?number$/, '$1 不是数值'],
  [/^(.+) is not a truth$/, '$1 不是“是”或“否”'],
  [/^(.+) is neither on nor off$/, '$1 既不是开也不是关'],
  [/^(.+) is not in the enumeration$/, '$1 不在已知取值之内'],
  [/^(.+) is not (?:one of|a word of) .+$/, '$1 不在已知取值之内'],
  [/^(.+) is above (.+): a ceiling of the firmware$/, '$1 超过固件上限 $2'],
  [/^(.+) is outside (\S+) to (\S+)$/, '$1 超出合理范围 $2 至 $3'],
  [/^out of range$/, '超出合理范围'],
  [/^(.+) at once$/, '同时出现相互矛盾的状态：$1'],
  [/^No answer in time \((.+?)\)(?:: no answer)?$/, '$1 未在规定时间内应答'],
  [/^The other side cannot be reached \((.+?)\)$/, '无法连到 $1'],
  [/^The other side refused \((.+?)\)$/, '$1 拒绝访问'],
  [/^The other side answered nonsense \((.+?)\)$/, '$1 的应答无法理解'],
  // With a driver's own detail behind it, which stays as it is.
  [/^No answer in time \((.+?)\): (.+)$/, '$1 未在规定时间内应答：$2'],
  [/^The other side cannot be reached \((.+?)\): (.+)$/, '无法连到 $1：$2'],
  [/^The other side refused \((.+?)\): (.+)$/, '$1 拒绝访问：$2'],
  [/^The other side answered nonsense \((.+?)\): (.+)$/, '$1 的应答无法理解：$2'],
];

const SENTINEL = /^(.+) means no value: (.+)$/;

/** Example: `sayReason('-1 means no value: no probe', 'zh')` is `没有探头（原始值 -1）`. */
export function sayReason(reason: string, language: Language): string {
  if (language === 'en') return reason;
  const [, raw, why] = SENTINEL.exec(reason) ?? [];
  if (raw !== undefined && why !== undefined)
    return Object.hasOwn(NO_VALUE, why) ? `${NO_VALUE[why]}（原始值 ${raw}）` : `没有值（原始值 ${raw}）：${why}`;
  for (const [pattern, chinese] of REASONS) if (pattern.test(reason)) return reason.replace(pattern, chinese);
  return reason;
}
