import { computed, reactive, toRaw, watch } from 'vue';
import type { DoneItem, DutyDone, DutyView } from '#core/paperwork/duty-view.ts';
import type { SignatureGiven } from '#core/paperwork/register-view.ts';
import type { Text } from '#core/text.ts';
import type { Answers } from '../model/checklist.ts';
import { ApiProblem, call } from './api.ts';
import { ifMatch } from './if-match.ts';
import { keepUnder, keptUnder } from './keep.ts';
import { currentSession, isResumed, loadSession } from './session.ts';
import { live } from './store.ts';

/**
 * What was answered in the room and is not delivered: kept here from the first tick on, over a closed page too, and sent when its person
 * has finished and there is a connection. Nothing is done until the service has said so. A password is never kept: who signs with it
 * signs when there is a connection.
 */

export interface Draft {
  readonly occurrence: string;
  readonly user: string;
  readonly title: Text;
  readonly answers: Answers;
  readonly note: string;
  /** `filling`: not finished; `waiting`: finished, goes out with the connection; `refused`: the service does not take it. */
  readonly state: 'filling' | 'waiting' | 'sending' | 'refused';
  /** What goes out, once its person has finished. */
  readonly ready: {
    readonly items: readonly DoneItem[];
    readonly drawn: SignatureGiven | null;
    /** It was signed with a password, which is not kept: its person signs once more. */
    readonly again: boolean;
  } | null;
  /** When it was touched last, by this device's clock. */
  readonly at: number;
  readonly problem: unknown;
}

export const drafts = reactive(new Map<string, Draft>());
/** Duties as they were seen last, for reading without a connection. */
const views = new Map<string, { readonly at: number; readonly view: DutyView }>();
const MOST_VIEWS = 20;
const MOST_DRAFTS = 50;

const isMine = ({ user }: Draft): boolean => user === currentSession.value?.user.user;
/** Finished and not delivered, the oldest first. */
export const undelivered = computed(() =>
  [...drafts.values()].filter((one) => isMine(one) && one.state !== 'filling').sort((a, b) => a.at - b.at),
);
export const draftOf = (occurrence: string): Draft | null => {
  const found = drafts.get(occurrence);
  return found !== undefined && isMine(found) ? found : null;
};

export function keepDraft(draft: Draft): void {
  drafts.set(draft.occurrence, draft);
  for (const key of drafts.keys()) {
    if (drafts.size <= MOST_DRAFTS) break;
    drafts.delete(key);
  }
}
export const dropDraft = (occurrence: string): void => void drafts.delete(occurrence);

export function keepDutyView(view: DutyView): void {
  views.delete(view.id);
  views.set(view.id, { at: Date.now(), view });
  for (const key of views.keys()) {
    if (views.size <= MOST_VIEWS) break;
    views.delete(key);
  }
  void keepUnder('duty-views', JSON.stringify([...views.values()]));
}
/** As it was seen last here, and when by this device's clock. */
export const keptDutyView = (occurrence: string): { readonly at: number; readonly view: DutyView } | null =>
  views.get(occurrence) ?? null;

const path = (occurrence: string): string => `/duties/${encodeURIComponent(occurrence)}`;
export const getDuty = (occurrence: string, signal?: AbortSignal): Promise<DutyView> =>
  call<DutyView>('GET', path(occurrence), undefined, signal === undefined ? {} : { signal });

/** What became of sending it: `done` with how it stands now, `waiting` without a connection, `refused` with the reason. */
export type Sent =
  | { readonly kind: 'done'; readonly view: DutyView }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'refused'; readonly problem: unknown };

