import type { PushNotice } from '#core/push.ts';
import { type NoticeTouched, type PushMessage, scope } from './scope.ts';

/** What a push message shows, and where a touch on it leads. */

export function showPush(event: PushMessage): void {
  event.waitUntil(show(noticeOf(event)));
}

function show({ title, body, tag, path, urgent, again }: PushNotice): Promise<void> {
  const options = {
    body,
    tag,
    renotify: again,
    requireInteraction: urgent,
    icon: '/icon-192.png',
    badge: '/badge.png',
  };
  return scope.registration.showNotification(title, { ...options, data: { path } } as NotificationOptions);
}

/** A browser takes a leave away that is used without showing anything: what cannot be read is shown as well. */
function noticeOf({ data }: PushMessage): PushNotice {
  const unread: PushNotice = { title: '值守 Zhishou', body: '', tag: 'zhishou', path: '/', urgent: false, again: true };
  try {
    return { ...unread, ...(data?.json() as Partial<PushNotice>) };
  } catch {
    return unread;
  }
}

export function touched(event: NoticeTouched): void {
  event.notification.close();
  event.waitUntil(open(pathOf(event.notification.data)));
}

/** Of this site alone, whatever the message said. */
function pathOf(data: unknown): string {
  const path = (data as { path?: unknown } | null)?.path;
  const url = typeof path === 'string' ? URL.parse(path, scope.location.origin) : null;
  return url === null || url.origin !== scope.location.origin ? '/' : url.pathname;
}

async function open(path: string): Promise<void> {
  const [window] = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (window === undefined) {
    await scope.clients.openWindow(path);
    return;
  }
  await window.focus();
  await window.navigate(path).catch(() => scope.clients.openWindow(path));
}
