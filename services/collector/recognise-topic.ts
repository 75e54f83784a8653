import type { MqttPoint, Profile } from '#core/config/profile.ts';
import { resolveProfile } from '#core/config/resolve-profile.ts';
import { topicMatches } from '#core/topics.ts';
import { valueAt } from './payload.ts';

/** Which profiles a message's topic and keys point to. */
export interface TopicMatch {
  /** The device's name: what the last wildcard of the pattern covers. */
  readonly device: string;
  /** Points of all profiles that fit, the weightiest first. */
  readonly points: readonly MqttPoint[];
  readonly profiles: readonly Profile[];
}

export function recogniseTopic(name: string, payload: unknown, profiles: readonly Profile[]): TopicMatch | null {
  const fitting = profiles
    .flatMap((profile) =>
      profile.recognise.flatMap((how) => {
        if (!('topic' in how) || !topicMatches(how.topic, name)) return [];
        if (how.keys.length > 0 && !how.keys.some((key) => valueAt(payload, key) !== undefined)) return [];
        return [{ profile: resolveProfile(profile.id, profiles), how }];
      }),
    )
    .sort((a, b) => b.how.weight - a.how.weight);
  const [first] = fitting;
  if (first === undefined) return null;
  const resolved = fitting.flatMap(({ profile }) => (profile === null ? [] : [profile]));
  return {
    device: coveredBy(first.how.topic, name),
    points: resolved.flatMap((profile) => profile.mqtt.points),
    profiles: resolved,
  };
}

/** `coveredBy('zigbee2mqtt/#', 'zigbee2mqtt/rack/th-1')` is `rack/th-1`. */
export function coveredBy(filter: string, name: string): string {
  const parts = filter.split('/');
  const names = name.split('/');
  const hash = parts.indexOf('#');
  if (hash >= 0) return names.slice(hash).join('/');
  const plus = parts.lastIndexOf('+');
  return plus < 0 ? (names.at(-1) ?? name) : (names[plus] ?? name);
}
