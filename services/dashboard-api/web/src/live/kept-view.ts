import { watch } from 'vue';
import type { LiveSnapshot, SessionView } from '#core/api.ts';
import { keepUnder, keptUnder } from './keep.ts';
import { currentSession, resumeSession } from './session.ts';
import { applyEvent, live, openIncidents } from './store.ts';

/**
 * The last that a signed-in person saw, kept here: opened without a connection, the page shows it as old as it is. Orders stay
 * possible, and wait (live/order-queue.ts).
 */

/** Written at most so often while things change, and when the page is put away. */
const EVERY_MS = 20_000;
/** A large room's figures are not worth a telephone's storage; what is open is. */
const MOST_READINGS = 5000;

interface KeptView {
  /** This device's clock. */
  readonly at: number;
  readonly user: string;
  readonly snapshot: LiveSnapshot;
}

let started = false;

export function startKeeping(): void {
  if (started) return;
  started = true;
  setInterval(() => void keepView(), EVERY_MS);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') void keepView();
  });
  watch(() => [live.loaded, ...openIncidents.value.map(({ id }) => id)], keepView, { immediate: true });
}

async function keepView(): Promise<void> {
  const session = currentSession.value;
  if (session === null || live.site === null || live.connection !== 'live') return;
  const kept: KeptView = { at: Date.now(), user: session.user.user, snapshot: snapshotOf(live.site) };
  // The session's proof stays in memory: it is asked for again with the connection.
  const who: SessionView = { ...session, csrf: '' };
  await Promise.all([keepUnder('view', JSON.stringify(kept)), keepUnder('who', JSON.stringify(who))]);
}

function snapshotOf(site: LiveSnapshot['site']): LiveSnapshot {
  const readings = [...live.readings.values()];
  return {
    site,
    devices: [...live.devices.values()],
    readings: readings.length > MOST_READINGS ? [] : readings,
    alerts: [...live.alerts.values()],
    open: [...live.incidents.values()],
    incidents: [...live.summaries.values()],
    deliveries: [...live.deliveries.values()],
    readiness: live.readiness,
    outages: live.outages,
    roomPlan: live.roomPlan,
    simulator: null,
  };
}

/** Shows what was kept, while nothing else has come; false: nothing was, or it is not this person's any more. */
export async function restoreView(): Promise<boolean> {
  const [view, who] = await Promise.all([read<KeptView>('view'), read<SessionView>('who')]);
  if (view === null || who === null || live.loaded || view.user !== who.user.user) return false;
  if (Date.parse(who.expiresAt) <= Date.now()) return false;
  resumeSession(who);
  const { snapshot, at } = view;
  const { clock } = snapshot.site;
  const now = new Date(Date.parse(clock.now) + (Date.now() - at) * clock.speed).toISOString();
  applyEvent('snapshot', JSON.stringify({ ...snapshot, site: { ...snapshot.site, clock: { ...clock, now } } }));
  live.connection = 'offline';
  live.offlineSince = at;
  return true;
}

async function read<T>(name: 'view' | 'who'): Promise<T | null> {
  const text = await keptUnder<string>(name);
  try {
    return text === null ? null : (JSON.parse(text) as T);
  } catch {
    return null;
  }
}
