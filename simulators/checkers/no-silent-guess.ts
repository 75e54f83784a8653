import type { TimelineEntry } from '#core/incident.ts';
import { type Evidence, type Verdict, verdict } from './evidence.ts';

/** I7: each automatic decision names its reason and the figures it used. */
export function checkNoSilentGuess({ incidents }: Evidence): Verdict {
  const wrong: string[] = [];
  let decisions = 0;
  for (const view of incidents) {
    for (const entry of view.timeline) {
      if (entry.kind !== 'decision' || entry.who !== 'zhishou') continue;
      decisions++;
      const what = `"${entry.what.en}" of ${view.id}`;
      if (entry.why === null || entry.why.en.trim() === '' || entry.why.zh.trim() === '')
        wrong.push(`${what} gives no reason`);
      if (!hasFigures(entry) && !view.timeline.some((other) => besides(entry, other)))
        wrong.push(`${what} names no figures`);
    }
  }
  return verdict('I7', wrong, `${decisions} decisions, each with its reason and figures`);
}

const hasFigures = (entry: TimelineEntry): boolean => Object.keys(entry.figures).length > 0;

/** A decision about one step is recorded together with the step's own entry, which carries the figures. */
const besides = (entry: TimelineEntry, other: TimelineEntry): boolean =>
  entry.step !== null && other.step === entry.step && other.at === entry.at && hasFigures(other);
