import type { Device, DeviceSource } from '#core/config/device.ts';
import { intervalOf, POLLED } from '#core/config/device.ts';
import { deviceAddress, mqttTopics } from '#core/config/device-address.ts';
import { type DiagnosedMessage, type DiagnosedPoint, type Diagnosis, MOST_MESSAGES_TOLD } from '#core/diagnosis.ts';
import { ZhishouError } from '#core/errors.ts';
import { type BusMessage, type Clock, type Stop, sleep } from '#core/ports.ts';
import { MOST_SURVEY_POINTS } from '#core/survey.ts';
import { milliseconds, minutes, toIso } from '#core/time.ts';
import { type Blacken, blackenSecretsOf } from './blacken.ts';
import { createPointReader, parsePayload, valueAt } from './payload.ts';
import { toProbePoint } from './probe-result.ts';
import { profileSources } from './profile-sources.ts';
import type { CollectorDependencies, DeviceJobs } from './seams.ts';
import type { PointValue } from './snmp-plan.ts';

/**
 * A configured device looked at closely: asked once more at once, then watched as it is polled anyway, in its own turns on its own line;
 * a second conversation beside would disturb it.
 */
export interface DiagnoseParts {
  readonly deps: CollectorDependencies;
  /** Real time: somebody looks on. */
  readonly wall: Clock;
  readonly stopped: () => boolean;
  readonly tell: (diagnosis: Diagnosis) => void;
}

const LOOKED_AT_FOR = minutes(2);
/** Told no oftener; a trap may make it be polled twice a second. */
const TOLD_EVERY = milliseconds(1000);
const LONGEST_TEXT = 2000;

export async function diagnose(target: DeviceJobs | undefined, id: string, parts: DiagnoseParts): Promise<void> {
  const { deps, wall, stopped, tell } = parts;
  if (target === undefined) throw new ZhishouError('NOT_FOUND', id, 'it is not read here');
  const blacken = blackenSecretsOf(connectionsOf(target.device));
  const messages: DiagnosedMessage[] = [];
  const heardPoints = createHeardPoints(target);
  let isNews = true;
  const stops: Stop[] = [];
  const stopHearing = target.trace?.onPoll(() => {
    isNews = true;
  });
  for (const topic of mqttTopics(target.device)) {
    const heard = (message: BusMessage): void => {
      messages.unshift(asMessage(message, deps.clock, blacken));
      heardPoints.take(message);
      messages.length = Math.min(messages.length, MOST_MESSAGES_TOLD);
      isNews = true;
    };
    stops.push(await deps.bus.subscribe(topic, heard));
  }
  try {
    for (const job of target.jobs) job.soon('command');
    const until = wall.monotonic() + LOOKED_AT_FOR;
    while (!stopped() && wall.monotonic() < until) {
      if (isNews) tell(diagnosisOf(target, { messages, heard: heardPoints.values() }, blacken));
      isNews = false;
      await sleep(wall, TOLD_EVERY);
    }
  } finally {
    stopHearing?.();
    for (const stop of stops) await stop();
  }
}

function diagnosisOf(
  target: DeviceJobs,
  { messages, heard }: { readonly messages: readonly DiagnosedMessage[]; readonly heard: readonly PointValue[] },
  blacken: Blacken,
): Diagnosis {
  const { device, trace } = target;
  const profile = target.profile();
  const sources = profileSources(profile);
  const labels = target.labels?.() ?? {};
  const points = (trace?.values() ?? heard).slice(0, MOST_SURVEY_POINTS).map((value): DiagnosedPoint => {
    const { raw, reason, ...point } = toProbePoint(value, labels[value.point]);
    return {
      ...point,
      raw: typeof raw === 'string' ? blacken(raw.slice(0, LONGEST_TEXT)) : raw,
      ...(reason === undefined ? {} : { reason: blacken(reason) }),
      source: sources(value.point, value.oid),
    };
  });
  return {
    device: device.id,
    way: wayOf(device),
    address: blacken(deviceAddress(device)),
    profile: profile?.id ?? device.profile ?? null,
    intervalS: intervalOf(device) / 1000,
    points,
    messages: [...messages],
    polls: (trace?.polls() ?? []).map((poll) => ({
      ...poll,
      detail: poll.detail === null ? null : blacken(poll.detail),
    })),
    counts: trace?.counts() ?? null,
  };
}

/** What the profile makes of the messages that came while it was looked at: the last of each point. */
function createHeardPoints(target: DeviceJobs) {
  const read = createPointReader();
  const heard = new Map<string, PointValue>();
  return {
    take: (message: BusMessage): void => {
      const parsed = message.value === undefined ? parsePayload(message.payload, false) : { value: message.value };
      if ('rejected' in parsed) return;
      for (const { point, decoded, path } of read(parsed.value, target.profile()?.mqtt.points ?? []))
        heard.set(point, { point, decoded, oid: path, raw: rawOf(valueAt(parsed.value, path)) });
    },
    values: (): readonly PointValue[] => [...heard.values()],
  };
}

const rawOf = (value: unknown): PointValue['raw'] =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : (JSON.stringify(value) ?? null);

function asMessage({ topic, payload, retained, value }: BusMessage, clock: Clock, blacken: Blacken): DiagnosedMessage {
  // What comes from this process was never made into bytes.
  const whole =
    value === undefined ? new TextDecoder().decode(payload.subarray(0, 4 * LONGEST_TEXT)) : JSON.stringify(value);
  const bytes = value === undefined ? payload.length : whole.length;
  // Blacked out before it is cut, or half a secret is left at the end.
  return { at: toIso(clock.now()), topic, retained, bytes, text: blacken(whole).slice(0, LONGEST_TEXT) };
}

function wayOf(device: Device): DeviceSource {
  const polled = POLLED.find((way) => device[way] !== undefined);
  if (polled !== undefined) return polled;
  if (device.mqtt !== undefined) return 'mqtt';
  if (device.reach !== undefined) return 'reach';
  return device.checks.length === 0 ? 'none' : 'checks';
}

const connectionsOf = (device: Device): unknown => [...POLLED.map((way) => device[way]), device.mqtt, device.checks];
