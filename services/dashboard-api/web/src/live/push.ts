import { ref } from 'vue';
import type { PushBrowserView, PushResponse } from '#core/push.ts';
import { call, get } from './api.ts';
import { currentSession } from './session.ts';
import { canKeep, keepPage } from './worker.ts';

/** Messages to this browser while the page is closed (Web Push). */

export const canPush = (): boolean => canKeep() && 'PushManager' in window && 'Notification' in window;

/** Null: not asked yet. */
export const pushState = ref<PushResponse | null>(null);
/** The subscription of this browser, as the service knows it. */
export const ownBrowser = ref<string | null>(null);

const KEY = 'zhishou.push';

export async function loadPush(): Promise<void> {
  if (currentSession.value === null) return;
  pushState.value = await get<PushResponse>('/push');
  const kept = localStorage.getItem(KEY);
  ownBrowser.value = pushState.value.browsers.find(({ id }) => id === kept)?.id ?? null;
}

/** False: the person or the browser said no. */
export async function subscribe(): Promise<boolean> {
  const key = pushState.value?.publicKey ?? null;
  if (key === null || (await Notification.requestPermission()) !== 'granted') return false;
  await keepPage();
  const { pushManager } = await navigator.serviceWorker.ready;
  // Of another key is of another installation, or of one that was set up anew.
  await (await pushManager.getSubscription())?.unsubscribe();
  const made = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const { endpoint, keys } = made.toJSON();
  const name = nameOf(navigator.userAgent);
  const browser = await call<PushBrowserView>('POST', '/push', {
    ...{ endpoint, name },
    keys: { p256dh: keys?.p256dh, auth: keys?.auth },
  });
  localStorage.setItem(KEY, browser.id);
  await loadPush();
  return true;
}

export async function unsubscribe(id: string): Promise<void> {
  await call('DELETE', `/push/${encodeURIComponent(id)}`);
  if (id === ownBrowser.value) {
    localStorage.removeItem(KEY);
    const worker = await navigator.serviceWorker.getRegistration();
    await (await worker?.pushManager.getSubscription())?.unsubscribe();
  }
  await loadPush();
}

const BROWSERS = [
  [/Edg/, 'Edge'],
  [/Firefox/, 'Firefox'],
  [/Chrom/, 'Chrome'],
  [/Safari/, 'Safari'],
] as const;
const MACHINES = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS/, 'macOS'],
  [/Linux/, 'Linux'],
] as const;

/** `Chrome · Android`: what a person tells their own devices apart by. */
export function nameOf(agent: string): string {
  const first = (list: readonly (readonly [RegExp, string])[]): string | undefined =>
    list.find(([pattern]) => pattern.test(agent))?.[1];
  return [first(BROWSERS), first(MACHINES)].filter((part) => part !== undefined).join(' · ') || 'Web';
}
