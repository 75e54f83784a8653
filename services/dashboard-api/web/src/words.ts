import { computed } from 'vue';
import { useI18n } from 'vue-i18n';
import type { IncidentView, StepView } from '#core/incident.ts';
import type { Value } from '#core/reading.ts';
import { sayReason } from '#core/reason-words.ts';
import type { Language, Text } from '#core/text.ts';
import { ApiProblem } from './live/api.ts';
import { siteNow } from './live/site-clock.ts';
import { deviceName, live, personName } from './live/store.ts';
import { isGeneral, isHeat } from './model/plan-kinds.ts';
import { countdown, epochOf, fullMoment, type Locale, lengthOf, momentOf, timeOfDay } from './model/time-format.ts';
import { type Written, writeValue } from './model/values.ts';

/** Words, times and names in the reader's language and the site's time zone, for components. */
export function useWords() {
  const { t, te, locale } = useI18n();
  const language = computed<Language>(() => (locale.value === 'en' ? 'en' : 'zh'));
  const place = computed<Locale>(() => ({
    language: language.value,
    timeZone: live.site?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
  }));
  const tx = (text: Text | null | undefined): string => text?.[language.value] ?? '';

  const moment = (iso: string | null | undefined, withSeconds = false): string => {
    const at = epochOf(iso);
    return at === null ? '—' : momentOf(place.value, at, siteNow.value, withSeconds);
  };

  /** The words of a plan without a clock, or of one that follows the heat, where they differ. */
  const kindOf = (incident: Pick<IncidentView, 'clocks'>): string | null =>
    isGeneral(incident) ? 'general' : isHeat(incident) ? 'heat' : null;

  return {
    phase: (incident: Pick<IncidentView, 'clocks' | 'phase'>): string =>
      te(`phase.${kindOf(incident)}.${incident.phase}`)
        ? t(`phase.${kindOf(incident)}.${incident.phase}`)
        : t(`phase.${incident.phase}`),
    outcome: (incident: Pick<IncidentView, 'clocks' | 'outcome'>): string =>
      incident.outcome === null
        ? ''
        : te(`outcome.${kindOf(incident)}.${incident.outcome}`)
          ? t(`outcome.${kindOf(incident)}.${incident.outcome}`)
          : t(`outcome.${incident.outcome}`),
    stage: (incident: Pick<IncidentView, 'clocks'>, stage: string): string =>
      te(`stage.${kindOf(incident)}.${stage}`)
        ? t(`stage.${kindOf(incident)}.${stage}`)
        : te(`stage.${stage}`)
          ? t(`stage.${stage}`)
          : stage,
    t,
    te,
    tx,
    language,
    place,
    moment,
    full: (iso: string | null | undefined): string => {
      const at = epochOf(iso);
      return at === null ? '—' : fullMoment(place.value, at);
    },
    clockTime: (at: number, withSeconds = false): string => timeOfDay(place.value, at, withSeconds),
    length: (seconds: number): string => lengthOf(language.value, seconds),
    /** `3 秒前` / `3 s ago`, from an instant. */
    ago: (iso: string | null | undefined): string => {
      const at = epochOf(iso);
      return at === null ? '—' : t('time.ago', { length: lengthOf(language.value, (siteNow.value - at) / 1000) });
    },
    secondsUntil: (iso: string | null | undefined): number | null => {
      const at = epochOf(iso);
      return at === null ? null : (at - siteNow.value) / 1000;
    },
    countdown,
    value: (point: string, value: Value | null): Written => writeValue(point, value, language.value, t),
    /** Why a value is doubtful or a device silent; the collector says it in English. */
    why: (reason: string): string => sayReason(reason, language.value),
    device: (id: string): string => tx(deviceName(id)),
    /** The step and its device, named once. */
    step: (step: StepView): string => {
      const title = tx(step.title);
      if (step.device === null) return title;
      const name = tx(deviceName(step.device));
      return title.includes(name) ? title : t('step.onDevice', { step: title, device: name });
    },
    person: (id: string): string => (id === 'zhishou' ? t('who.zhishou') : tx(personName(id))),
    /** A failure in plain words: what happened and what to do. */
    problem: (thrown: unknown): string => {
      if (!(thrown instanceof ApiProblem)) return t('problem.OTHER');
      const words = t(`problem.${thrown.code}`, { seconds: thrown.retryAfterS ?? 30 });
      if (thrown.text !== null) return `${words}${detailOf(tx(thrown.text), t)}`;
      return thrown.code === 'BAD_REQUEST' || thrown.code === 'CONFLICT'
        ? `${words}${detailOf(thrown.detail, t)}`
        : words;
    },
  };
}

const detailOf = (detail: string, t: (key: string, values: Record<string, string>) => string): string =>
  detail === '' ? '' : t('problem.detail', { detail });

export type Words = ReturnType<typeof useWords>;
