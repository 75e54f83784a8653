import { scoreDrill } from '#core/drill-score.ts';
import type { IncidentView } from '#core/incident.ts';
import type { DeliveryView } from '#core/notification.ts';
import type { ReportScore } from '#core/report.ts';
import type { Language } from '#core/text.ts';

/** What a drill was worth (O-DRL-1), beside the earlier drills of the same plan; null for what was no drill or is not over. */
export interface ScoreSource {
  readonly incident: IncidentView;
  /** All that are kept. */
  readonly incidents: readonly IncidentView[];
  readonly deliveries: readonly DeliveryView[];
  readonly language: Language;
  readonly localTime: (iso: string) => string;
}

const MOST_EARLIER = 5;

const isEndedDrill = ({ mode, phase }: IncidentView): boolean =>
  (mode === 'drill' || mode === 'rehearsal') && phase === 'closed';

export function writeScore({ incident, incidents, deliveries, language, localTime }: ScoreSource): ReportScore | null {
  if (!isEndedDrill(incident)) return null;
  const { figure, parts } = scoreDrill(incident, deliveries);
  return {
    figure,
    parts: parts.map((part) => ({
      title: part.title[language],
      points: part.points,
      of: part.of,
      detail: part.detail[language],
    })),
    earlier: incidents
      .filter((one) => isEndedDrill(one) && one.plan.id === incident.plan.id && one.openedAt < incident.openedAt)
      .toSorted((a, b) => b.openedAt.localeCompare(a.openedAt))
      .slice(0, MOST_EARLIER)
      .map((one) => ({
        incident: one.id,
        localTime: localTime(one.openedAt),
        figure: scoreDrill(one, deliveries).figure,
      })),
  };
}

/** One sentence: `92 of 100; earlier: 88 (2026-10-21 09:00:00)`. */
export function sayScore({ figure, earlier }: ReportScore, language: Language): string {
  const zh = language === 'zh';
  const before = earlier.map((one) => (zh ? `${one.figure}（${one.localTime}）` : `${one.figure} (${one.localTime})`));
  const own = zh ? `满分 100，得 ${figure} 分` : `${figure} of 100`;
  if (before.length === 0)
    return zh ? `${own}；此前没有这个预案的演练记录。` : `${own}; no earlier drill of this plan is kept.`;
  return zh ? `${own}；此前：${before.join('、')}。` : `${own}; earlier: ${before.join(', ')}.`;
}