/** Sends a finished one; never throws. Two presses, or an answer that was lost on the way, do nothing twice: it is looked at first. */
export async function sendDuty(
  draft: Draft,
  ready: NonNullable<Draft['ready']>,
  signature: SignatureGiven | null,
): Promise<Sent> {
  const keep = (state: Draft['state'], problem: unknown = null): void =>
    keepDraft({ ...draft, state, ready, problem, at: Date.now() });
  keep('sending');
  const note = draft.note.trim();
  const body: DutyDone = {
    items: ready.items,
    ...(note === '' ? {} : { note }),
    ...(signature === null ? {} : { signature }),
  };
  try {
    if (isResumed()) await loadSession();
    const now = await getDuty(draft.occurrence);
    if (now.doneBy !== null) return settle(draft, now, keep);
    const view = await call<DutyView>('POST', `${path(draft.occurrence)}/done`, body, ifMatch(now.version));
    dropDraft(draft.occurrence);
    keepDutyView(view);
    return { kind: 'done', view };
  } catch (problem) {
    return failed(problem, draft, keep);
  }
}

/** It is done already. By oneself: an answer was lost on the way, and it was taken. */
function settle(draft: Draft, now: DutyView, keep: (state: Draft['state'], problem?: unknown) => void): Sent {
  keepDutyView(now);
  if (now.doneBy?.id === draft.user) {
    dropDraft(draft.occurrence);
    return { kind: 'done', view: now };
  }
  const problem = new ApiProblem('CHANGED_MEANWHILE', 412, '');
  keep('refused', problem);
  return { kind: 'refused', problem };
}

async function failed(
  problem: unknown,
  draft: Draft,
  keep: (state: Draft['state'], problem?: unknown) => void,
): Promise<Sent> {
  const unreached = problem instanceof ApiProblem && ['OFFLINE', 'TIMED_OUT', 'BUS_DOWN'].includes(problem.code);
  if (unreached) {
    keep('waiting');
    return { kind: 'waiting' };
  }
  // A wrong password and the like are mended in the dialog: what was answered stays open.
  keep(problem instanceof ApiProblem && [409, 412].includes(problem.status) ? 'refused' : 'filling', problem);
  const now = await getDuty(draft.occurrence).catch(() => null);
  return now !== null && now.doneBy !== null ? settle(draft, now, keep) : { kind: 'refused', problem };
}

let sending = false;
async function sendThoseThatWait(): Promise<void> {
  if (sending || live.connection !== 'live') return;
  sending = true;
  try {
    for (const draft of undelivered.value) {
      if (draft.state !== 'waiting' || draft.ready === null || draft.ready.again) continue;
      if ((await sendDuty(draft, draft.ready, draft.ready.drawn)).kind === 'waiting') return;
    }
  } finally {
    sending = false;
  }
}

let started: Promise<void> | null = null;
/** Reads what is kept and begins to send; the same promise for all who ask. */
export function startDrafts(): Promise<void> {
  started ??= begin();
  return started;
}

async function begin(): Promise<void> {
  const [kept, seen] = await Promise.all([
    read<Draft>('duties'),
    read<{ readonly at: number; readonly view: DutyView }>('duty-views'),
  ]);
  for (const one of seen) if (!views.has(one.view.id)) views.set(one.view.id, one);
  for (const one of kept) {
    // The page was closed while it went out: it is asked first whether it arrived.
    if (!drafts.has(one.occurrence))
      drafts.set(one.occurrence, one.state === 'sending' ? { ...one, state: 'waiting' } : one);
  }
  watch(drafts, () => void keepUnder('duties', JSON.stringify([...toRaw(drafts).values()])), { deep: true });
  watch([() => live.connection, () => currentSession.value?.user.user], sendThoseThatWait, { immediate: true });
  // Nothing of one person's is left to the next.
  watch(currentSession, (session) => {
    if (session === null) {
      drafts.clear();
      views.clear();
    }
  });
}

async function read<T>(name: 'duties' | 'duty-views'): Promise<readonly T[]> {
  try {
    return JSON.parse((await keptUnder<string>(name)) ?? '[]') as T[];
  } catch {
    return [];
  }
}
