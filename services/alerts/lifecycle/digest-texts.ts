import type { AlertView } from '#core/alert.ts';
import type { Severity } from '#core/config/rule.ts';
import type { Text } from '#core/text.ts';

/** Several alerts in one message: how many, the gravest first, the rest on the page. */
const SEVERITY: Readonly<Record<Severity, Text>> = {
  high: { zh: '紧急', en: 'HIGH' },
  medium: { zh: '重要', en: 'MEDIUM' },
  low: { zh: '一般', en: 'LOW' },
};
const ORDER: readonly Severity[] = ['high', 'medium', 'low'];

/** So many fit on a telephone. */
const SHORT = 10;
/** Of a storm nobody reads more. */
const WORST = 5;

export function byGravity(views: readonly AlertView[]): AlertView[] {
  return [...views].sort(
    (a, b) =>
      ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity) || a.since.localeCompare(b.since) || (a.id < b.id ? -1 : 1),
  );
}

export function digestText(
  views: readonly AlertView[],
  what: 'fired' | 'cleared',
  deviceName: (device: string) => Text,
): { readonly subject: Text; readonly body: Text } {
  const sorted = byGravity(views);
  const shown = sorted.slice(0, sorted.length <= SHORT ? SHORT : WORST);
  const left = sorted.length - shown.length;
  const line = (view: AlertView): Text => ({
    zh: `${what === 'fired' ? SEVERITY[view.severity].zh : '恢复'}：${view.title.zh}（${deviceName(view.device).zh}）`,
    en: `${what === 'fired' ? SEVERITY[view.severity].en : 'RECOVERED'}: ${view.title.en} (${deviceName(view.device).en})`,
  });
  const lines = shown.map(line);
  const [worst] = lines;
  const count = sorted.length;
  return {
    subject:
      what === 'fired'
        ? {
            zh: `又有 ${count} 条告警，最重要的：${worst?.zh ?? ''}`,
            en: `+${count} alerts, the gravest: ${worst?.en ?? ''}`,
          }
        : { zh: `${count} 条告警恢复`, en: `${count} alerts RECOVERED` },
    body: {
      zh: [...lines.map(({ zh }) => zh), ...(left > 0 ? [`另有 ${left} 条，见告警页`] : [])].join('\n'),
      en: [...lines.map(({ en }) => en), ...(left > 0 ? [`and ${left} more: see the alerts page`] : [])].join('\n'),
    },
  };
}
