import type { PersonCommand } from '#core/command.ts';
import { carriedOut, type OrderAnswer, type Refusal, refusal, refused } from '../order-answer.ts';
import type { Outbox, OutboxRefusal } from './outbox-port.ts';

/** What people order of messages: send it again, tell it another way, it need not go. */
const REFUSALS: Readonly<Record<OutboxRefusal, Refusal>> = {
  NOT_FOUND: refusal('NOT_FOUND', '没有这条消息，可能时间太久已清除', 'no such message; it may be too old'),
  NO_WAY: refusal('CONFLICT', '此人没有这种联系方式', 'the person is not reached over that channel'),
  OVER: refusal('CONFLICT', '这条消息已发出或已处理', 'the message has gone out or been dealt with'),
};

export type DeliveryOrder = Extract<PersonCommand['body'], { kind: 'delivery.retry' | 'delivery.dismiss' }>;

export function onDeliveryOrder(
  outbox: Pick<Outbox, 'retry' | 'dismiss'>,
  command: Pick<PersonCommand, 'id' | 'by'>,
  body: DeliveryOrder,
): OrderAnswer {
  const { user } = command.by;
  const why =
    body.kind === 'delivery.retry'
      ? outbox.retry(body.delivery, body.over ?? null, user)
      : outbox.dismiss(body.delivery, user);
  return why === null ? carriedOut(command) : refused(command, REFUSALS[why]);
}
