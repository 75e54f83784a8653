import { type Duration, type Instant, minutes, plus } from '#core/time.ts';
import { downElsewhere } from './elsewhere.ts';
import type { Command, IncidentEvent } from './events.ts';
import { backupElsewhere, backupUnderWay, patience } from './prepared-backup.ts';
import { ENDED, type IncidentState, type StepProgress } from './state.ts';
import { indexOf } from './step-index.ts';
import { skip, stageActive } from './steps.ts';
import { bothTexts, clockTime } from './texts.ts';
import type { Turn } from './turn.ts';

/**
 * No backup is made twice for nothing: one that was verified in preparation, or by another incident of the site (a UPS fault
 * that became an outage), is not made again unless it is stale by now. Incidents tell each other of their backups as events,
 * so each remains the fold of its own.
 */

/** Data of more than an hour is not given up for comfort; what was prepared counts for as long as preparation may take, too. */
const FRESH = minutes(60);

export function spareBackups(turn: Turn): boolean {
  const { state } = turn;
  let changed = false;
  for (const step of indexOf(state.definition).backups) {
    if (turn.step(step.id).state !== 'pending') continue;
    if (!isNext(state, step.stage) || !step.after.every((id) => ENDED.has(turn.step(id).state))) continue;
    const down = downElsewhere(state, step.device);
    if (down !== null) {
      skip(turn, step, bothTexts(`“${down.title.zh}”已将其关闭`, `“${down.title.en}” has shut it down already`));
      changed = true;
      continue;
    }
    const made = backupElsewhere(state, step);
    if (made === null) continue;
    const time = clockTime(state, made.doneAt);
    const [zh, en] =
      made.by === 'preparation' ? ['准备时', 'in preparation'] : ['另一事件处置中', 'by another incident'];
    if (turn.at <= plus(made.doneAt, freshFor(state, made.by))) {
      skip(turn, step, bothTexts(`${zh}已于 ${time.zh} 备份`, `backed up ${en} at ${time.en}`));
      changed = true;
    } else if (turn.once(`stale/${step.id}`)) {
      turn.record('decision', bothTexts(`重新备份：${step.deviceName.zh}`, `Backed up again: ${step.deviceName.en}`), {
        step: step.id,
        why: bothTexts(`${zh}的备份（${time.zh}）已过时`, `the one made ${en} (${time.en}) is stale`),
      });
    }
  }
  return changed;
}

const isNext = (state: IncidentState, stage: Parameters<typeof stageActive>[1]): boolean =>
  stage === 'protect' ? state.phase === 'protecting' : stageActive(state, stage);

const freshFor = (state: IncidentState, by: 'preparation' | 'incident'): Duration =>
  by === 'incident' ? FRESH : ((FRESH + (state.definition.power?.prepare_before ?? 0)) as Duration);

export type BackupNews = Extract<Command, { type: 'backup' }>;

/** What this incident's backups have come to between two states, for the other incidents of the site. */
export function backupNews(before: IncidentState | null, after: IncidentState): BackupNews[] {
  const news: BackupNews[] = [];
  if (before?.steps === after.steps) return news;
  for (const step of indexOf(after.definition).backups) {
    const [was, is] = [before?.steps[step.id], after.steps[step.id]];
    if (was === is) continue;
    const what = standOf(is);
    if (what !== standOf(was) && (what !== 'none' || standOf(was) === 'begun'))
      news.push({ type: 'backup', device: step.device, what: what === 'none' ? 'ended' : what });
  }
  return news;
}

function standOf(progress: StepProgress | undefined): 'none' | 'begun' | 'done' {
  if (progress === undefined || progress.run === null) return 'none';
  if (progress.state === 'running' || progress.state === 'verifying') return 'begun';
  if (progress.state === 'done') return progress.ours ? 'done' : 'none';
  // Left alone by its incident, but the machine is still at it (L20).
  return progress.state !== 'failed' && progress.run.begunAt !== null && progress.run.endedAt === null
    ? 'begun'
    : 'none';
}

/** Another incident of the site has begun, finished or given up a backup. */
export function takeBackupNews(turn: Turn, event: Extract<IncidentEvent, { type: 'backup-elsewhere' }>): void {
  const { state } = turn;
  const known = state.backups[event.device]?.doneAt ?? null;
  state.backups = {
    ...state.backups,
    [event.device]: {
      runningSince: event.what === 'begun' ? turn.at : null,
      doneAt: event.what === 'done' ? turn.at : known,
    },
  };
}

/** By time alone: the patience with another incident's backup ends. */
export const backupDues = (state: IncidentState): Instant[] =>
  indexOf(state.definition).backups.flatMap((step) => {
    const since = state.backups[step.device]?.runningSince ?? null;
    return since !== null && backupUnderWay(state, step) ? [plus(since, patience(step))] : [];
  });
