import type { EntryView } from '#core/paperwork/register-view.ts';
import { call } from './api.ts';
import { pathOf } from './use-register.ts';

/** One after the other, so that a weak connection carries at least the first. Resolves with those that were not taken, and why. */
export async function sendPhotos(
  register: string,
  entry: string,
  photos: readonly Blob[],
  sent: (done: number) => void,
): Promise<{ readonly left: readonly Blob[]; readonly thrown: unknown }> {
  for (const [index, photo] of photos.entries()) {
    sent(index);
    try {
      await call<EntryView>('POST', pathOf(register, 'entries', entry, 'photos'), photo);
    } catch (thrown) {
      return { left: photos.slice(index), thrown };
    }
  }
  return { left: [], thrown: null };
}
