import { matchPrecache, precacheAndRoute } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import { showPush, touched } from './notices.ts';
import { scope } from './scope.ts';

/**
 * The page without a connection: its files are kept, so that a telephone in the machine room opens what it saw last. With a
 * connection the service's own page comes first: nobody looks at an old one because it was kept.
 */

/** Filled in by the build (web/precache.ts). */
declare const __KEPT_FILES__: readonly { readonly url: string; readonly revision: string | null }[];

/** A weak connection is given this long before what was kept is shown. */
const PATIENCE_MS = 4000;
const OF_THE_SERVER = [/^\/api(\/|$)/, /^\/docs(\/|$)/, /^\/metrics$/, /^\/a\//, /\.\w+$/];

precacheAndRoute([...__KEPT_FILES__], { ignoreURLParametersMatching: [], directoryIndex: '', cleanURLs: false });
registerRoute(new NavigationRoute(({ request }) => openPage(request), { denylist: OF_THE_SERVER }));

async function openPage(request: Request): Promise<Response> {
  const fresh = fetch(request);
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE_MS));
  const answer = await Promise.race([fresh.catch(() => null), late]);
  if (answer !== null && answer.status < 500) return answer;
  const kept = await matchPrecache(URL.parse(request.url)?.pathname === '/wall' ? '/wall.html' : '/index.html');
  return kept ?? answer ?? fresh;
}

scope.addEventListener('push', showPush);
scope.addEventListener('notificationclick', touched);
