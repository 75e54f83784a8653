import { messageOf, ZhishouError } from '#core/errors.ts';
import type { Log } from '#core/ports.ts';
import { hideSecrets } from './hide-secrets.ts';
import { createInfluxHttp } from './influx-http.ts';
import type { InfluxOptions } from './influx-options.ts';
import { createQl, type Ql, QlRefusal } from './influx-ql.ts';
import { type InfluxServer, recognise } from './influx-server.ts';
import { type Prepared, prepare } from './influx-setup.ts';

/** A server that was recognised and has what is needed. */
export interface Contact {
  readonly server: InfluxServer;
  readonly ql: Ql;
  readonly prepared: Prepared;
}

export interface Session {
  readonly host: string;
  /** Meets the server at the first call and after `forget`; else at once. Throws STORE_DOWN. */
  contact(): Promise<Contact>;
  /** After a failure: the next one there may be another version, or have lost its database. */
  forget(): void;
  /** What it was when last met. */
  readonly name: string | null;
  close(): void;
}

export function createSession(options: InfluxOptions, url: URL, log: Log): Session {
  const http = createInfluxHttp({ url, ca: options.ca, timeout: options.timeout }, hideSecrets(options));
  let met: Promise<Contact> | null = null;
  let name: string | null = null;

  const meet = async (): Promise<Contact> => {
    const server = await recognise(http, options);
    const ql = createQl(http, server, options);
    if (server.name !== name) log.info({ host: http.host, server: server.name }, 'history: database met');
    name = server.name;
    try {
      return { server, ql, prepared: await prepare({ http, server, ql, options, log }) };
    } catch (error) {
      if (!(error instanceof QlRefusal)) throw error;
      throw new ZhishouError('STORE_DOWN', http.host, messageOf(error), { cause: error });
    }
  };
  return {
    host: http.host,
    contact() {
      if (met === null) {
        const meeting = meet();
        met = meeting;
        meeting.catch(() => {
          if (met === meeting) met = null;
        });
      }
      return met;
    },
    forget() {
      met = null;
    },
    get name() {
      return name;
    },
    close: () => http.close(),
  };
}
