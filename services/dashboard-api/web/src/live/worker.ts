/** The page's files are kept by a service worker (worker/sw.ts), where the browser has one: over HTTPS, and on this machine. */

export const canKeep = (): boolean => isSecureContext && 'serviceWorker' in navigator;

/** Nothing of the first seconds is taken for it. */
const AFTER_MS = 5000;

export function keepPageLater(): void {
  if (canKeep()) setTimeout(() => void keepPage().catch(() => undefined), AFTER_MS);
}

export const keepPage = (): Promise<ServiceWorkerRegistration> =>
  navigator.serviceWorker.register('/sw.js', { updateViaCache: 'none' });
