import { onBeforeUnmount, onMounted, ref, watch } from 'vue';
import { live, openIncidents } from './store.ts';

/** What a screen needs that nobody touches: it stays awake, takes a new version by itself, and shows no pointer. */

const LOOK_MS = 5 * 60_000;
const POINTER_MS = 3000;
/** A page that runs for weeks begins anew once a day, when all is calm. */
const LONGEST_MS = 24 * 3_600_000;
/** Should the served page be another one each time, it is not reloaded in circles. */
const RELOAD_GAP_MS = 10 * 60_000;
const KEY = 'zhishou.wall.reloaded';

/** Reloads unless that was done a moment ago. */
export function reload(gapMs = RELOAD_GAP_MS): void {
  try {
    const last = Number(sessionStorage.getItem(KEY) ?? 0);
    if (Date.now() - last < gapMs && Date.now() >= last) return;
    sessionStorage.setItem(KEY, String(Date.now()));
  } catch {
    // Without storage the gap cannot be kept: better an old page than a circle.
    return;
  }
  location.reload();
}

const scriptsOf = (html: string): string =>
  [...html.matchAll(/<script[^>]+src="([^"]+)"/g)]
    .map(([, source = '']) => source)
    .sort()
    .join();
const ownScripts = (): string =>
  [...document.querySelectorAll('script[src]')]
    .map((script) => script.getAttribute('src') ?? '')
    .sort()
    .join();

async function takeNewVersion(): Promise<void> {
  try {
    const response = await fetch('/wall', { cache: 'no-store', headers: { accept: 'text/html' } });
    const served = response.ok ? scriptsOf(await response.text()) : '';
    const isNew = served !== '' && served !== ownScripts();
    if (isNew || (performance.now() > LONGEST_MS && openIncidents.value.length === 0)) reload();
  } catch {
    // Cut off: the next look is soon enough.
  }
}

async function stayAwake(): Promise<void> {
  try {
    await navigator.wakeLock?.request('screen');
  } catch {
    // Only over HTTPS or on the machine itself, and not when the battery is low.
  }
}

/** For the wall's page. Returns whether the pointer shows. */
export function useKiosk(): { readonly pointer: Readonly<{ value: boolean }> } {
  const pointer = ref(false);
  let hiding: ReturnType<typeof setTimeout> | undefined;
  let looking: ReturnType<typeof setInterval> | undefined;
  const onMove = (): void => {
    pointer.value = true;
    clearTimeout(hiding);
    hiding = setTimeout(() => {
      pointer.value = false;
    }, POINTER_MS);
  };
  const onVisible = (): void => {
    if (document.visibilityState === 'visible') void stayAwake();
  };
  onMounted(() => {
    void stayAwake();
    looking = setInterval(() => void takeNewVersion(), LOOK_MS);
    document.addEventListener('visibilitychange', onVisible);
    document.addEventListener('mousemove', onMove);
  });
  // A service that was away may have come back as another version.
  let wasAway = false;
  watch(
    () => live.connection,
    (now) => {
      if (now === 'offline') wasAway = true;
      else if (now === 'live' && wasAway) {
        wasAway = false;
        void takeNewVersion();
      }
    },
  );
  onBeforeUnmount(() => {
    clearTimeout(hiding);
    clearInterval(looking);
    document.removeEventListener('visibilitychange', onVisible);
    document.removeEventListener('mousemove', onMove);
  });
  return { pointer };
}
