import type { YdtConnection } from '#core/config/connections.ts';
import type { Profile } from '#core/config/profile.ts';
import { resolveProfile } from '#core/config/resolve-profile.ts';
import { ZhishouError } from '#core/errors.ts';
import type { Clock, Metrics } from '#core/ports.ts';
import { type Duration, hours } from '#core/time.ts';
import { returnText } from '#platform/ydt/ydt-frame.ts';
import type { YdtLines, YdtStation } from '#platform/ydt/ydt-line.ts';
import { askIn, identify, knownKinds, profileOf } from '../ydt-identity.ts';
import { compileYdt, type YdtAsk, type YdtPlan } from '../ydt-plan.ts';
import type { PolledDriver } from './polled-driver.ts';

/**
 * Reads one device of YD/T 1363.3 (电总协议): asks its profile's commands one after the other.
 *
 * The first silence ends the poll, so that whoever else is on the line waits for one time-out at most. A command that the device refuses
 * is left alone for some hours; one whose answer does not fit gives no readings. Without a profile the device is recognised by the kinds
 * that profiles know, one kind a poll.
 */
export interface YdtDriverOptions {
  readonly device: string;
  readonly connection: YdtConnection;
  /** An id of `profiles`, or null: recognise it. */
  readonly profile: string | null;
  readonly profiles: readonly Profile[];
  readonly lines: YdtLines;
  readonly clock: Clock;
  /** Gets how much of what came over the lines was no answer. */
  readonly metrics?: Metrics;
}

/** What a device refused may be there after a new firmware. */
const ASK_REFUSED_AFTER: Duration = hours(6);
const ASK_SELDOM_AFTER: Duration = hours(1);
const UNKNOWN_COMMAND = 4;

/** So often in a row a command that never had an answer, of a device that answers others, is taken for unknown to it. */
const MOST_SILENCES = 2;

/** What had no answer last comes last, so that it keeps nothing else from being read; what never changes behind what does. */
const inOrder = (asks: readonly YdtAsk[], silences: ReadonlyMap<string, number>): readonly YdtAsk[] =>
  asks.toSorted(
    (a, b) =>
      (silences.get(a.name) ?? 0) - (silences.get(b.name) ?? 0) || Number(a.command.seldom) - Number(b.command.seldom),
  );

interface Answers {
  readonly infos: Map<string, Uint8Array>;
  readonly problems: Map<string, string>;
  /** Commands that it has answered in this poll. */
  came: number;
}

export function createYdtDriver(options: YdtDriverOptions): PolledDriver {
  const { device, connection, profiles, lines, clock } = options;
  const speech = { version: connection.version };
  const kinds = knownKinds(profiles);
  const refused = new Map<string, Duration>();
  /** Times without an answer, one after the other, by command; nothing once it has answered. */
  const silences = new Map<string, number>();
  const heard = new Set<string>();
  const kept = new Map<string, { readonly info: Uint8Array; readonly at: Duration }>();
  let station: YdtStation | null = null;
  let profile = options.profile === null ? null : resolveProfile(options.profile, profiles);
  let plan: YdtPlan | null = null;
  let kind = 0;

  const recognised = async (open: YdtStation): Promise<Profile> => {
    if (profile !== null) return profile;
    if (options.profile !== null)
      throw new ZhishouError('BAD_CONFIGURATION', device, `there is no profile ${options.profile}`);
    const cid1 = kinds[kind++ % Math.max(1, kinds.length)];
    if (cid1 === undefined) throw new ZhishouError('BAD_CONFIGURATION', device, 'no profile speaks YD/T 1363.3');
    const identity = await identify(open, speech, cid1);
    if (identity === null) throw new ZhishouError('TIMED_OUT', device, 'it is not recognised yet');
    const id = profileOf(identity, profiles);
    profile = id === null ? null : resolveProfile(id, profiles);
    if (profile === null) throw new ZhishouError('BAD_ANSWER', device, `no profile fits it (${identity.maker})`);
    return profile;
  };

  const isDue = ({ name, command }: YdtAsk): boolean => {
    const now = clock.monotonic();
    const no = refused.get(name);
    if (no !== undefined && now - no < ASK_REFUSED_AFTER) return false;
    const known = kept.get(name);
    return !command.seldom || known === undefined || now - known.at >= ASK_SELDOM_AFTER;
  };
  /** What a command gave this time: INFO, or why there is none. */
  const hear = async (open: YdtStation, ask: YdtAsk, answers: Answers): Promise<void> => {
    const { code, info } = await askIn(open, speech, ask);
    answers.came++;
    silences.delete(ask.name);
    heard.add(ask.name);
    if (code === 0) {
      refused.delete(ask.name);
      answers.infos.set(ask.name, info);
      if (ask.command.seldom) kept.set(ask.name, { info, at: clock.monotonic() });
      return;
    }
    answers.problems.set(ask.name, returnText(code));
    if (code === UNKNOWN_COMMAND) refused.set(ask.name, clock.monotonic());
  };

  /** A device may be silent to a command that it does not know, instead of refusing it. */
  const silent = ({ name }: YdtAsk, { came }: Answers): void => {
    const times = (silences.get(name) ?? 0) + 1;
    silences.set(name, times);
    if (times >= MOST_SILENCES && came > 0 && !heard.has(name)) refused.set(name, clock.monotonic());
  };

  return {
    poll: async () => {
      station ??= lines.open(connection);
      plan ??= compileYdt(await recognised(station), connection.address);
      const answers: Answers = { infos: new Map(), problems: new Map(), came: 0 };
      for (const ask of inOrder(plan.asks, silences)) {
        const known = kept.get(ask.name);
        if (known !== undefined) answers.infos.set(ask.name, known.info);
        if (!isDue(ask)) continue;
        try {
          await hear(station, ask, answers);
        } catch (error) {
          silent(ask, answers);
          throw error;
        } finally {
          for (const [kind, count] of Object.entries(lines.counts()))
            options.metrics?.gauge('zhishou_collector_line_noise', count, { way: 'ydt', kind });
        }
      }
      const { values, misfits } = plan.read(answers.infos, answers.problems);
      if (answers.infos.size > misfits.size) return values;
      const [misfit] = misfits;
      if (misfit !== undefined) throw new ZhishouError('BAD_ANSWER', device, misfit.join(': '));
      const [problem] = answers.problems;
      throw new ZhishouError('REFUSED', device, problem?.join(': ') ?? 'nothing that its profile reads');
    },
    profile: () => profile,
    close: () => {
      station?.close();
      station = null;
    },
  };
}
