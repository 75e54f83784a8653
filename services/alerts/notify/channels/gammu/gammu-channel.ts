import type { ChannelConfigOf } from '#core/config/channels.ts';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { OutgoingMessage } from '#core/notification.ts';
import { readPhoneNumber, samePhone, writePhoneNumber } from '#core/phone-number.ts';
import type { Cancel, Channel, ChannelNews, Clock, Log } from '#core/ports.ts';
import { between, milliseconds, minus } from '#core/time.ts';
import { limitLog } from '#platform/log.ts';
import { openSmsSpool, type SmsSpool } from '#platform/sms-spool.ts';
import { readBackup, writeBackup } from './backup-file.ts';
import { type Followed, receipt, reportOf, takeReport } from './followed.ts';
import { INBOX_NAME, readIncoming } from './inbox-file.ts';
import { smsText } from './sms-text.ts';
import { testSmsd } from './smsd-test.ts';

type GammuConfig = ChannelConfigOf<'gammu'>;

/** Our files among those of others; the first letter orders them, the rest is the delivery's id. */
const OUR_NAME = /^OUT[ABC]_zs_([A-Za-z0-9-]{1,48})\.smsbackup$/;
const PRIORITY = { high: 'A', medium: 'B', low: 'C' } as const;
const MOST_FOLLOWED = 500;
const MOST_INCOMING = 100;
/** Reports later than that are of no use to anybody. */
const FOLLOW = milliseconds(24 * 3_600_000);
const TIDY_EVERY = milliseconds(3_600_000);

/**
 * Text messages through gammu-smsd's folders. A message is taken when its file is in the service's outbox. The delivery's id
 * is the file's name, and the service keeps the name when it moves the file: what is in `outbox` or `sent` is not written
 * again after a crash. Written by us and not by gammu-smsd-inject, which chooses names of its own, writes in place where the
 * service may already read, and must read the PIN in smsdrc.
 */
export function createGammuChannel(
  name: string,
  config: GammuConfig,
  { clock, log: plainLog }: { readonly clock: Clock; readonly log: Log },
): Channel {
  const { inbox: received, outbox, sent, error: failed } = config;
  const spool = openSmsSpool({ inbox: received, outbox, sent, error: failed });
  const log = limitLog(plainLog, clock);
  let followed: readonly Followed[] = [];
  let handlers: readonly ((news: ChannelNews) => void)[] = [];
  let timer: Cancel | null = null;
  let lastTidy = clock.monotonic();
  const inbox = createInbox(spool, (where, error) => log.error(where, { channel: name, error }, 'inbox of gammu-smsd'));

  const tell = (news: ChannelNews): void => {
    for (const handler of handlers) handler(news);
  };

  function follow(one: Followed): void {
    followed = [...followed.filter(({ delivery }) => delivery !== one.delivery), one].slice(-MOST_FOLLOWED);
  }

  /** What the service did since the last look; what it left lying is taken back, or it would be told hours late. */
  function lookAtOutgoing(): void {
    const now = clock.monotonic();
    for (const one of followed) {
      if (one.state === 'sent') {
        if (now - one.since > FOLLOW) followed = followed.filter((other) => other !== one);
      } else if (spool.has('sent', one.name)) follow({ ...one, state: 'sent', since: now });
      else if (spool.has('error', one.name)) giveUp(one, 'the modem could not send it');
      else if (now - one.since > config.stuck_after) {
        const taken = spool.withdraw(one.name);
        giveUp(one, taken ? `not sent within ${config.stuck_after / 1000} s; taken back` : 'gone from the outbox');
      }
    }
  }

  function giveUp(one: Followed, why: string): void {
    followed = followed.filter((other) => other !== one);
    tell(receipt(one, 'failed', why));
  }

  function lookAtInbox(): void {
    for (const incoming of inbox.read()) {
      if (incoming.kind === 'answer') {
        const { from, text } = incoming;
        if (text !== '') tell({ kind: 'answer', from, text, delivery: null });
      } else {
        const isFrom = (number: string): boolean => samePhone(number, incoming.from, config.number.country);
        const reported = takeReport(followed, reportOf(incoming.text), isFrom);
        followed = reported.followed;
        if (reported.news !== null) tell(reported.news);
      }
      inbox.done(incoming.files);
    }
  }

  function look(): void {
    timer = clock.after(config.every, look);
    try {
      lookAtOutgoing();
      lookAtInbox();
      if (clock.monotonic() - lastTidy > TIDY_EVERY) tidy();
    } catch (error) {
      log.error('look', { channel: name, error: messageOf(error) }, 'folders of gammu-smsd cannot be read');
    }
  }

  function tidy(): void {
    lastTidy = clock.monotonic();
    const before = minus(clock.now(), config.keep);
    for (const folder of ['sent', 'error'] as const) spool.tidy(folder, OUR_NAME, before);
    spool.tidy('taken', INBOX_NAME, before);
  }

  return {
    async send(message) {
      const file = fileOf(message, config);
      spool.check();
      const isThere = spool.has('sent', file.name) || spool.has('outbox', file.name);
      if (!isThere) {
        // Of an earlier try: it would be taken for the fate of this one.
        spool.remove('error', file.name);
        spool.put(file.name, file.text);
      }
      const { number, parts } = file;
      follow({
        delivery: message.id,
        name: file.name,
        number,
        parts,
        reports: 0,
        state: 'waiting',
        since: clock.monotonic(),
      });
    },
    listen(handler) {
      handlers = [...handlers, handler];
      if (timer === null) {
        followed = [...restore(spool, clock), ...followed].slice(-MOST_FOLLOWED);
        look();
      }
      return () => {
        handlers = handlers.filter((other) => other !== handler);
        if (handlers.length > 0) return;
        timer?.();
        timer = null;
      };
    },
    async test() {
      spool.check();
      const now = clock.monotonic();
      if (followed.some(({ state, since }) => state === 'waiting' && now - since > config.stuck_after)) {
        throw new ZhishouError('TIMED_OUT', name, 'messages lie in the outbox: gammu-smsd does not send');
      }
      await testSmsd(name, config, spool, clock);
    },
    async close() {
      timer?.();
      timer = null;
    },
  };
}

