import type { AlertView } from '#core/alert.ts';
import type { Config } from '#core/config/config.ts';
import type { Severity } from '#core/config/rule.ts';
import { definePoint } from '#core/points.ts';
import type { Value } from '#core/reading.ts';
import { type Language, sameText, type Text } from '#core/text.ts';
import { fromIso } from '#core/time.ts';

/** What an alert says to people: short, what, where, what follows, what to do. */
export interface AlertTexts {
  fired(view: AlertView): { subject: Text; body: Text };
  reminder(view: AlertView, times: number): { subject: Text; body: Text };
  cleared(view: AlertView): { subject: Text; body: Text };
  deviceName(device: string): Text;
}

const SEVERITY: Readonly<Record<Severity, Text>> = {
  high: { zh: '紧急', en: 'HIGH' },
  medium: { zh: '重要', en: 'MEDIUM' },
  low: { zh: '一般', en: 'LOW' },
};

export function createAlertTexts(config: Config): AlertTexts {
  const names = new Map(config.devices.map((device) => [device.id, device.name]));
  const zone = config.site.time_zone;
  const deviceName = (device: string): Text => names.get(device) ?? sameText(device);
  const both = (make: (language: Language) => string): Text => ({ zh: make('zh'), en: make('en') });
  const where = (view: AlertView) => both((l) => deviceName(view.device)[l]);

  const facts = (view: AlertView, l: Language): string[] => {
    const device = where(view)[l];
    const since = localTime(view.firedAt ?? view.since, zone);
    const value = valueText(view.point, view.value, l);
    const from = l === 'zh' ? `自 ${since}` : `since ${since}`;
    const what = value === '' ? from : `${value}${l === 'zh' ? '，' : ', '}${from}`;
    return l === 'zh'
      ? [`${config.site.name.zh} ${config.site.floor.zh}：${device}`, what]
      : [`${config.site.name.en}, ${config.site.floor.en}: ${device}`, what];
  };

  const action = (view: AlertView, l: Language): string[] => {
    const within = spoken(view.respondWithinS, l);
    return l === 'zh'
      ? [`后果：${view.consequence.zh}`, `处置：${view.response.zh}（${within}内）`]
      : [`Consequence: ${view.consequence.en}`, `Do: ${view.response.en} (within ${within})`];
  };

  return {
    fired: (view) => ({
      subject: both((l) => headline(SEVERITY[view.severity][l], view.title[l], where(view)[l], l)),
      body: both((l) => [...facts(view, l), ...action(view, l)].join('\n')),
    }),
    reminder: (view, times) => ({
      subject: both((l) =>
        headline(l === 'zh' ? `无人确认 第${times}次` : `NOT ACKNOWLEDGED ${times}`, view.title[l], where(view)[l], l),
      ),
      body: both((l) => [...facts(view, l), ...action(view, l)].join('\n')),
    }),
    cleared: (view) => ({
      subject: both((l) => headline(l === 'zh' ? '恢复' : 'RECOVERED', view.title[l], where(view)[l], l)),
      body: both((l) => {
        const lasted = spoken(seconds(view.firedAt ?? view.since, view.clearedAt ?? view.since), l);
        const at = localTime(view.clearedAt ?? view.since, zone);
        const value = valueText(view.point, view.value, l);
        const text =
          l === 'zh' ? `${at} 恢复，持续 ${lasted}。${value}` : `Recovered at ${at} after ${lasted}. ${value}`;
        return text.trim();
      }),
    }),
    deviceName,
  };
}

const headline = (mark: string, title: string, device: string, language: Language): string =>
  language === 'zh' ? `${mark}：${title}（${device}）` : `${mark}: ${title} (${device})`;

function valueText(point: string, value: Value | null, language: Language): string {
  // The product's own alerts are of no point; their value, if any, is the reason in words.
  if (point === '') return value === null ? '' : String(value);
  const definition = definePoint(point);
  const meaning = definition?.meaning[language] ?? point;
  const separator = language === 'zh' ? '：' : ': ';
  if (value === null) return `${meaning}${separator}${language === 'zh' ? '无数据' : 'no value'}`;
  if (typeof value === 'boolean') {
    const word = value ? { zh: '是', en: 'yes' } : { zh: '否', en: 'no' };
    return `${meaning}${separator}${word[language]}`;
  }
  const shown = typeof value === 'number' ? String(Math.round(value * 10) / 10) : value;
  const unit = definition?.unit ?? '';
  return `${meaning}${separator}${shown}${unit === '' ? '' : ` ${unit}`}`;
}

/** `03:04:05` on the same form everywhere; the date is in the message's own header. */
function localTime(iso: string, zone: string): string {
  const local = Temporal.Instant.from(iso).toZonedDateTimeISO(zone);
  return `${local.toPlainDate().toString().slice(5)} ${local.toPlainTime().toString({ smallestUnit: 'second' })}`;
}

const seconds = (from: string, to: string): number => ((fromIso(to) ?? 0) - (fromIso(from) ?? 0)) / 1000;

/** A length of time in words, its largest unit or two. */
function spoken(lengthS: number, language: Language): string {
  const units = [
    [86_400, '天', 'd'],
    [3600, '小时', 'h'],
    [60, '分钟', 'min'],
    [1, '秒', 's'],
  ] as const;
  let rest = Math.max(0, Math.round(lengthS));
  const parts: string[] = [];
  for (const [size, zh, en] of units) {
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    if (amount > 0) parts.push(language === 'zh' ? `${amount}${zh}` : `${amount} ${en}`);
  }
  return parts.slice(0, 2).join(language === 'zh' ? '' : ' ') || (language === 'zh' ? '0秒' : '0 s');
}
