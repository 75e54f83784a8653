import { invariant, messageOf } from '#core/errors.ts';
import type { ActionDriver, ActionOutcome, Clock } from '#core/ports.ts';
import { sendMagicPacket, tryWakeSocket } from '#platform/magic-packet.ts';
import { withinLimit } from './within-limit.ts';

/** Wakes a machine by its network card. Nobody answers a magic packet: that it has started is for the evidence. */
export function createWakeDriver({ clock }: { readonly clock: Clock }): ActionDriver {
  const settle = (limit: Parameters<typeof withinLimit>[1], work: Promise<string>): Promise<ActionOutcome> =>
    withinLimit(
      clock,
      limit,
      work.then(
        (detail): ActionOutcome => ({ result: 'ok', detail }),
        // Not one copy has left, or the rest was refused: repeating it does no harm.
        (error: unknown): ActionOutcome => ({ result: 'failed', detail: messageOf(error) }),
      ),
    );
  return {
    run(action, context) {
      invariant('wake' in action, 'the wake driver runs wake actions');
      const { mac, broadcast, port } = action.wake;
      const sent = sendMagicPacket({ host: broadcast, port }, mac);
      return settle(
        context.limit,
        sent.then(() => `magic packet for ${mac} sent to ${broadcast}:${port}`),
      );
    },
    test(action, context) {
      invariant('wake' in action, 'the wake driver tests wake actions');
      const { broadcast, port } = action.wake;
      return settle(
        context.limit,
        tryWakeSocket({ host: broadcast, port }).then(
          (address) => `${address} may be broadcast to; whether a card listens shows only when it is woken`,
        ),
      );
    },
  };
}
