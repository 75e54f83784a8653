import { invariant, messageOf } from '#core/errors.ts';
import type { ActionDriver, ActionOutcome, Bus, Clock } from '#core/ports.ts';
import { fillTemplate } from '#core/text.ts';
import { withinLimit } from './within-limit.ts';

/** Publishes one message: sirens, lamps, switches. The broker's acknowledgement is `ok`; whether anyone acted is for the evidence. */
export function createMqttDriver({ bus, clock }: { readonly bus: Bus; readonly clock: Clock }): ActionDriver {
  return {
    run(action, context) {
      invariant('mqtt' in action, 'the mqtt driver runs mqtt actions');
      const topic = fillTemplate(action.mqtt.topic, context.values);
      const payload = fillTemplate(action.mqtt.payload, context.values);
      const published = bus.publish(topic, payload, { retain: action.mqtt.retain, qos: 1 }).then(
        (): ActionOutcome => ({ result: 'ok', detail: `published on ${topic}` }),
        (error: unknown): ActionOutcome => ({ result: 'failed', detail: messageOf(error) }),
      );
      return withinLimit(clock, context.limit, published);
    },
    test(action, context) {
      invariant('mqtt' in action, 'the mqtt driver tests mqtt actions');
      let up = false;
      // The present state is told at once.
      const cancel = bus.onConnection((now) => {
        up = now;
      });
      cancel();
      const topic = fillTemplate(action.mqtt.topic, context.values);
      return Promise.resolve(
        up
          ? { result: 'ok', detail: `connected to the broker; whether ${topic} may be written shows only when it is` }
          : { result: 'failed', detail: 'not connected to the broker' },
      );
    },
  };
}
