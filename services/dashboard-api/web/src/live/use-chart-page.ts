import { computed, onBeforeUnmount, ref, shallowRef, watch } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import { definePoint } from '#core/points.ts';
import type { SeriesKey } from '#core/series.ts';
import { type ChartLink, keyOf, OVERLAY_MS, readLink, toQuery } from '../model/chart-link.ts';
import { clampView, isAtNow, lengthOfView, type View } from '../model/chart-view.ts';
import { siteNow } from './site-clock.ts';
import { live } from './store.ts';

/** What the chart page shows: its address says all of it, and whatever is changed is in the address a moment later. */
const WRITE_AFTER_MS = 250;

export function useChartPage(first: () => readonly SeriesKey[]) {
  const route = useRoute();
  const router = useRouter();
  const link = shallowRef<ChartLink>(readLink(route.query, siteNow.value));
  if (link.value.series.length === 0) link.value = { ...link.value, series: first() };
  const view = shallowRef<View>(viewOf(link.value));
  const written = ref('');
  let timer: ReturnType<typeof setTimeout> | undefined;

  function viewOf({ range }: ChartLink): View {
    return 'lengthMs' in range ? { from: siteNow.value - range.lengthMs, to: siteNow.value } : range;
  }
  const write = (): void => {
    const query = toQuery(link.value);
    written.value = JSON.stringify(query);
    void router.replace({ query });
  };
  function show(change: Partial<ChartLink>): void {
    link.value = { ...link.value, ...change };
    if (change.range !== undefined) view.value = viewOf(link.value);
    clearTimeout(timer);
    timer = setTimeout(write, WRITE_AFTER_MS);
  }
  /** From gestures and buttons: what ends at now goes on with now. */
  function showView(next: View): void {
    const clamped = clampView(next, siteNow.value);
    const isFollowing = isAtNow(clamped, siteNow.value) && clamped.to >= view.value.to;
    show({ range: isFollowing ? { lengthMs: lengthOfView(clamped) } : clamped });
    if (!isFollowing) view.value = clamped;
  }

  // A link to another comparison, or back: the address is what counts.
  watch(
    () => route.query,
    (query) => {
      if (route.name !== 'history' || JSON.stringify(query) === written.value) return;
      const next = readLink(query, siteNow.value);
      link.value = next.series.length === 0 ? { ...next, series: first() } : next;
      view.value = viewOf(link.value);
    },
  );
  const follows = computed(() => 'lengthMs' in link.value.range);
  /** A picture's worth at a time: at an hour every second, at a year seldom. */
  watch(siteNow, (now) => {
    const { range } = link.value;
    if (!('lengthMs' in range) || document.hidden) return;
    if (now - view.value.to >= Math.max(1000, range.lengthMs / 600))
      view.value = { from: now - range.lengthMs, to: now };
  });
  onBeforeUnmount(() => clearTimeout(timer));

  const series = computed(() => link.value.series);
  const isThere = ({ device, point }: SeriesKey): boolean => live.devices.has(device) && definePoint(point) !== null;
  const known = computed(() => series.value.filter(isThere));
  /** The same list as long as the same points are in it: a request is not made for nothing. */
  const asked = shallowRef<readonly SeriesKey[]>(known.value);
  watch(known, (now) => {
    if (now.map(keyOf).join(' ') !== asked.value.map(keyOf).join(' ')) asked.value = now;
  });
  return {
    link,
    view,
    asked,
    follows,
    missing: computed(() => series.value.filter((key) => !isThere(key))),
    overlayMs: computed(() => OVERLAY_MS[link.value.overlay]),
    show,
    showView,
  };
}
