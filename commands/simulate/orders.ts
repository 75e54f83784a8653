import type { CommandBody, PersonCommand, Role } from '#core/command.ts';
import type { Config } from '#core/config/config.ts';
import type { Bus, Clock } from '#core/ports.ts';
import { Secret } from '#core/secret.ts';
import { topic } from '#core/topics.ts';
import { signCommand } from '#platform/command-signature.ts';
import type { SentOrder } from '#simulators/checkers/evidence.ts';

/** People's orders on their way to the alerts service: signed as the page signs them. */
export interface Orders {
  readonly key: Secret;
  readonly sent: readonly SentOrder[];
  send(body: CommandBody, by: { readonly person: string; readonly role: Role }): void;
  /** An administrator arms the site. */
  arm(): void;
}

export function createOrders(bus: Bus, config: Pick<Config, 'site'>, clock: Clock): Orders {
  const key = new Secret('the key of a simulated site, which signs nothing real');
  const sent: SentOrder[] = [];
  const name = topic(config.site.id, 'command');
  const send: Orders['send'] = (body, { person, role }) => {
    sent.push({ at: clock.now(), by: person, body });
    const order: Omit<PersonCommand, 'signature'> = {
      id: `order-${sent.length}`,
      at: clock.now(),
      by: { user: person, name: person, role },
      body,
    };
    bus.publish(name, JSON.stringify(signCommand(order, key))).catch(() => {});
  };
  return {
    key,
    sent,
    send,
    arm: () => send({ kind: 'site.arm', reason: 'simulated run' }, { person: 'administrator', role: 'administrator' }),
  };
}
