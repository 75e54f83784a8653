import { createHash } from 'node:crypto';
import type { ChannelConfigOf } from '#core/config/channels.ts';
import type { OutgoingMessage } from '#core/notification.ts';
import type { Channel } from '#core/ports.ts';
import { createSmtpTransport } from '#platform/smtp-transport.ts';
import { secretsIn } from './message-words.ts';
import { mailHtml, mailText } from './smtp-body.ts';

/**
 * E-mail over SMTP. The Message-ID is the delivery's id, so that a repetition after a crash is one message in the mailbox.
 * All of one conversation refer to the same id that no message has (RFC 5322 section 3.6.4), so that one incident is one
 * thread whichever of its messages a mailbox has got. `List-Id` (RFC 2919) is for filters.
 */
export function createSmtpChannel(name: string, config: ChannelConfigOf<'smtp'>, site: string): Channel {
  const transport = createSmtpTransport(name, config);
  return {
    send: (message) => transport.send(toMail(message, config.from, site), secretsIn(message)),
    test: () => transport.verify(),
    close: () => Promise.resolve(transport.close()),
  };
}

function toMail(message: OutgoingMessage, from: string, site: string) {
  const thread = threadOf(message.conversation, site);
  return {
    from,
    to: message.to,
    subject: message.subject,
    text: mailText(message),
    html: mailHtml(message),
    messageId: `<${message.id}@zhishou.invalid>`,
    inReplyTo: thread,
    references: [thread],
    date: new Date(message.at),
    headers: {
      // RFC 3834: no vacation replies to a machine.
      'Auto-Submitted': 'auto-generated',
      'List-Id': `<alerts.${site}.zhishou.invalid>`,
      'X-Zhishou-Delivery': message.id,
    },
    priority: message.phase === 'recovered' ? ('normal' as const) : PRIORITY[message.severity],
  };
}

const PRIORITY = { high: 'high', medium: 'normal', low: 'low' } as const;

/** A conversation's name may hold anything; an id of a message may not. */
const threadOf = (conversation: string, site: string): string =>
  `<c-${createHash('sha256').update(conversation).digest('hex').slice(0, 24)}@${site}.zhishou.invalid>`;
