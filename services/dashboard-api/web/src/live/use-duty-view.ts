import { onBeforeUnmount, type Ref, ref, shallowRef, watch } from 'vue';
import type { DutyView } from '#core/paperwork/duty-view.ts';
import { ApiProblem } from './api.ts';
import { getDuty, keepDutyView, keptDutyView, startDrafts } from './duty-drafts.ts';
import { live } from './store.ts';

/** How often a duty in hand is looked at anew: readings move, and a colleague may have done it. */
const EVERY_MS = 20_000;

/** What the service says of one duty, kept up while it is looked at; without a connection as it was seen last. `busy`: it is being sent. */
export function useDutyView(occurrence: () => string, busy: Readonly<Ref<boolean>>) {
  const view = shallowRef<DutyView | null>(null);
  const failure = ref<unknown>(null);
  /** What is shown was seen then, by this device's clock; null: it is of now. */
  const oldSince = ref<number | null>(null);
  /** When the service said what is shown, by this device's clock. */
  const seenAt = ref<number | null>(null);
  /** What is kept on this device has been read. */
  const kept = ref(false);
  let asked = 0;

  /** Of an answer that is newer than whatever was asked before it. */
  function take(answer: DutyView): void {
    asked++;
    [view.value, failure.value, oldSince.value, seenAt.value] = [answer, null, null, Date.now()];
    keepDutyView(answer);
  }
  async function load(): Promise<void> {
    const mine = ++asked;
    const id = occurrence();
    try {
      const answer = await getDuty(id);
      if (mine === asked) take(answer);
    } catch (thrown) {
      if (mine === asked) withoutAnswer(thrown, id);
    }
  }
  function withoutAnswer(thrown: unknown, id: string): void {
    const seen = keptDutyView(id);
    const unreached = thrown instanceof ApiProblem && (thrown.code === 'OFFLINE' || thrown.status >= 500);
    if (!unreached || seen === null) {
      failure.value = thrown;
      return;
    }
    view.value ??= seen.view;
    oldSince.value = seenAt.value = seen.at;
  }

  const timer = setInterval(() => {
    if (document.visibilityState === 'visible' && view.value?.doneBy == null && !busy.value) void load();
  }, EVERY_MS);
  const onVisible = (): void => void (document.visibilityState === 'visible' && !busy.value && load());
  document.addEventListener('visibilitychange', onVisible);
  onBeforeUnmount(() => {
    asked++;
    clearInterval(timer);
    document.removeEventListener('visibilitychange', onVisible);
  });
  void startDrafts().then(() => {
    kept.value = true;
    // Looked for at once, it may have come only now.
    if (failure.value !== null) withoutAnswer(failure.value, occurrence());
  });
  watch(
    occurrence,
    () => {
      view.value = null;
      failure.value = null;
      void load();
    },
    { immediate: true },
  );
  watch([() => live.connection, () => live.dutiesChangedAt], ([now]) => void (now === 'live' && !busy.value && load()));

  return { view, failure, oldSince, seenAt, kept, load, take };
}
