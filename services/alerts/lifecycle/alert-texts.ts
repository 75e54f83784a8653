import type { AlertView } from '#core/alert.ts';
import type { Config } from '#core/config/config.ts';
import type { Severity } from '#core/config/rule.ts';
import type { Value } from '#core/reading.ts';
import { type Language, sameText, type Text } from '#core/text.ts';
import { fromIso, type Instant } from '#core/time.ts';
import { createSiteClock } from './site-clock.ts';
import { lengthText, valueText } from './value-words.ts';

/** What an alert says to a person woken at 03:00: short, what, where, since when, what follows, what to do. */
export interface AlertTexts {
  fired(view: AlertView): AlertText;
  reminder(view: AlertView, times: number): AlertText;
  /** It was acknowledged by this person (null: unknown) and then left alone. */
  reopened(view: AlertView, by: Text | null): AlertText;
  cleared(view: AlertView): AlertText;
  /** It ended because its rule was changed or taken away: that says nothing of the room. */
  retired(view: AlertView): AlertText;
  deviceName(device: string): Text;
}

export interface AlertText {
  readonly subject: Text;
  readonly body: Text;
}

export interface AlertTextsDependencies {
  readonly config: Pick<Config, 'devices' | 'site'>;
  readonly now: () => Instant;
  /** The newest value of a point if it can be believed now. */
  readonly good: (device: string, point: string) => Value | null;
}

const SEVERITY: Readonly<Record<Severity, Text>> = {
  high: { zh: '紧急', en: 'HIGH' },
  medium: { zh: '重要', en: 'MEDIUM' },
  low: { zh: '一般', en: 'LOW' },
};

export function createAlertTexts({ config, now, good }: AlertTextsDependencies): AlertTexts {
  const { site } = config;
  const names = new Map(config.devices.map((device) => [device.id, device.name]));
  const deviceName = (device: string): Text => names.get(device) ?? sameText(device);
  const both = (make: (language: Language) => string): Text => ({ zh: make('zh'), en: make('en') });
  const siteClock = createSiteClock(site.time_zone);
  const clockTime = (iso: string): string => siteClock.time(iso, now());

  const headline = (mark: Text, view: AlertView): Text => ({
    zh: `${mark.zh}：${view.title.zh}（${deviceName(view.device).zh}）`,
    en: `${mark.en}: ${view.title.en} (${deviceName(view.device).en})`,
  });

  const call = (view: AlertView, mark: Text): AlertText => {
    const from = view.firedAt ?? view.since;
    const at = clockTime(from);
    const lasted = lengthText((now() - (fromIso(from) ?? now())) / 1000);
    const long = now() - (fromIso(from) ?? now()) >= 60_000;
    const value = valueText(view.point, view.value);
    const battery = batteryText(view, good);
    const device = deviceName(view.device);
    const within = lengthText(view.respondWithinS);
    const since = {
      zh: `${at} 起${long ? `，已 ${lasted.zh}` : ''}`,
      en: `since ${at}${long ? `, ${lasted.en} ago` : ''}`,
    };
    return {
      subject: headline(mark, view),
      body: both((l) =>
        [
          l === 'zh'
            ? `${site.name.zh} ${site.floor.zh}：${device.zh}`
            : `${site.name.en}, ${site.floor.en}: ${device.en}`,
          [capital(value[l]), l === 'en' && value.en === '' ? capital(since.en) : since[l]]
            .filter((part) => part !== '')
            .join(l === 'zh' ? '，' : ', '),
          capital(battery[l]),
          chatterText(view)[l],
          l === 'zh' ? `后果：${view.consequence.zh}` : `At stake: ${view.consequence.en}`,
          l === 'zh' ? `处置（${within.zh}内）：${view.response.zh}` : `Do within ${within.en}: ${view.response.en}`,
        ]
          .filter((line) => line !== '')
          .join('\n'),
      ),
    };
  };

  return {
    fired: (view) => call(view, SEVERITY[view.severity]),
    reminder: (view, times) => call(view, { zh: `无人确认 第 ${times} 次`, en: `NOT ACKNOWLEDGED ${times}` }),
    reopened: (view, by) =>
      call(view, {
        zh: `${by === null ? '' : `${by.zh} `}已确认但无进展`,
        en: `ACKNOWLEDGED${by === null ? '' : ` BY ${by.en}`}, NOTHING DONE`,
      }),
    cleared(view) {
      const at = clockTime(view.clearedAt ?? view.since);
      const lasted = lengthText(secondsBetween(view.firedAt ?? view.since, view.clearedAt ?? view.since));
      const value = valueText(view.point, view.value);
      const battery = batteryText(view, good);
      const times = view.chattering === undefined ? '' : view.chattering.times;
      const rest = both((l) => [value[l], battery[l]].filter((part) => part !== '').join(l === 'zh' ? '，' : '; '));
      return {
        subject: headline({ zh: '恢复', en: 'RECOVERED' }, view),
        body: {
          zh: `${at} 恢复，持续 ${lasted.zh}${times === '' ? '' : `，其间反复 ${times} 次`}。${rest.zh}`,
          en: `Recovered at ${at} after ${lasted.en}${times === '' ? '' : `, in which it came ${times} times`}. ${capital(rest.en)}`.trim(),
        },
      };
    },
    retired(view) {
      const at = clockTime(view.clearedAt ?? view.since);
      const value = valueText(view.point, view.value);
      const last = value.zh === '' ? sameText('') : { zh: `最后的值：${value.zh}。`, en: ` Last seen: ${value.en}.` };
      return {
        subject: headline({ zh: '规则已改，告警结束', en: 'ENDED BY A CHANGE OF RULES' }, view),
        body: {
          zh: `${at} 该告警的规则被修改、停用或删除，告警随之结束，并不表示机房已恢复。${last.zh}`,
          en: `At ${at} its rule was changed, switched off or taken away. That does not say that the room is well.${last.en}`,
        },
      };
    },
    deviceName,
  };
}

