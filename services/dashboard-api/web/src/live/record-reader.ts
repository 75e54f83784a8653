import type { IncidentView } from '#core/incident.ts';
import type { RecordReader } from '#core/record-words.ts';
import type { Text } from '#core/text.ts';
import { epochOf, momentOf } from '../model/time-format.ts';
import type { Words } from '../words.ts';
import { siteNow } from './site-clock.ts';
import { live } from './store.ts';

/** The record's ids as this page's reader knows them: devices, answers, the alerts behind a trigger, the plan. */
export function recordReader(incident: IncidentView, { language, place, length, tx }: Words): RecordReader {
  const answers = new Map(
    incident.steps.flatMap(({ answers: options }) => options.map(({ id, label }) => [id, label])),
  );
  const device = (id: string): Text | null => live.devices.get(id)?.name ?? null;
  /** `mains-lost/ups-1`. */
  const alert = (key: string): string | null => {
    const [rule, on = ''] = key.split('/');
    const found = [...live.alerts.values()].find((one) => one.rule === rule && one.device === on);
    return found === undefined ? null : `${tx(found.title)} (${tx(device(on))})`;
  };
  return {
    language: language.value,
    moment: (iso) => momentOf(place.value, epochOf(iso) ?? siteNow.value, siteNow.value, true),
    length,
    name: (of, id) => {
      if (of === 'answer') return tx(answers.get(id)) || null;
      if (of === 'device' || of === 'ups') return tx(device(id)) || null;
      if (of === 'alert' || of === 'trigger') return alert(id);
      if (of === 'to') return tx(live.site?.people.find((person) => person.id === id)?.name) || null;
      return of === 'plan' && id === incident.plan.id ? tx(incident.plan.title) : null;
    },
  };
}
