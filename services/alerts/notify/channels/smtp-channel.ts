import { createHash } from 'node:crypto';
import { createTransport } from 'nodemailer';
import type { ChannelConfigOf } from '#core/config/channels.ts';
import { type ErrorCode, messageOf, ZhishouError } from '#core/errors.ts';
import type { OutgoingMessage } from '#core/notification.ts';
import type { Channel } from '#core/ports.ts';
import { hideSecrets } from '../../actions/hide-secrets.ts';
import { secretsIn } from './message-words.ts';
import { mailHtml, mailText } from './smtp-body.ts';

type SmtpConfig = ChannelConfigOf<'smtp'>;

/**
 * E-mail over SMTP. The Message-ID is the delivery's id, so that a repetition after a crash is one message in the mailbox.
 * All of one conversation refer to the same id that no message has (RFC 5322 section 3.6.4), so that one incident is one
 * thread whichever of its messages a mailbox has got. `List-Id` (RFC 2919) is for filters.
 *
 * Without `secure` the connection is upgraded when the server offers STARTTLS; nothing secret goes over it then, so any
 * certificate is better than none (RFC 7435). With a user name the certificate must be valid, except on loopback.
 */
export function createSmtpChannel(name: string, config: SmtpConfig, site: string): Channel {
  const transport = createTransport({
    host: config.host,
    port: config.port,
    secure: config.secure,
    ...(config.user === undefined
      ? {}
      : { auth: { user: config.user, pass: config.password?.reveal() ?? '' }, requireTLS: !isLocal(config.host) }),
    tls: { rejectUnauthorized: config.secure || (config.user !== undefined && !isLocal(config.host)) },
    connectionTimeout: config.timeout,
    greetingTimeout: config.timeout,
    socketTimeout: config.timeout,
    dnsTimeout: config.timeout,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const password = config.password === undefined ? [] : [config.password.reveal()];
  return {
    async send(message) {
      try {
        await transport.sendMail(toMail(message, config.from, site));
      } catch (error) {
        throw translate(error, name, [...password, ...secretsIn(message)]);
      }
    },
    /** Connects and signs in, and sends nothing. */
    async test() {
      try {
        await transport.verify();
      } catch (error) {
        throw translate(error, name, password);
      }
    },
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

const isLocal = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.');

/** RFC 5321 section 4.2.1: 4yz may work later, 5yz will not. */
function translate(error: unknown, name: string, secrets: readonly string[]): ZhishouError {
  const { code, responseCode } = error as { code?: string; responseCode?: number };
  const of = (known: ErrorCode): ZhishouError => new ZhishouError(known, name, hideSecrets(messageOf(error), secrets));
  if (responseCode !== undefined) return of(responseCode >= 500 ? 'REFUSED' : 'BAD_ANSWER');
  if (code === 'EAUTH' || code === 'EENVELOPE') return of('REFUSED');
  return of(code === 'ETIMEDOUT' ? 'TIMED_OUT' : 'UNREACHABLE');
}
