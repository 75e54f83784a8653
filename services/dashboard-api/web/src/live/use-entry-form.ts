import { nextTick, ref, shallowRef } from 'vue';
import type { FieldValues, SignatureGiven } from '#core/paperwork/register-view.ts';
import { type AskedField, type TypedValues, valuesOf, type Wrong, wrongsOf } from '../model/register-form.ts';
import { useWords } from '../words.ts';
import { ApiProblem } from './api.ts';

const VALUES = 'values.';

/** What a form of a register holds and how it is sent; what is wrong stands beside its field, in the service's words where it said so. */
export function useEntryForm(asked: () => readonly AskedField[]) {
  const { t, tx, place, problem } = useWords();
  const typed = ref<TypedValues>({});
  const photos = shallowRef<readonly Blob[]>([]);
  const signature = ref<SignatureGiven | null>(null);
  const wrongs = ref<Readonly<Record<string, string>>>({});
  const failure = ref<string | null>(null);
  /** Why it was not sent, where the form has to say more than the failure's words. */
  const lost = ref<'offline' | 'signed-out' | 'changed' | null>(null);
  const busy = ref(false);

  const say = ({ why, limit }: Wrong): string => t(`registers.wrong.${why}`, { limit: limit ?? 0 });

  async function showWrongs(found: Readonly<Record<string, string>>): Promise<void> {
    wrongs.value = found;
    await nextTick();
    const first = asked().find(({ field }) => found[field.id] !== undefined)?.field.id;
    const place = first === undefined ? null : document.querySelector(`[data-field="${CSS.escape(first)}"]`);
    place?.querySelector<HTMLElement>('input, select, textarea, [tabindex]')?.focus();
  }

  /** True: it may be sent. `signed`: a signature is asked for. */
  async function check(signed: boolean): Promise<boolean> {
    const found: Record<string, string> = {};
    for (const [id, wrong] of Object.entries(wrongsOf(asked(), typed.value, place.value.timeZone)))
      found[id] = say(wrong);
    for (const { field, required } of asked()) {
      if (field.kind === 'file-photos' && required && photos.value.length === 0)
        found[field.id] = t('registers.wrong.photo');
    }
    if (signed && signature.value === null) found.signature = t('registers.wrong.signature');
    failure.value = null;
    lost.value = null;
    await showWrongs(found);
    return Object.keys(found).length === 0;
  }

  async function refused(thrown: unknown): Promise<void> {
    if (!(thrown instanceof ApiProblem)) {
      failure.value = problem(thrown);
      return;
    }
    if (thrown.code === 'OFFLINE') lost.value = 'offline';
    else if (thrown.code === 'NOT_SIGNED_IN') lost.value = 'signed-out';
    else if (thrown.code === 'CHANGED_MEANWHILE') lost.value = 'changed';
    const known = new Set([...asked().map(({ field }) => field.id), 'signature']);
    const found: Record<string, string> = {};
    for (const { path, message, text } of thrown.issues) {
      const id = path.startsWith(VALUES) ? path.slice(VALUES.length) : (path.split('.')[0] ?? path);
      if (known.has(id)) found[id] = text === undefined ? message : tx(text);
    }
    if (thrown.code === 'WRONG_CREDENTIALS') found.signature = t('registers.sign.wrong');
    const beside = Object.keys(found).length > 0;
    failure.value = beside ? t('registers.wrong.some') : problem(thrown);
    await showWrongs(found);
  }

  /** Null: it was not taken. */
  async function send<T>(
    work: (values: FieldValues, signature: SignatureGiven | null) => Promise<T>,
  ): Promise<T | null> {
    if (busy.value) return null;
    busy.value = true;
    try {
      return await work(valuesOf(asked(), typed.value, place.value.timeZone), signature.value);
    } catch (thrown) {
      await refused(thrown);
      return null;
    } finally {
      busy.value = false;
    }
  }

  function reset(values: TypedValues): void {
    typed.value = values;
    photos.value = [];
    signature.value = null;
    wrongs.value = {};
    failure.value = null;
    lost.value = null;
  }

  return { typed, photos, signature, wrongs, failure, lost, busy, check, send, reset };
}

export type EntryForm = ReturnType<typeof useEntryForm>;
