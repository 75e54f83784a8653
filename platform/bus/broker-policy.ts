import type { AedesPublishPacket, Client, PublishPacket } from 'aedes';
import { messageOf } from '#core/errors.ts';
import type { Clock } from '#core/ports.ts';
import type { Secret } from '#core/secret.ts';
import { createSystemClock } from '../clock/system-clock.ts';
import { limitLog, silentLog } from '../log.ts';
import { sameSecret } from '../secrets.ts';
import { createRateGuard, type RateGuard } from './rate-guard.ts';
import { type BusReports, MOST_PAYLOAD_BYTES, type Router } from './router.ts';

export interface ServiceCredential {
  readonly user: string;
  readonly password: Secret;
}

/** What clients over the network may do. */
export interface PolicyOptions extends BusReports {
  /** Who may publish below `zhishou/` and with large payloads. Without any, nobody outside may. */
  readonly services?: readonly ServiceCredential[];
  /** May a client that is not a service publish there? Default: everywhere outside `zhishou/`. */
  readonly mayPublish?: (topic: string, client: string) => boolean;
  /** May a client that is not a service read that? Default: everything but commands and messages to people. */
  readonly mayRead?: (topic: string, client: string) => boolean;
  /** Of clients that are not services. Default 256 KB. */
  readonly mostPayloadBytes?: number;
  /** Messages a second, and at once, of one client that is not a service. */
  readonly rate?: { readonly perSecond: number; readonly burst: number };
}

interface ClientState {
  service: boolean;
  readonly rate: RateGuard;
}

/** Refused messages are given this topic: `$` keeps it away from every wildcard, and nobody may subscribe to it. */
const NOWHERE = '$refused';
const OUTSIDE_PAYLOAD_BYTES = 256 * 1024;
const MOST_RETAINED_OUTSIDE = 10_000;
/** MQTT 3.1.1 table 3.1: bad user name or password. */
const BAD_CREDENTIALS = 4;
const PRIVATE_TOPICS = /^zhishou\/[^/]+\/(command|command-result|delivery)(\/|$)/;

/** Who may do what, and what is counted when they try more. */
export function createPolicy(options: PolicyOptions, router: Router) {
  const clock: Clock = options.clock ?? createSystemClock();
  const limited = limitLog(options.log ?? silentLog, clock);
  const states = new WeakMap<object, ClientState>();
  const mayPublish = options.mayPublish ?? ((topic: string) => !topic.startsWith('zhishou/') && topic !== 'zhishou');
  const mayRead = options.mayRead ?? ((topic: string) => !PRIVATE_TOPICS.test(topic));
  const mostPayloadBytes = options.mostPayloadBytes ?? OUTSIDE_PAYLOAD_BYTES;

  const stateOf = (client: object): ClientState => {
    const state = states.get(client) ?? { service: false, rate: createRateGuard(clock, options.rate) };
    states.set(client, state);
    return state;
  };
  const report = (reason: string, client: string, error: Error | null): void => {
    options.metrics?.count('zhishou_broker_refused_total', { reason });
    const detail = error === null ? {} : { error: messageOf(error) };
    limited.warn(reason, { client, reason, ...detail }, 'the broker refused something of a client');
  };
  const refusal = (packet: PublishPacket, id: string, state: ClientState): string | null => {
    if (packet.topic.startsWith('$')) return 'reserved-topic';
    if (state.service) return null;
    if (!mayPublish(packet.topic, id)) return 'forbidden-topic';
    if (packet.payload.length > mostPayloadBytes) return 'too-large';
    if (!state.rate.allows()) return 'too-fast';
    const isNew = packet.retain && packet.payload.length > 0 && !router.isRetained(packet.topic);
    return isNew && router.retainedCount >= MOST_RETAINED_OUTSIDE ? 'too-many-retained' : null;
  };
  return {
    report,
    mostBytes: (client: Client | null): number =>
      (client !== null && stateOf(client).service ? MOST_PAYLOAD_BYTES : mostPayloadBytes) + 1024,
    authenticate(
      client: Client,
      user: string | undefined,
      password: Buffer | undefined,
      done: (error: (Error & { returnCode: number }) | null, success: boolean | null) => void,
    ): void {
      const known = (options.services ?? []).some(
        (service) => service.user === user && sameSecret(service.password.reveal(), password?.toString() ?? ''),
      );
      stateOf(client).service = known;
      if (known || user === undefined) {
        done(null, true);
        return;
      }
      report('wrong-credentials', client.id, null);
      done(Object.assign(new Error('bad user name or password'), { returnCode: BAD_CREDENTIALS }), false);
    },
    /** Lets a message in, or turns it into one that goes nowhere. */
    judge(client: Client | null, packet: PublishPacket): void {
      const state = client === null ? { service: true, rate: createRateGuard(clock) } : stateOf(client);
      const refused = refusal(packet, client?.id ?? '', state);
      if (refused === null) {
        const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
        router.route(packet.topic, payload, packet.retain);
        return;
      }
      report(refused, client?.id ?? '', null);
      packet.topic = NOWHERE;
      packet.payload = Buffer.alloc(0);
      packet.retain = false;
    },
    forward: (client: Client, packet: AedesPublishPacket): AedesPublishPacket | null =>
      stateOf(client).service || mayRead(packet.topic, client.id) ? packet : null,
  };
}
