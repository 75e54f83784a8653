import { computed } from 'vue';
import { siteNow } from './site-clock.ts';
import { live } from './store.ts';

/** A short break is not told. */
const GRACE_MS = 4000;

/** Cut off since when (this machine's clock, epoch milliseconds) and for how long; null: connected, or for a moment only. */
export const cutOff = computed(() => {
  // The site's ticking makes this look again; the break itself is measured on this machine's clock.
  void siteNow.value;
  if (live.connection !== 'offline' || live.offlineSince === null) return null;
  const forMs = Date.now() - live.offlineSince;
  return forMs < GRACE_MS ? null : { since: live.offlineSince, forS: forMs / 1000 };
});