/** What the UPS itself says of its battery and load, as far as it is known; its runtime is its word, not ours. */
function batteryText(view: AlertView, good: AlertTextsDependencies['good']): Text {
  if (!/^(ups|battery|input)\./.test(view.point)) return sameText('');
  const number = (point: string): number | null => {
    const value = point === view.point ? null : good(view.device, point);
    return typeof value === 'number' ? value : null;
  };
  const charge = number('battery.charge');
  const runtime = number('battery.runtime');
  const load = number('ups.load');
  const left = runtime === null ? null : lengthText(runtime < 120 ? runtime : Math.floor(runtime / 60) * 60);
  // After a recovery what matters is how much a next outage would find.
  const over = view.state === 'cleared';
  const parts: Text[] = [
    ...(charge === null ? [] : [{ zh: `电量 ${Math.round(charge)} %`, en: `charge ${Math.round(charge)} %` }]),
    ...(load === null || over ? [] : [{ zh: `负载 ${Math.round(load)} %`, en: `load ${Math.round(load)} %` }]),
    ...(left === null || over ? [] : [{ zh: `UPS 自报可用 ${left.zh}`, en: `the UPS says ${left.en} left` }]),
  ];
  return { zh: parts.map(({ zh }) => zh).join('，'), en: parts.map(({ en }) => en).join(', ') };
}

/** Told once: what comes and goes sends no further messages until it is calm. */
function chatterText({ chattering }: AlertView): Text {
  if (chattering === undefined) return sameText('');
  return {
    zh: `时有时无，已 ${chattering.times} 次；平息前不再逐次通知`,
    en: `It comes and goes: ${chattering.times} times so far; no message for each until it is calm`,
  };
}

/** A file is named as it is written. */
const capital = (text: string): string => (/^\S+\//.test(text) ? text : text.slice(0, 1).toUpperCase() + text.slice(1));

const secondsBetween = (from: string, to: string): number => ((fromIso(to) ?? 0) - (fromIso(from) ?? 0)) / 1000;
