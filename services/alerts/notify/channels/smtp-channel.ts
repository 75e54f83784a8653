import { createTransport } from 'nodemailer';
import type { ChannelConfigOf } from '#core/config/channels.ts';
import { type ErrorCode, messageOf, ZhishouError } from '#core/errors.ts';
import type { OutgoingMessage } from '#core/notification.ts';
import type { Channel } from '#core/ports.ts';

type SmtpConfig = ChannelConfigOf<'smtp'>;

/**
 * E-mail over SMTP. The Message-ID is the delivery's id, so that a repetition after a crash is one message in the mailbox.
 *
 * Without `secure` the connection is upgraded when the server offers STARTTLS; nothing secret goes over it then, so any
 * certificate is better than none (RFC 7435). With a user name the certificate must be valid, except on loopback.
 */
export function createSmtpChannel(name: string, config: SmtpConfig): Channel {
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
  return {
    async send(message) {
      try {
        await transport.sendMail(toMail(message, config.from));
      } catch (error) {
        throw translate(error, name);
      }
    },
    close: () => Promise.resolve(transport.close()),
  };
}

function toMail(message: OutgoingMessage, from: string) {
  return {
    from,
    to: message.to,
    subject: message.subject,
    text: message.body,
    messageId: `<${message.id}@zhishou.invalid>`,
    date: new Date(message.at),
    // RFC 3834: no vacation replies to a machine.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Zhishou-Delivery': message.id },
    priority: message.severity === 'high' ? ('high' as const) : ('normal' as const),
  };
}

const isLocal = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.');

/** RFC 5321 section 4.2.1: 4yz may work later, 5yz will not. */
function translate(error: unknown, name: string): ZhishouError {
  const { code, responseCode } = error as { code?: string; responseCode?: number };
  const of = (known: ErrorCode): ZhishouError => new ZhishouError(known, name, messageOf(error), { cause: error });
  if (responseCode !== undefined) return of(responseCode >= 500 ? 'REFUSED' : 'BAD_ANSWER');
  if (code === 'EAUTH' || code === 'EENVELOPE') return of('REFUSED');
  return of(code === 'ETIMEDOUT' ? 'TIMED_OUT' : 'UNREACHABLE');
}
