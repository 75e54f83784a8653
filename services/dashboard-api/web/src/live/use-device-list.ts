import { computed, onBeforeUnmount, ref, shallowRef, toRaw, watch } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import type { DeviceAddressesResponse } from '#core/history-view.ts';
import {
  type DeviceLine,
  deviceLines,
  filterLines,
  type ListFilter,
  type ListState,
  STATES,
} from '../model/device-list.ts';
import { useWords } from '../words.ts';
import { get } from './api.ts';
import { bandAt } from './band-at.ts';
import { hasRole } from './session.ts';
import { live, openAlerts } from './store.ts';

/** The list of devices as its address says it, drawn up anew each second and not with each of a thousand devices' readings. */
const EVERY_MS = 1000;

export function useDeviceList() {
  const route = useRoute();
  const router = useRouter();
  const { t } = useWords();
  const text = (name: string): string => {
    const given = route.query[name];
    return typeof given === 'string' ? given : '';
  };
  const filter = computed<ListFilter>(() => ({
    words: text('q'),
    state: STATES.find((one): one is ListState => one === text('state')) ?? 'all',
    kind: text('kind'),
    room: text('room'),
  }));
  const show = (change: Partial<Record<'q' | 'state' | 'kind' | 'room', string>>): void => {
    const { q = text('q'), state = text('state'), kind = text('kind'), room = text('room') } = change;
    const given = { q, state: state === 'all' ? '' : state, kind, room };
    void router.replace({ query: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== '')) });
  };

  const lines = shallowRef<readonly DeviceLine[]>([]);
  const drawUp = (): void => {
    // Past Vue's proxies: they would cost more than all the rest.
    lines.value = deviceLines({
      devices: toRaw(live.devices).values(),
      readings: toRaw(live.readings).values(),
      alerts: openAlerts.value,
      bandAt,
    });
  };
  drawUp();
  const timer = setInterval(() => {
    if (!document.hidden) drawUp();
  }, EVERY_MS);
  onBeforeUnmount(() => clearInterval(timer));
  // What became wrong is not waited for.
  watch([openAlerts, () => live.devices.size], drawUp);

  const addresses = ref<Readonly<Record<string, string>>>({});
  if (hasRole('viewer')) {
    get<DeviceAddressesResponse>('/device-addresses')
      .then((answer) => {
        addresses.value = answer.addresses;
      })
      // The list is whole without them; only nobody finds a device by its address.
      .catch(() => undefined);
  }
  const found = computed(() =>
    filterLines(lines.value, filter.value, ({ id, kind, room }) =>
      [t(`kind.${kind}`), t(`devices.room.${room}`), addresses.value[id] ?? ''].join(' '),
    ),
  );
  const kinds = computed(() => [...new Set(lines.value.map(({ device }) => device.kind))]);
  const rooms = computed(() => [...new Set(lines.value.map(({ device }) => device.room))]);
  return { filter, show, lines, found, kinds, rooms, addresses };
}
