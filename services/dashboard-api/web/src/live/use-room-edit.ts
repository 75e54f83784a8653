import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue';
import {
  MOST_PICTURE_BYTES,
  PICTURE_TYPES,
  type PictureView,
  type RoomArrangement,
  type RoomPlanView,
} from '#core/room-layout.ts';
import { beginEdit, countChanges, doStep, putTogether, redo, same, undo } from '../model/room-edit.ts';
import { ApiProblem, call, get } from './api.ts';
import { currentSession } from './session.ts';
import { live } from './store.ts';

const whoIsHere = (): string | null => currentSession.value?.user.user ?? null;

/** What somebody had in hand when their session ended: theirs again when they have signed in again, nobody else's. */
let leftBehind: { readonly user: string; readonly base: RoomPlanView; readonly now: RoomArrangement } | null = null;

/** The plan in somebody's hands: their steps, saving over the version they looked at, and what happens when another was faster. */
export function useRoomEdit(say: (thrown: unknown, ofPicture: boolean) => string) {
  /** What was looked at when this began; saving names its version. */
  const base = shallowRef<RoomPlanView>(live.roomPlan);
  const edit = shallowRef(beginEdit(arrangementOf(live.roomPlan)));
  const busy = ref(false);
  const error = ref<string | null>(null);
  const savedAt = ref<number | null>(null);
  /** Saved by somebody else meanwhile, while here is something unsaved. */
  const theirs = shallowRef<RoomPlanView | null>(null);
  const sent = ref<readonly PictureView[]>([]);
  const owner = whoIsHere();
  if (leftBehind !== null && leftBehind.user === owner) {
    base.value = leftBehind.base;
    edit.value = doStep(beginEdit(arrangementOf(leftBehind.base)), leftBehind.now);
    leftBehind = null;
  }

  const now = computed(() => edit.value.now);
  const changes = computed(() => countChanges(arrangementOf(base.value), now.value));
  const changed = computed(() => changes.value > 0);
  const pictures = computed(() => [...base.value.pictures, ...sent.value]);

  const begin = (plan: RoomPlanView): void => {
    base.value = plan;
    edit.value = beginEdit(arrangementOf(plan));
    theirs.value = null;
  };
  const meet = (plan: RoomPlanView): void => {
    if (plan.version <= base.value.version) return;
    // Our own saving comes back over the stream as well.
    if (same(arrangementOf(plan), now.value)) base.value = plan;
    else if (!changed.value) begin(plan);
    else theirs.value = plan;
  };
  watch(() => live.roomPlan, meet, { immediate: true });
  // Whoever leaves of their own will was asked; whom the end of a session turns out was not.
  onScopeDispose(() => {
    if (changed.value && owner !== null && whoIsHere() !== owner)
      leftBehind = { user: owner, base: base.value, now: now.value };
  });

  async function save(): Promise<void> {
    busy.value = true;
    error.value = null;
    try {
      const headers = { 'if-match': `"room-plan-${base.value.version}"` };
      const plan = await call<RoomPlanView>('PUT', '/room-plan', now.value, { headers });
      // The stream tells of it too, before or after this answer.
      base.value = plan;
      theirs.value = null;
      savedAt.value = Date.now();
    } catch (thrown) {
      if (thrown instanceof ApiProblem && thrown.code === 'CONFLICT')
        await get<RoomPlanView>('/room-plan').then(meet, tell);
      else tell(thrown);
    } finally {
      busy.value = false;
    }
  }
  function tell(thrown: unknown): void {
    error.value = say(thrown, false);
  }

  /** Null when it was refused: `error` says why. */
  async function sendPicture(file: File): Promise<PictureView | null> {
    error.value = null;
    busy.value = true;
    try {
      if (!PICTURE_TYPES.some((type) => type === file.type)) throw new ApiProblem('BAD_REQUEST', 0, file.type);
      if (file.size > MOST_PICTURE_BYTES) throw new ApiProblem('TOO_LARGE', 0, '');
      const picture = await call<PictureView>('POST', '/room-plan/pictures', file);
      sent.value = [...sent.value, picture];
      return picture;
    } catch (thrown) {
      error.value = say(thrown, true);
      return null;
    } finally {
      busy.value = false;
    }
  }

  return {
    ...{ now, base, changed, changes, busy, error, savedAt, theirs, pictures, save, sendPicture },
    canUndo: computed(() => edit.value.past.length > 0),
    canRedo: computed(() => edit.value.future.length > 0),
    step(next: RoomArrangement, act: string | null = null): void {
      savedAt.value = null;
      edit.value = doStep(edit.value, next, act);
    },
    undo(): void {
      edit.value = undo(edit.value);
    },
    redo(): void {
      edit.value = redo(edit.value);
    },
    takeTheirs: () => theirs.value !== null && begin(theirs.value),
    /** My changes over theirs, as one step that can be undone; it still has to be saved. */
    putOver(): void {
      const other = theirs.value;
      if (other === null) return;
      const together = putTogether(arrangementOf(base.value), now.value, arrangementOf(other));
      base.value = other;
      theirs.value = null;
      edit.value = doStep(beginEdit(arrangementOf(other)), together);
    },
  };
}

const arrangementOf = ({ rooms, places }: RoomPlanView): RoomArrangement => ({ rooms, places });

export type RoomEdit = ReturnType<typeof useRoomEdit>;
