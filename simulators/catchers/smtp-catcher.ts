import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { ZhishouError } from '#core/errors.ts';
import { toIso } from '#core/time.ts';
import { readMail } from './read-mail.ts';
import { type Catcher, type CatcherOptions, MOST_CAUGHT_TEXT } from './webhook-catcher.ts';

/** The demo's stand-in for a mail server: takes what the SMTP channel sends and hands it on; delivers nothing, keeps nothing. */

/** A report with its papers has half a megabyte. */
const SIZE_LIMIT = 4 * 1024 * 1024;
const MOST_CLIENTS = 20;

export function startSmtpCatcher(options: CatcherOptions): Promise<Catcher> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    size: SIZE_LIMIT,
    maxClients: MOST_CLIENTS,
    logger: false,
    disableReverseLookup: true,
    onData: (stream, session, done) => {
      collect(stream).then(
        (text) => {
          if (text === null) {
            done(new Error('552 message too large'));
            return;
          }
          tell(options, session, text);
          done();
        },
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
      );
    },
  });
  server.on('error', (error) => options.log.debug({ error: error.message }, 'a client of the mail catcher failed'));
  return new Promise((resolve, reject) => {
    server.server.once('error', (error) =>
      reject(
        new ZhishouError('UNREACHABLE', `mail catcher ${options.host}:${options.port}`, error.message, {
          cause: error,
        }),
      ),
    );
    server.listen(options.port, options.host, () => {
      const address = server.server.address();
      resolve({
        port: typeof address === 'object' && address !== null ? address.port : options.port,
        stop: () => new Promise((stopped) => server.close(() => stopped())),
      });
    });
  });
}

/** The whole message as latin-1 (bytes kept), null when it is too large; the stream is read to its end either way. */
async function collect(stream: SMTPServerDataStream): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= SIZE_LIMIT) chunks.push(chunk);
  }
  return size > SIZE_LIMIT || stream.sizeExceeded ? null : Buffer.concat(chunks).toString('latin1');
}

function tell({ clock, onMessage }: CatcherOptions, session: SMTPServerSession, text: string): void {
  const mail = readMail(text);
  onMessage({
    at: toIso(clock.now()),
    channel: 'smtp',
    to: session.envelope.rcptTo.map((one) => one.address).join(', '),
    subject: mail.subject.slice(0, MOST_CAUGHT_TEXT),
    body: mail.text.slice(0, MOST_CAUGHT_TEXT),
  });
}
