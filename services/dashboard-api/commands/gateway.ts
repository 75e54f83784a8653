import type { CommandBody, CommandResult, PersonCommand } from '#core/command.ts';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { Bus, Clock, Log, Stop } from '#core/ports.ts';
import type { Secret } from '#core/secret.ts';
import { type Instant, minutes, seconds } from '#core/time.ts';
import { topic, topicFilter } from '#core/topics.ts';
import { signCommand } from '#platform/command-signature.ts';
import { randomSecret } from '#platform/passwords.ts';
import { parseJson } from '../parse-json.ts';
import { ProblemError } from '../problem.ts';
import { commandResultSchema } from '../schemas/payloads.ts';

/** A person's order goes out signed on the bus; the service that owns the state answers. The same key never acts twice. */
export interface CommandGateway {
  start(): Promise<void>;
  stop: Stop;
  /** BUS_DOWN, TIMED_OUT, or CONFLICT when the key was used for something else. */
  send(by: PersonCommand['by'], body: CommandBody, key: string | null): Promise<CommandResult>;
  /** An order with this key has been given before. */
  knows(key: string): boolean;
}

export interface CommandGatewayDependencies {
  readonly site: string;
  readonly bus: Bus;
  /** The site's clock: the command's own time, which the other service compares with its clock. */
  readonly clock: Clock;
  /** Real time: how long a person waits for the answer. */
  readonly wall: Clock;
  readonly log: Log;
  readonly signatureKey: Secret;
}

const ANSWER_WITHIN = seconds(5);
const KEYS_KEPT_FOR = minutes(60);
const MOST_KEYS = 1000;
const MOST_WAITING = 100;

interface Sent {
  /** Who and what: the same key for another is refused. */
  readonly fingerprint: string;
  readonly at: Instant;
  result: CommandResult | null;
}

export function createCommandGateway(deps: CommandGatewayDependencies): CommandGateway {
  const { site, bus, clock, wall, log } = deps;
  const sent = new Map<string, Sent>();
  const waiting = new Map<string, Set<(result: CommandResult) => void>>();
  let stopListening: Stop = async () => {};

  const onResult = (payload: Uint8Array): void => {
    if (payload.length === 0 || payload.length > 64_000) return;
    const parsed = commandResultSchema.safeParse(parseJson(payload));
    if (!parsed.success) {
      log.warn({ error: parsed.error.issues[0]?.message ?? '' }, 'a command-result is not as promised; dropped');
      return;
    }
    const known = sent.get(parsed.data.id);
    if (known !== undefined) known.result = parsed.data;
    for (const settle of waiting.get(parsed.data.id) ?? []) settle(parsed.data);
  };

  const answer = (id: string): { promise: Promise<CommandResult>; cancel: () => void } => {
    const { promise, resolve, reject } = Promise.withResolvers<CommandResult>();
    const settlers = waiting.get(id) ?? new Set();
    waiting.set(id, settlers.add(resolve));
    const stopWaiting = wall.after(ANSWER_WITHIN, () => {
      reject(new ZhishouError('TIMED_OUT', id, 'the command was given; it may still be carried out'));
    });
    const cancel = (): void => {
      stopWaiting();
      settlers.delete(resolve);
      if (settlers.size === 0) waiting.delete(id);
    };
    return { promise, cancel };
  };

  return {
    async start() {
      stopListening = await bus.subscribe(topicFilter(site, 'command-result/+'), ({ payload }) => onResult(payload));
    },
    stop: () => stopListening(),
    knows: (key) => sent.has(key),
    async send(by, body, key) {
      const id = key ?? randomSecret(16);
      const fingerprint = JSON.stringify([by.user, body]);
      const before = remember(sent, id, fingerprint, wall.now());
      if (before.result !== null) return before.result;
      if (waiting.size >= MOST_WAITING) throw new ZhishouError('TOO_MANY', 'commands');
      const { promise, cancel } = answer(id);
      const command = signCommand({ id, at: clock.now(), by, body }, deps.signatureKey);
      try {
        // The answer may come before the broker's acknowledgement does.
        const published = bus.publish(topic(site, 'command'), JSON.stringify(command));
        return await Promise.race([promise, published.then(() => promise)]);
      } catch (error) {
        if (error instanceof ZhishouError) throw error;
        throw new ZhishouError('BUS_DOWN', id, messageOf(error), { cause: error });
      } finally {
        cancel();
      }
    },
  };
}

function remember(sent: Map<string, Sent>, id: string, fingerprint: string, now: Instant): Sent {
  for (const [oldId, { at }] of sent) {
    if (now - at < KEYS_KEPT_FOR && sent.size < MOST_KEYS) break;
    sent.delete(oldId);
  }
  const before = sent.get(id);
  if (before === undefined) {
    const entry: Sent = { fingerprint, at: now, result: null };
    sent.set(id, entry);
    return entry;
  }
  if (before.fingerprint !== fingerprint) {
    throw new ProblemError('CONFLICT', id, 'this Idempotency-Key was used for another command');
  }
  return before;
}
