import type { Device } from '#core/config/device.ts';
import { definePoint } from '#core/points.ts';
import type { Reading } from '#core/reading.ts';

/**
 * Our room for Home Assistant: for each device one retained discovery configuration with its points as components, one state
 * topic with our own JSON, and availability of its own and of this service. Pure: what is to be published, never when.
 *
 * https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload
 */
export interface HomeAssistantNames {
  /** `homeassistant`, as Home Assistant's own setting says. */
  readonly prefix: string;
  readonly site: string;
  readonly language: 'zh' | 'en';
}

export interface HomeAssistantMessage {
  readonly topic: string;
  readonly payload: string;
}

/** A service that is killed says nothing any more: after so long its values are no values. States are told again each minute. */
const EXPIRES_AFTER_SECONDS = 300;

/** Whether this service speaks: its last word when it stops. */
export const serviceTopic = ({ site }: HomeAssistantNames): string => `zhishou/${site}/homeassistant/status`;
export const stateTopic = ({ site }: HomeAssistantNames, device: string): string =>
  `zhishou/${site}/homeassistant/${device}/state`;
export const configTopic = ({ prefix, site }: HomeAssistantNames, device: string): string =>
  `${prefix}/device/zhishou_${idSafely(site)}_${idSafely(device)}/config`;

/** The configuration of a device that has these points; the same points give the same bytes. */
export function discoveryMessage(
  names: HomeAssistantNames,
  device: Device,
  points: readonly string[],
): HomeAssistantMessage {
  const id = `zhishou_${idSafely(names.site)}_${idSafely(device.id)}`;
  const components = Object.fromEntries(
    [...points]
      .sort()
      .filter((point) => point !== 'device.responding')
      .flatMap((point) => {
        const component = componentOf(names, id, point);
        return component === null ? [] : [[idSafely(point), component]];
      }),
  );
  const payload = {
    device: {
      identifiers: [id],
      name: device.name[names.language],
      manufacturer: '值守 Zhishou',
      suggested_area: device.room,
    },
    origin: { name: 'zhishou' },
    state_topic: stateTopic(names, device.id),
    availability: [
      { topic: serviceTopic(names) },
      { topic: stateTopic(names, device.id), value_template: "{{ 'online' if value_json.responding else 'offline' }}" },
    ],
    availability_mode: 'all',
    components,
  };
  return { topic: configTopic(names, device.id), payload: JSON.stringify(payload) };
}

/** Home Assistant's class and unit for ours: it takes hPa and kWh from Pa and Wh itself. */
const CLASSES: readonly (readonly [pattern: RegExp, deviceClass: string, stateClass?: string])[] = [
  [/(^|\.)temperature$/, 'temperature', 'measurement'],
  [/^ambient\..*humidity$|\.humidity$/, 'humidity', 'measurement'],
  [/\.dewpoint$/, 'temperature', 'measurement'],
  [/^ambient\.(.*\.)?pressure$/, 'atmospheric_pressure', 'measurement'],
  [/\.illuminance$/, 'illuminance', 'measurement'],
  [/\.voltage$/, 'voltage', 'measurement'],
  [/\.current$/, 'current', 'measurement'],
  [/\.realpower$/, 'power', 'measurement'],
  [/^(ups|input|output)\.(.*\.)?power$/, 'apparent_power', 'measurement'],
  [/\.energy$/, 'energy', 'total_increasing'],
  [/\.frequency$/, 'frequency', 'measurement'],
  [/^sensor\.battery$|^battery\.charge$/, 'battery', 'measurement'],
  [/\.rssi$/, 'signal_strength', 'measurement'],
  [/\.runtime$/, 'duration', 'measurement'],
];
const BINARY_CLASSES: readonly (readonly [pattern: RegExp, deviceClass: string])[] = [
  [/leak$/, 'moisture'],
  [/smoke$/, 'smoke'],
  [/^room\.door$|\.open$/, 'door'],
  [/motion$/, 'motion'],
  [/tamper$/, 'tamper'],
  [/vibration$/, 'vibration'],
  [/battery\.low$/, 'battery'],
  [/reachable$/, 'connectivity'],
  [/(fault|alarm|panic)$/, 'problem'],
];

function componentOf(names: HomeAssistantNames, id: string, point: string): Record<string, unknown> | null {
  const definition = definePoint(point);
  if (definition === null) return null;
  const value = `value_json.points['${point}']`;
  const common = {
    name: definition.meaning[names.language],
    unique_id: `${id}_${idSafely(point)}`,
    expire_after: EXPIRES_AFTER_SECONDS,
    // What is stale, missing or implausible is not in the state: Home Assistant shows it as unknown, never as zero or dry.
    value_template: `{{ ${value} if '${point}' in value_json.points else none }}`,
  };
  if (definition.kind === 'boolean') {
    const deviceClass = BINARY_CLASSES.find(([pattern]) => pattern.test(point))?.[1];
    const template = `{{ ('ON' if ${value} else 'OFF') if '${point}' in value_json.points else none }}`;
    return {
      platform: 'binary_sensor',
      ...common,
      value_template: template,
      ...(deviceClass === undefined ? {} : { device_class: deviceClass }),
    };
  }
  if (definition.kind !== 'number') return { platform: 'sensor', ...common };
  const known = CLASSES.find(([pattern]) => pattern.test(point));
  return {
    platform: 'sensor',
    ...common,
    ...(definition.unit === '' ? {} : { unit_of_measurement: definition.unit }),
    ...(known === undefined ? {} : { device_class: known[1] }),
    state_class: known?.[2] ?? 'measurement',
  };
}

/** Only what may be believed: `{"responding": true, "at": "…", "points": {"ambient.temperature": 21.5}}`. */
export function stateMessage(
  names: HomeAssistantNames,
  device: string,
  readings: readonly Reading[],
  at: string,
): HomeAssistantMessage {
  const responding = readings.find(({ point }) => point === 'device.responding')?.value !== false;
  const points = Object.fromEntries(
    readings
      .filter(({ point, quality, value }) => quality === 'good' && value !== null && point !== 'device.responding')
      .map(({ point, value }) => [point, value]),
  );
  return { topic: stateTopic(names, device), payload: JSON.stringify({ responding, at, points }) };
}

/** Home Assistant's ids are letters, digits, `_` and `-`. */
const idSafely = (text: string): string => text.replaceAll(/[^A-Za-z0-9_-]/g, '_');
