import { createTransport, type SendMailOptions } from 'nodemailer';
import type { ChannelConfigOf } from '#core/config/channels.ts';
import { type ErrorCode, messageOf, ZhishouError } from '#core/errors.ts';
import { hideSecrets } from '#core/hide-secrets.ts';

/** The way to a mail server, for alerts and for reports: failures come as ZhishouError without the password in them. */
export interface SmtpTransport {
  /** TIMED_OUT, UNREACHABLE, BAD_ANSWER: may work later; REFUSED will not. `secrets`: what else the server's answer must not repeat. */
  send(mail: SendMailOptions, secrets?: readonly string[]): Promise<void>;
  /** Connects and signs in, and sends nothing. */
  verify(): Promise<void>;
  close(): void;
}

/**
 * Without `secure` the connection is upgraded when the server offers STARTTLS; nothing secret goes over it then, so any
 * certificate is better than none (RFC 7435). With a user name the certificate must be valid, except on loopback.
 */
export function createSmtpTransport(name: string, config: ChannelConfigOf<'smtp'>): SmtpTransport {
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
    async send(mail, secrets = []) {
      try {
        await transport.sendMail(mail);
      } catch (error) {
        throw translate(error, name, [...password, ...secrets]);
      }
    },
    async verify() {
      try {
        await transport.verify();
      } catch (error) {
        throw translate(error, name, password);
      }
    },
    close: () => transport.close(),
  };
}

const isLocal = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.');

/** RFC 5321 section 4.2.1: 4yz may work later, 5yz will not. */
function translate(error: unknown, name: string, secrets: readonly string[]): ZhishouError {
  const { code, responseCode } = error as { code?: string; responseCode?: number };
  const of = (known: ErrorCode): ZhishouError => new ZhishouError(known, name, hideSecrets(messageOf(error), secrets));
  if (responseCode !== undefined) return of(responseCode >= 500 ? 'REFUSED' : 'BAD_ANSWER');
  if (code === 'EAUTH' || code === 'EENVELOPE') return of('REFUSED');
  return of(code === 'ETIMEDOUT' ? 'TIMED_OUT' : 'UNREACHABLE');
}
