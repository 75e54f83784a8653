import type { ChannelConfigOf } from '#core/config/channels.ts';
import { ZhishouError } from '#core/errors.ts';
import type { OutgoingMessage } from '#core/notification.ts';
import { readPhoneNumber, writePhoneNumber } from '#core/phone-number.ts';
import type { Channel, ChannelNews, Clock, Log } from '#core/ports.ts';
import { milliseconds } from '#core/time.ts';
import type { Softphone } from '#platform/baresip/softphone.ts';
import { startBaresip } from '#platform/baresip/start-baresip.ts';
import { makeTemporaryFolder } from '#platform/environment.ts';
import { writeAtomically } from '#platform/files.ts';
import { baresipAccount, baresipConfig, dialAddress } from './baresip-config.ts';
import { placeCall } from './call.ts';
import { type CallSounds, makeCallSounds, ringingSound } from './call-sounds.ts';
import { createLine, type Line } from './line.ts';
import { createSpeech, type Speak } from './speech.ts';
import { PROMPT } from './spoken-text.ts';

type SipConfig = ChannelConfigOf<'sip-call'>;

interface Job {
  readonly message: OutgoingMessage;
  readonly number: string;
  readonly sounds: Promise<CallSounds>;
  readonly done: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** What a test puts in place of baresip and espeak-ng. */
export interface SipParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly openPhone?: (folder: string) => Promise<Softphone>;
  readonly speak?: Speak;
}

const URGENCY = { high: 0, medium: 1, low: 2 } as const;
const MOST_WAITING = 50;

/**
 * Calls people and says the message. One call a line and one a person at a time, the most severe first; the same delivery
 * handed over again while it waits or rings is the same call.
 */
export function createSipCallChannel(name: string, config: SipConfig, parts: SipParts): Channel {
  const { clock, log } = parts;
  const folder = makeTemporaryFolder('zhishou-call-');
  const speak = parts.speak ?? createSpeech({ ...config, folder: folder.path, clock });
  const lines = Array.from({ length: config.lines }, (_, index) => openLine(name, index, config, folder.path, parts));
  const free = [...lines];
  const jobs = new Map<string, Job>();
  const waiting = new Set<Job>();
  const talking = new Set<string>();
  const handlers = new Set<(news: ChannelNews) => void>();
  let closed = false;

  /** The next call: the most severe that waits for a person who is not being called just now. */
  function pump(): void {
    const [job] = [...waiting]
      .filter(({ number }) => !talking.has(number))
      .sort((a, b) => URGENCY[a.message.severity] - URGENCY[b.message.severity]);
    const line = job === undefined ? undefined : free.shift();
    if (job === undefined || line === undefined) return;
    waiting.delete(job);
    talking.add(job.number);
    run(job, line)
      .catch(job.reject)
      .finally(() => {
        talking.delete(job.number);
        free.push(line);
        pump();
      });
    pump();
  }

  async function run(job: Job, line: (typeof lines)[number]): Promise<void> {
    const sounds = await job.sounds;
    const phone = await line.phone();
    const write = (file: string, bytes: Uint8Array): void => writeAtomically(`${line.folder}/${file}`, bytes);
    write('message.wav', sounds.message.bytes);
    write('thanks.wav', sounds.thanks.bytes);
    const call = placeCall({
      phone,
      clock,
      address: dialAddress(config, job.number),
      ring: config.ring,
      ringing: 'ringing.wav',
      message: { file: 'message.wav', length: sounds.message.length },
      thanks: { file: 'thanks.wav', length: sounds.thanks.length },
      heardAfter: sounds.heardAfter,
      onAcknowledge() {
        for (const handler of handlers) {
          handler({ kind: 'answer', from: job.message.to, text: '1', delivery: job.message.id });
        }
      },
    });
    call.heard.then(job.resolve, job.reject);
    await call.over;
  }

  function add(message: OutgoingMessage): Job {
    const to = readPhoneNumber(message.to, config.number.country);
    if (to === null) throw new ZhishouError('REFUSED', message.to, 'not a telephone number');
    if (waiting.size >= MOST_WAITING) throw new ZhishouError('TOO_MANY', name, `${waiting.size} calls wait`);
    const { promise: done, resolve, reject } = Promise.withResolvers<void>();
    // Made while others still talk; a failure is told when its turn comes.
    const sounds = makeCallSounds(message, config, speak);
    sounds.catch(() => {});
    return { message, number: writePhoneNumber(to, config.number.form), sounds, done, resolve, reject };
  }

  return {
    async send(message) {
      if (closed) throw new ZhishouError('UNREACHABLE', name, 'stopped');
      const known = jobs.get(message.id);
      if (known !== undefined) return known.done;
      const job = add(message);
      jobs.set(message.id, job);
      waiting.add(job);
      pump();
      try {
        await job.done;
      } finally {
        jobs.delete(message.id);
      }
    },
    listen(handler) {
      handlers.add(handler);
      // The account is made known at the exchange now, not when it burns.
      for (const line of lines) line.phone().catch(() => {});
      return () => handlers.delete(handler);
    },
    async test() {
      await speak(PROMPT.zh, 'zh');
      for (const line of lines) await (config.register ? line.registered() : line.phone());
    },
    async close() {
      closed = true;
      for (const job of waiting) job.reject(new ZhishouError('UNREACHABLE', name, 'stopped'));
      waiting.clear();
      await Promise.all(lines.map((line) => line.stop()));
      log.debug({ channel: name }, 'telephone lines closed');
      folder.remove();
    },
  };
}

function openLine(
  name: string,
  index: number,
  config: SipConfig,
  root: string,
  { clock, log, openPhone }: SipParts,
): Line & { readonly folder: string } {
  const folder = `${root}/${index}`;
  const open = (): Promise<Softphone> => {
    // Longer than it may ring: where it ends, the call ends.
    writeAtomically(`${folder}/ringing.wav`, ringingSound(milliseconds(config.ring + 20_000)).bytes);
    if (openPhone !== undefined) return openPhone(folder);
    return startBaresip({
      folder,
      config: (at) => baresipConfig(config, at),
      accounts: baresipAccount(config),
      onLine: (line) => log.debug({ channel: name, line }, 'baresip'),
    });
  };
  return { ...createLine(name, open, { clock, log }), folder };
}
