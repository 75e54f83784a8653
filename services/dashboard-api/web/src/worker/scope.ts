/** What a service worker is given, as far as it is used here: TypeScript's own library for it cannot stand beside that of pages. */

export interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
export interface PushMessage extends Lasting {
  readonly data: { json(): unknown } | null;
}
export interface NoticeTouched extends Lasting {
  readonly notification: Notification;
}
interface WindowClient {
  readonly url: string;
  focus(): Promise<WindowClient>;
  navigate(url: string): Promise<WindowClient | null>;
}
interface WorkerScope {
  readonly location: Location;
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    matchAll(options: { type: 'window'; includeUncontrolled: boolean }): Promise<readonly WindowClient[]>;
    openWindow(url: string): Promise<WindowClient | null>;
  };
  addEventListener(type: 'push', listener: (event: PushMessage) => void): void;
  addEventListener(type: 'notificationclick', listener: (event: NoticeTouched) => void): void;
}

export const scope = globalThis as unknown as WorkerScope;
