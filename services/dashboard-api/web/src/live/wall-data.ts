import { readonly, shallowRef, watch } from 'vue';
import type { WallResponse } from '#core/wall-view.ts';
import { get } from './api.ts';
import { live } from './store.ts';

/** What the wall shows beside the stream: asked every few minutes, when the connection is back and when the rota has changed. */

const EVERY_MS = 5 * 60_000;
const AGAIN_MS = 30_000;
const answer = shallowRef<WallResponse | null>(null);
export const wallData = readonly(answer);

/** Returns the way to stop it. */
export function watchWallData(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const ask = async (): Promise<void> => {
    clearTimeout(timer);
    let next = EVERY_MS;
    try {
      answer.value = await get<WallResponse>('/wall');
    } catch {
      // What was known stands; the wall says by itself when it is cut off.
      next = AGAIN_MS;
    }
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(() => void ask(), next);
  };
  const stop = watch(
    [
      () => live.connection === 'live',
      () => live.rotaChangedAt,
      () => live.dutiesChangedAt,
      () => live.site?.duty?.person,
    ],
    ([connected]) => {
      if (connected) void ask();
    },
    { immediate: true },
  );
  return () => {
    stopped = true;
    stop();
    clearTimeout(timer);
  };
}
