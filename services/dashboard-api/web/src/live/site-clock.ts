import { readonly, ref } from 'vue';

/**
 * The site's own time on this page: what the server said last, carried on by this machine's monotonic clock at the
 * site's speed. A browser's wrong wall clock changes nothing.
 */
let siteAt = Date.now();
let localAt = performance.now();
let speed = 1;
const tick = ref(siteAt);
const speedShown = ref(1);

/** The site's present time, epoch milliseconds; moves four times a second. */
export const siteNow = readonly(tick);
export const siteSpeed = readonly(speedShown);

const computeNow = (): number => siteAt + (performance.now() - localAt) * speed;

/** Takes the server's time; small differences are travel time and are left alone, so that count-downs do not jump. */
export function setSiteTime(serverNow: number, serverSpeed: number): void {
  const difference = serverNow - computeNow();
  if (serverSpeed === speed && Math.abs(difference) < 1000 * Math.max(1, speed)) return;
  siteAt = serverNow;
  localAt = performance.now();
  speed = serverSpeed;
  speedShown.value = serverSpeed;
  tick.value = serverNow;
}

/** Starts the ticking; returns the way to stop it. */
export function startSiteClock(): () => void {
  const timer = setInterval(() => {
    tick.value = computeNow();
  }, 250);
  return () => clearInterval(timer);
}
