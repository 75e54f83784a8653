import { computed } from 'vue';
import type { Severity } from '#core/config/rule.ts';
import { definePoint } from '#core/points.ts';
import { placeOf, ROOMS, type RoomId } from '#core/room-layout.ts';
import { abnormality, type Band } from '../model/bands.ts';
import { type Probe, scaleOf, strainOf } from '../model/heat-field.ts';
import { detects, type Placed, placedIn } from '../model/room-plan.ts';
import { worstOf } from '../model/severity.ts';
import type { Words } from '../words.ts';
import { bandAt } from './band-at.ts';
import { live, openAlerts, readingOf } from './store.ts';

/** What the marks of a room's plan say now. */

/** What can be laid over a room as a field. */
export const FIELD_POINTS = ['ambient.temperature', 'ambient.humidity', 'ambient.dewpoint'] as const;
export type FieldPointName = (typeof FIELD_POINTS)[number];

export interface MarkState {
  /** Climate: the value; detectors: what is found, else what it is. */
  readonly text: string;
  readonly unit: string;
  /** Climate: the second line. */
  readonly second: string;
  readonly severity: Severity | null;
  /** Stale, missing, silent, or we are offline. */
  readonly doubtful: boolean;
  /** A detector that finds something which alarms nobody: an open door. */
  readonly found: boolean;
  /** The whole for those who listen. */
  readonly spoken: string;
}

const worstByDevice = computed(() => {
  const alerts = Map.groupBy(openAlerts.value, ({ device }) => device);
  return new Map([...alerts].map(([device, list]) => [device, worstOf(list)]));
});
const severer = (a: Severity | null, b: Severity | null): Severity | null =>
  (['high', 'medium', 'low'] as const).find((one) => one === a || one === b) ?? null;

export function markState(item: Placed, point: FieldPointName, words: Words): MarkState {
  if (item.shape === 'climate') return climateState(item, point, words);
  if (item.shape === 'detector') return detectorState(item, words);
  const { t, tx, device } = words;
  const severity = worstByDevice.value.get(item.id) ?? null;
  const state = live.devices.get(item.id)?.state ?? 'unknown';
  const doubtful = state === 'silent' || state === 'refusing' || live.connection === 'offline';
  const said = [device(item.id), ...(doubtful ? [t(`deviceState.${state}`)] : []), ...severitySaid(severity, words)];
  return {
    text: tx(item.short),
    unit: '',
    second: '',
    severity,
    doubtful,
    found: false,
    spoken: said.join(t('list.comma')),
  };
}

const severitySaid = (severity: Severity | null, { t }: Words): string[] =>
  severity === null ? [] : [t('roomPlan.alerting', { severity: t(`severity.${severity}`) })];

function climateState(item: Placed, point: FieldPointName, words: Words): MarkState {
  const { t, device, value } = words;
  const first = readingOf(item.id, point);
  const other = point === 'ambient.temperature' ? 'ambient.humidity' : 'ambient.temperature';
  const beside = readingOf(item.id, other);
  const band = bandAt(item.id, point);
  const doubtful = first === null || first.quality !== 'good' || live.connection === 'offline';
  const abnormal = doubtful || band === null || typeof first.value !== 'number' ? null : abnormality(first.value, band);
  const written = value(point, first?.value ?? null);
  const second = value(other, beside?.value ?? null);
  const severity = severer(abnormal, worstByDevice.value.get(item.id) ?? null);
  const said = [
    device(item.id),
    `${written.text} ${written.unit}`,
    ...(doubtful ? [t('quality.short')] : abnormal === null ? [] : [t(`abnormal.${abnormal}`)]),
    `${second.text} ${second.unit}`,
  ];
  return {
    ...written,
    second: `${second.text} ${second.unit}`,
    ...{ severity, doubtful, found: false, spoken: said.join(t('list.comma')) },
  };
}

function detectorState(item: Placed, words: Words): MarkState {
  const { t, device, value } = words;
  const point = item.detects ?? '';
  const reading = readingOf(item.id, point);
  const doubtful = reading === null || reading.quality !== 'good' || live.connection === 'offline';
  const found = !doubtful && reading.value === true;
  // Smoke and water are wrong by themselves; a door or a person only when a rule says so.
  const own = found && (point === 'room.smoke' || point === 'room.leak') ? 'high' : null;
  const name = t(`detector.${point.replace('room.', '')}`);
  const word = value(point, reading?.value ?? null).text;
  const text = doubtful ? `${name} ?` : found ? (point === 'room.door' ? `${name} ${word}` : word) : name;
  const alerting = worstByDevice.value.get(item.id) ?? null;
  const severity = severer(own, alerting);
  const spoken = [device(item.id), doubtful ? t('quality.short') : word, ...severitySaid(alerting, words)];
  return { text, unit: '', second: '', severity, doubtful, found, spoken: spoken.join(t('list.comma')) };
}

export interface RoomField {
  readonly point: FieldPointName;
  readonly probes: readonly Probe[];
  readonly scale: readonly [number, number];
  readonly unit: string;
}

/** What the room's own sensors measure, good values alone; null: nobody measures it here now. */
export function fieldOf(room: RoomId, point: FieldPointName): RoomField | null {
  if (live.connection === 'offline') return null;
  const bands: Band[] = [];
  const probes = placedIn([...live.devices.values()], room, live.roomPlan).flatMap(([device, { x, y }]): Probe[] => {
    const reading = device.kind === 'sensor' && detects(device) === null ? readingOf(device.id, point) : null;
    const band = bandAt(device.id, point);
    if (reading === null || reading.quality !== 'good' || typeof reading.value !== 'number' || band === null) return [];
    bands.push(band);
    return [{ x, y, value: reading.value, strain: strainOf(reading.value, band) }];
  });
  const scale = scaleOf(bands);
  return scale === null ? null : { point, probes, scale, unit: definePoint(point)?.unit ?? '' };
}

/** Of these the room's sensors tell something. */
export const measuredIn = (room: RoomId): readonly FieldPointName[] =>
  FIELD_POINTS.filter((point) =>
    [...live.devices.values()].some((device) => device.room === room && readingOf(device.id, point) !== null),
  );

/** Rooms that have something on their plan; the core room always. */
export const roomsShown = computed<readonly RoomId[]>(() =>
  ROOMS.filter(
    (room) =>
      room === 'core' ||
      live.roomPlan.rooms[room].walls.length > 0 ||
      live.roomPlan.rooms[room].picture !== null ||
      [...live.devices.values()].some(
        (device) => device.room === room && placeOf(device, live.roomPlan.places) !== null,
      ),
  ),
);