function fileOf(message: OutgoingMessage, config: GammuConfig) {
  const to = readPhoneNumber(message.to, config.number.country);
  if (to === null) throw new ZhishouError('REFUSED', message.to, 'not a telephone number');
  const name = `OUT${PRIORITY[message.severity]}_zs_${message.id}.smsbackup`;
  if (!OUR_NAME.test(name)) throw new ZhishouError('BAD_REQUEST', message.id, 'not an id that can be a file’s name');
  const number = writePhoneNumber(to, config.number.form);
  const text = writeBackup({
    number,
    text: smsText(message, config.max_parts),
    report: config.reports,
    flash: config.flash.includes(message.severity),
    reference: [...message.id].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) & 0xff, 7),
  });
  return { name, number, text, parts: readBackup(text).length };
}

/** What an earlier run sent: the folders are the memory. */
function restore(spool: SmsSpool, clock: Clock): readonly Followed[] {
  const decoder = new TextDecoder();
  return (['sent', 'outbox'] as const).flatMap((folder) =>
    spool
      .list(folder, OUR_NAME, 10_000)
      .filter(({ changedAt }) => between(changedAt, clock.now()) < FOLLOW)
      .sort((a, b) => a.changedAt - b.changedAt)
      .slice(-MOST_FOLLOWED)
      .flatMap(({ name }): Followed[] => {
        const parts = readBackup(decoder.decode(spool.read(folder, name) ?? undefined));
        const [delivery, number] = [OUR_NAME.exec(name)?.[1], parts[0]?.number];
        if (delivery === undefined || number === undefined) return [];
        const state = folder === 'sent' ? 'sent' : 'waiting';
        return [{ delivery, name, number, parts: parts.length, reports: 0, state, since: clock.monotonic() }];
      }),
  );
}

/** Reads the inbox; a file is read when it stood still from one look to the next: the service writes in place. */
function createInbox(spool: SmsSpool, onTrouble: (where: string, error: string) => void) {
  let seen = new Map<string, string>();
  /** Told, but could not be moved away: not told again in this run. */
  const told = new Set<string>();
  const done = (files: readonly string[]): void => {
    for (const file of files) {
      try {
        spool.take(file);
        told.delete(file);
      } catch (error) {
        if (told.size < 10_000) told.add(file);
        onTrouble('take', messageOf(error));
      }
    }
  };
  return {
    done,
    read() {
      const now = new Map<string, string>();
      const files = new Map<string, Uint8Array>();
      for (const { name, size, changedAt } of spool.list('inbox', INBOX_NAME, MOST_INCOMING + told.size)) {
        const look = `${size} ${changedAt}`;
        now.set(name, look);
        if (seen.get(name) !== look || told.has(name)) continue;
        files.set(name, spool.read('inbox', name) ?? new Uint8Array());
      }
      seen = now;
      const incoming = readIncoming(files);
      const said = new Set(incoming.flatMap((one) => one.files));
      // Pictures and halves say nothing; they are taken too, or they would be read for ever.
      done([...files.keys()].filter((file) => !said.has(file)));
      return incoming;
    },
  };
}
