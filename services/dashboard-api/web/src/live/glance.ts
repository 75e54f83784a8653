import { computed } from 'vue';
import { worstOf } from '../model/severity.ts';
import { cutOff } from './doubt.ts';
import { OF_THE_PAST, troubles } from './health.ts';
import { siteNow } from './site-clock.ts';
import { live, openAlerts } from './store.ts';

/** The one glance: is all well, or what is not? Not knowing is never "well". For the overview and the wall alike. */
export type Glance = 'wrong' | 'unwatched' | 'blind' | 'partly' | 'waiting' | 'well';

/** Readings come every few seconds; so long without any is not knowing. */
const OLD_AFTER_S = 120;

export const worst = computed(() => worstOf(openAlerts.value));
export const silent = computed(() =>
  [...live.devices.values()].filter(
    ({ state, source }) => source !== 'none' && (state === 'silent' || state === 'refusing'),
  ),
);
/** Started a moment ago: nothing is wrong, but not everything is known. */
export const waiting = computed(() =>
  [...live.devices.values()].filter(
    // What speaks a few times a day (a panic button) is not waited for.
    ({ state, source, intervalS }) =>
      source !== 'none' && intervalS < 3600 && (state === 'starting' || state === 'unknown'),
  ),
);
const newest = computed(() => {
  let at = 0;
  for (const { receivedAt } of live.readings.values()) at = Math.max(at, Date.parse(receivedAt));
  return at;
});
/** Of the newest reading, in the site's seconds. */
export const dataAge = computed(() => Math.max(0, (siteNow.value - newest.value) / 1000));
export const measured = computed(() => [...live.devices.values()].filter(({ source }) => source !== 'none').length);
export const isOld = computed(() => newest.value === 0 || dataAge.value > OLD_AFTER_S);
/** Nobody decides, or nobody looks: whatever the values say, it is not well. */
const unwatched = computed(() => troubles.value.some((trouble) => !OF_THE_PAST.includes(trouble)));

export const glance = computed<Glance>(() => {
  if (worst.value !== null) return 'wrong';
  if (unwatched.value) return 'unwatched';
  if (cutOff.value !== null || isOld.value) return 'blind';
  if (silent.value.length > 0) return 'partly';
  return waiting.value.length > 0 ? 'waiting' : 'well';
});
