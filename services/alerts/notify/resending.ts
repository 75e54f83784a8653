import type { Config } from '#core/config/config.ts';
import { type Delivery, isOpen } from './delivery.ts';
import { afresh, ended, type Moment, overAnother, routeOver } from './delivery-changes.ts';
import type { Outbox, OutboxRefusal } from './outbox-port.ts';

/** What people do with messages that wait or were given up: once more, over another way, or never. */
export interface ResendingDependencies {
  readonly config: Pick<Config, 'people'>;
  readonly get: (id: string) => Delivery | null;
  readonly isOnItsWay: (id: string) => boolean;
  readonly nextId: () => string;
  readonly moment: () => Moment;
  readonly keep: (delivery: Delivery) => void;
  /** Durable when it returns. */
  readonly together: <T>(work: () => T) => T;
  /** What follows is sent. */
  readonly pump: () => void;
}

export function createResending(dependencies: ResendingDependencies): Pick<Outbox, 'retry' | 'dismiss'> {
  const { config, get, keep, moment, nextId } = dependencies;

  function change(id: string, make: (delivery: Delivery) => OutboxRefusal | null): OutboxRefusal | null {
    const delivery = get(id);
    if (delivery === null) return 'NOT_FOUND';
    const refusal = dependencies.together(() => make(delivery));
    if (refusal === null) dependencies.pump();
    return refusal;
  }

  return {
    retry: (id, over, by) =>
      change(id, (delivery) => {
        const { state, person } = delivery.view;
        if (over === null) {
          if (!isOpen(delivery) && state !== 'dead' && state !== 'dismissed') return 'OVER';
          if (!dependencies.isOnItsWay(id)) keep(afresh(delivery, moment()));
          return null;
        }
        const route = routeOver(config, person, over);
        if (route === null) return 'NO_WAY';
        keep(overAnother(delivery, nextId(), route, [], moment()));
        if (state === 'dead') keep(ended(delivery, 'dismissed', `told over ${over} by ${by}`));
        return null;
      }),
    dismiss: (id, by) =>
      change(id, (delivery) => {
        if (!isOpen(delivery) && delivery.view.state !== 'dead') return 'OVER';
        const { error } = delivery.view;
        keep(ended(delivery, 'dismissed', error === null ? `dismissed by ${by}` : `${error} (dismissed by ${by})`));
        return null;
      }),
  };
}
