import type { AlertView } from '#core/alert.ts';
import { messageOf } from '#core/errors.ts';
import type { IncidentView } from '#core/incident.ts';
import type { BusMessage, Cancel } from '#core/ports.ts';
import { type TopicPattern, topicFilter } from '#core/topics.ts';
import { valueOfMessage } from './bus-values.ts';
import type { ChannelParts } from './channel-parts.ts';

/** Alerts and incidents as the service publishes them, for channels that show a state rather than send a message. */
export function watchMatters(
  { bus, site, log }: Pick<ChannelParts, 'bus' | 'site' | 'log'>,
  channel: string,
  on: { alert(view: AlertView): void; incident(view: IncidentView): void },
): Cancel {
  const hear = <T extends object>(pattern: TopicPattern, take: (view: T) => void) => {
    const subscription = bus.subscribe(topicFilter(site.id, pattern), (message: BusMessage) => {
      const view = valueOfMessage<T>(message);
      if (view !== null) take(view);
    });
    subscription.catch((error: unknown) => {
      log.warn(
        { channel, topic: pattern, error: messageOf(error) },
        'a channel does not hear what becomes of its matters',
      );
    });
    return subscription;
  };
  const subscriptions = [hear<AlertView>('alert/+', on.alert), hear<IncidentView>('incident/+', on.incident)];
  return () => {
    for (const subscription of subscriptions) void subscription.then((stop) => stop()).catch(() => {});
  };
}

/** The id of what is over; null while it is not. */
export const endOf = (view: AlertView | IncidentView): string | null =>
  ('closedAt' in view ? view.closedAt !== null : view.state === 'cleared') ? view.id : null;

/** The id of what somebody has taken in hand, or is over: nothing need sound for it any more. */
export const quietOf = (view: AlertView | IncidentView): string | null => {
  if (view.acknowledged !== null) return view.id;
  if ('silenced' in view && view.silenced !== null) return view.id;
  return endOf(view);
};
