import { type Instant, minutes, plus } from '#core/time.ts';
import type { EventBody } from './events.ts';
import type { IncidentState } from './state.ts';
import { indexOf } from './step-index.ts';

/** What the incidents of the site have backed up of late, and what is being backed up just now. */

type News = Extract<EventBody, { type: 'backup-elsewhere' }>;
interface Known {
  readonly by: string;
  readonly runningSince: Instant | null;
  readonly doneAt: Instant | null;
}

/** Older ones nobody asks for. */
const KEPT = minutes(90);

export class SiteBackups {
  readonly #byDevice = new Map<string, Known>();

  take(by: string, device: string, what: News['what'], at: Instant): void {
    const doneAt = what === 'done' ? at : (this.#byDevice.get(device)?.doneAt ?? null);
    this.#byDevice.set(device, { by, runningSince: what === 'begun' ? at : null, doneAt });
  }

  /** After a restart: from the incidents themselves. */
  recall(states: readonly IncidentState[]): void {
    for (const state of states) {
      for (const step of indexOf(state.definition).acts) {
        const progress = state.steps[step.id];
        if (step.operation !== 'backup' || progress === undefined || progress.run === null) continue;
        const running = progress.state === 'running' || progress.state === 'verifying';
        const done = progress.state === 'done' && progress.ours ? progress.endedAt : null;
        const before = this.#byDevice.get(step.device)?.doneAt ?? null;
        const doneAt = done === null || (before !== null && before > done) ? before : done;
        const begun = running && state.phase !== 'closed' ? (progress.run.begunAt ?? progress.run.intentAt) : null;
        const runningSince = begun ?? this.#byDevice.get(step.device)?.runningSince ?? null;
        if (runningSince !== null || doneAt !== null)
          this.#byDevice.set(step.device, { by: state.id, runningSince, doneAt });
      }
    }
  }

  /** What a crash has kept from this incident. */
  unknownTo(state: IncidentState): News[] {
    const news: News[] = [];
    for (const [device, { by, runningSince, doneAt }] of this.#byDevice) {
      if (by === state.id || !backsUp(state, device)) continue;
      const known = state.backups[device];
      if (runningSince !== null && known?.runningSince == null)
        news.push({ type: 'backup-elsewhere', device, what: 'begun' });
      else if (runningSince === null && known?.runningSince != null)
        news.push({ type: 'backup-elsewhere', device, what: doneAt !== null ? 'done' : 'ended' });
    }
    return news;
  }

  /** For an incident that opens now. */
  known(now: Instant): IncidentState['backups'] {
    const found: Record<string, { runningSince: Instant | null; doneAt: Instant | null }> = {};
    for (const [device, { runningSince, doneAt }] of this.#byDevice) {
      const fresh = doneAt !== null && now < plus(doneAt, KEPT) ? doneAt : null;
      if (runningSince !== null || fresh !== null) found[device] = { runningSince, doneAt: fresh };
    }
    return found;
  }
}

export const backsUp = (state: IncidentState, device: string): boolean =>
  indexOf(state.definition).acts.some((step) => step.operation === 'backup' && step.device === device);
