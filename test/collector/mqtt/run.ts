import { instant } from '#core/time.ts';
import { createMqttDecoder, type DecodedMessage } from '#services/collector/decode-mqtt.ts';
import { mqttProfiles } from '../support/mqtt-profiles.ts';

const PROFILES = mqttProfiles();
const NOW = instant(Date.parse('2026-11-22T03:00:00Z'));

export type Said = readonly [topic: string, payload: unknown, retain?: boolean];

/** One run of the decoder; payloads that are bytes go as base64, objects as JSON. */
export function decoderRun() {
  const decoder = createMqttDecoder(PROFILES, () => NOW);
  return ([topic, payload, retain = false]: Said): DecodedMessage =>
    payload instanceof Uint8Array
      ? decoder.message({ topic, payload: Buffer.from(payload).toString('base64'), encoding: 'base64', retain })
      : decoder.message({ topic, payload, retain });
}

/** The last message's readings in one line each: `rack-1 ambient.temperature 21.5 °C`. */
export function readings(...said: readonly Said[]): string[] {
  const decode = decoderRun();
  const answers = said.map(decode);
  return (answers.at(-1)?.readings ?? []).map(({ device, point, value, unit }) =>
    `${device} ${point} ${String(value)} ${unit}`.trim(),
  );
}

/** The last message's kind and reason, when it gives nothing. */
export function refusal(...said: readonly Said[]): string {
  const decode = decoderRun();
  const answer = said.map(decode).at(-1);
  if (answer === undefined || answer.readings.length > 0) return `read: ${JSON.stringify(answer?.readings)}`;
  return `${answer.kind}: ${answer.rejected}`;
}
