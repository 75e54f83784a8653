import type { OutgoingMessage } from '#core/notification.ts';
import type { Channel } from '#core/ports.ts';
import { type AnswerCodes, exchange, judgeAnswer } from './guarded-exchange.ts';
import { secretsIn } from './message-words.ts';

/** What the group robots have in common: JSON is posted to an address that is itself a credential, and a code in the answer says what became of it. */
export interface GroupRobot {
  readonly name: string;
  readonly timeoutMs: number;
  readonly codes: AnswerCodes;
  /** What must not be seen in a log beside what the message itself holds. */
  readonly secrets: readonly string[];
  readonly request: (message: OutgoingMessage) => { readonly url: string; readonly body: unknown };
}

export function createGroupRobot({ name, timeoutMs, codes, secrets: own, request }: GroupRobot): Channel {
  return {
    async send(message) {
      const secrets = [...own, ...secretsIn(message)];
      const { url, body } = request(message);
      const headers = { 'content-type': 'application/json; charset=utf-8' };
      const answer = await exchange(
        name,
        { url, method: 'POST', headers, body: JSON.stringify(body), timeoutMs },
        secrets,
      );
      judgeAnswer(name, answer, codes, secrets);
    },
    close: () => Promise.resolve(),
  };
}
