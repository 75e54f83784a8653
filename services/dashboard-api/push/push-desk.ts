import type { Config } from '#core/config/config.ts';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { Bus, BusMessage, Clock, Log, Stop } from '#core/ports.ts';
import { isPushService, PUSH_PURPOSE, PUSH_SERVICES, type PushSubscriber } from '#core/push.ts';
import type { Secret } from '#core/secret.ts';
import { topic, topicFilter } from '#core/topics.ts';
import type { PushBrowser } from '#platform/accounts-push.ts';
import type { Accounts } from '#platform/accounts-store.ts';
import { randomSecret } from '#platform/passwords.ts';
import { pushKeyOf } from '#platform/push-key.ts';
import { sealMessage } from '#platform/sealed-message.ts';
import { parseJson } from '../parse-json.ts';

/**
 * Which browser tells whom: kept beside the accounts, told to the alerts service sealed and whole at each change, so that an account
 * that is disabled or belongs to somebody else now is told nothing more.
 */
export interface PushDesk {
  start(): Promise<void>;
  stop: Stop;
  /** Null: site.yaml has no channel for it. */
  readonly publicKey: string | null;
  /** CONFLICT: no channel, or the account is nobody's; BAD_REQUEST: not of a push service that is known. */
  add(user: string, browser: Pick<PushBrowser, 'endpoint' | 'p256dh' | 'auth' | 'name'>): PushBrowser;
  remove(user: string, id: string): boolean;
  of(user: string): readonly PushBrowser[];
  /** Accounts have changed. */
  tell(): void;
}

export interface PushDeskDependencies {
  readonly config: Pick<Config, 'site' | 'people'>;
  readonly accounts: Accounts;
  readonly bus: Bus;
  readonly wall: Clock;
  readonly log: Log;
  readonly key: Secret;
}

export function createPushDesk({ config, accounts, bus, wall, log, key }: PushDeskDependencies): PushDesk {
  const { id: site } = config.site;
  const channels = Object.values(config.site.channels).filter((channel) => channel.kind === 'web-push');
  const services = [...PUSH_SERVICES, ...channels.flatMap((channel) => channel.services)];
  let stopListening: Stop = async () => {};

  function subscribers(): PushSubscriber[] {
    const people = new Map(
      accounts.users().flatMap((one) => (one.disabled || one.person === null ? [] : [[one.user, one.person]])),
    );
    return accounts.pushBrowsers().flatMap(({ id, user, endpoint, p256dh, auth }) => {
      const person = people.get(user);
      return person === undefined ? [] : [{ id, person, endpoint, p256dh, auth }];
    });
  }

  function tell(): void {
    if (channels.length === 0) return;
    const sealed = sealMessage({ browsers: subscribers() }, PUSH_PURPOSE, key);
    bus
      .publish(topic(site, 'push-browsers'), JSON.stringify({ sealed }), { retain: true })
      .catch((error: unknown) => log.warn({ error: messageOf(error) }, 'who is told on which browser was not told'));
  }

  function hearGone(message: BusMessage): void {
    const said = message.payload.length > 500 ? null : (parseJson(message.payload) as { id?: unknown } | null);
    if (typeof said?.id === 'string' && accounts.removePushBrowser(said.id)) tell();
  }

  return {
    publicKey: channels.length === 0 ? null : pushKeyOf(key).publicKey,
    async start() {
      if (channels.length === 0) return;
      stopListening = await bus.subscribe(topicFilter(site, 'push-gone/+'), hearGone);
      tell();
    },
    stop: () => stopListening(),
    add(user, { endpoint, p256dh, auth, name }) {
      const account = accounts.user(user);
      if (channels.length === 0)
        throw new ZhishouError('CONFLICT', 'push', 'site.yaml has no channel of kind web-push');
      if (account?.person == null)
        throw new ZhishouError('CONFLICT', user, 'the account belongs to no person of people.yaml');
      if (!isPushService(endpoint, services)) {
        throw new ZhishouError('BAD_REQUEST', 'endpoint', 'is of no push service that is known here');
      }
      const browser = { id: randomSecret(9), user, endpoint, p256dh, auth, name, createdAt: wall.now() };
      accounts.addPushBrowser(browser);
      tell();
      return browser;
    },
    remove(user, id) {
      const removed = accounts.removePushBrowser(id, user);
      if (removed) tell();
      return removed;
    },
    of: (user) => accounts.pushBrowsers().filter((browser) => browser.user === user),
    tell,
  };
}
