import { computed, ref, shallowRef, watch } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import type { EntryView, NewEntry, RegisterView } from '#core/paperwork/register-view.ts';
import {
  askedAtStart,
  presetOf,
  type TypedValues,
  typedOf,
  unseenPresets,
  valueToSend,
} from '../model/register-form.ts';
import { useWords } from '../words.ts';
import { call, pressKey } from './api.ts';
import { type DraftName, draftUnder, forgetDraft, keepDraft, keepPhotos, keptPhotos } from './entry-draft.ts';
import { sendPhotos } from './send-photos.ts';
import { currentSession } from './session.ts';
import { useEntryForm } from './use-entry-form.ts';
import { usePresets } from './use-presets.ts';
import { pathOf } from './use-register.ts';

/** An entry being written: filled in beforehand, kept as a draft while it is typed, sent once, its photos after it. */
export function useNewEntry(register: () => RegisterView | null, quick: () => boolean) {
  const { place, problem } = useWords();
  const route = useRoute();
  const router = useRouter();
  const presets = usePresets();
  const asked = computed(() => {
    const one = register();
    return one === null ? [] : askedAtStart(one, quick());
  });
  const form = useEntryForm(() => asked.value);
  const key = ref('');
  /** When the draft that stands here was typed; null: it is a fresh form. */
  const restored = ref<number | null>(null);
  const kept = ref(false);
  let fresh = '';
  /** The entry is taken; these photos are not yet. */
  const waiting = shallowRef<{ entry: string; left: readonly Blob[]; why: string } | null>(null);
  const sent = ref(0);

  const name = computed((): DraftName | null => {
    const [user, one] = [currentSession.value?.user.user, register()];
    return user === undefined || one === null ? null : { user, form: `${one.id}.${quick() ? 'quick' : 'new'}` };
  });
  const presetValues = (): TypedValues =>
    Object.fromEntries(
      asked.value.map(({ field }) => {
        // A device's page leads here with itself filled in: `?device=ups-1`.
        const given = route.query[field.id];
        const value =
          typeof given === 'string' ? typedOf(field, given, place.value.timeZone) : presetOf(field, presets());
        return [field.id, value] as const;
      }),
    );

  function startAfresh(): void {
    if (name.value !== null) forgetDraft(name.value);
    const values = presetValues();
    fresh = JSON.stringify(values);
    key.value = pressKey();
    restored.value = null;
    kept.value = false;
    form.reset(values);
  }

  async function startFrom(now: DraftName | null): Promise<void> {
    // Signed out while it was typed: what stands there stays.
    if (now === null && kept.value) return;
    const draft = now === null ? null : draftUnder(now, Date.now());
    if (now === null || draft === null) {
      startAfresh();
      return;
    }
    const values = presetValues();
    fresh = JSON.stringify(values);
    key.value = draft.key;
    restored.value = draft.at;
    kept.value = true;
    form.reset({ ...values, ...draft.typed });
    form.photos.value = await keptPhotos(now);
  }
  // The same person's session told once more is no other form.
  watch(
    () => (name.value === null ? null : `${name.value.user}/${name.value.form}`),
    () => void startFrom(name.value),
    { immediate: true },
  );

  watch(form.typed, (typed) => {
    if (name.value === null || JSON.stringify(typed) === fresh) return;
    kept.value = keepDraft(name.value, { key: key.value, typed }, Date.now());
  });
  watch(form.photos, (photos) => {
    if (name.value !== null) void keepPhotos(name.value, photos);
  });

  async function upload(entry: string, photos: readonly Blob[]): Promise<boolean> {
    form.busy.value = true;
    const { left, thrown } = await sendPhotos(register()?.id ?? '', entry, photos, (done) => {
      sent.value = done;
    });
    form.busy.value = false;
    waiting.value = left.length === 0 ? null : { entry, left, why: problem(thrown) };
    return left.length === 0;
  }

  /** The new entry, once all of it is there. */
  async function submit(): Promise<string | null> {
    const one = register();
    if (one === null || !(await form.check(one.signature !== null))) return null;
    const taken = await form.send((values, signature) => {
      const unseen = quick() ? unseenPresets(one, presets()) : {};
      const along = one.fields
        .filter(({ id }) => unseen[id] !== undefined)
        .map((field) => [field.id, valueToSend(field, unseen[field.id], place.value.timeZone)] as const);
      const body: NewEntry = {
        values: withoutEmpty({ ...Object.fromEntries(along), ...values }),
        ...(signature === null ? {} : { signature }),
      };
      return call<EntryView>('POST', pathOf(one.id, 'entries'), body, { headers: { 'idempotency-key': key.value } });
    });
    if (taken === null) return null;
    const photos = form.photos.value;
    if (name.value !== null) forgetDraft(name.value);
    kept.value = false;
    if (photos.length > 0 && !(await upload(taken.id, photos))) return null;
    return taken.id;
  }

  async function again(): Promise<void> {
    const rest = waiting.value;
    const one = register();
    if (rest !== null && one !== null && (await upload(rest.entry, rest.left))) await show(rest.entry);
  }
  const show = (entry: string) =>
    router.replace({ name: 'entry', params: { id: register()?.id ?? '', entry }, query: { added: '1' } });

  return { asked, form, restored, kept, waiting, sent, submit, again, show, startAfresh };
}

const withoutEmpty = (values: NewEntry['values']): NewEntry['values'] =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));

export type NewEntryForm = ReturnType<typeof useNewEntry>;
