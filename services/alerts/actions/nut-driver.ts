import type { Action } from '#core/config/device.ts';
import { invariant, messageOf, ZhishouError } from '#core/errors.ts';
import { type ActionDriver, type ActionOutcome, type Clock, sleep } from '#core/ports.ts';
import { fillTemplate } from '#core/text.ts';
import { type Duration, milliseconds, seconds } from '#core/time.ts';
import { type NutConnector, type NutLink, NutRefusal } from '#platform/nut/nut-client.ts';
import { withinLimit } from './within-limit.ts';

/**
 * An instant command of a UPS behind another NUT server. Where the server follows commands (TRACKING, protocol 1.3) the answer is
 * the UPS driver's own; elsewhere OK means that it was handed on, and the evidence must tell the rest.
 */
type NutAction = Extract<Action, { nut: unknown }>['nut'];

/** One answer of a server on the local net. */
const ANSWER_TIME = seconds(5);
const TRACKING_PAUSE = milliseconds(200);

/** Before protocol 1.3 a command's value was the variable that its driver looks at (NUT's docs/nut-names.txt). */
const VALUE_VARIABLES: readonly (readonly [RegExp, string])[] = [
  [/^(shutdown\.|load\.off)/, 'ups.delay.shutdown'],
  [/^load\.on/, 'ups.delay.start'],
];

export function createNutDriver(dependencies: {
  readonly clock: Clock;
  readonly connector: NutConnector;
}): ActionDriver {
  const { clock, connector } = dependencies;

  /** Runs `work` on a link that is logged in; before `work` nothing has been ordered, so a failure there is a failure. */
  async function onLink(
    action: NutAction,
    limit: Duration,
    work: (link: NutLink) => Promise<ActionOutcome>,
  ): Promise<ActionOutcome> {
    let link: NutLink | null = null;
    try {
      link = await connector.open(action, milliseconds(Math.min(ANSWER_TIME, limit)));
      await identify(link, action);
      return await work(link);
    } catch (error) {
      return { result: 'failed', detail: explain(error, action) };
    } finally {
      link?.close();
    }
  }

  return {
    run(action, context) {
      invariant('nut' in action, 'the nut driver runs nut actions');
      const filled =
        action.nut.value === undefined
          ? action.nut
          : { ...action.nut, value: fillTemplate(action.nut.value, context.values) };
      const work = onLink(filled, context.limit, (link) => order(clock, link, filled));
      return withinLimit(clock, context.limit, work);
    },
    test(action, context) {
      invariant('nut' in action, 'the nut driver tests nut actions');
      const work = onLink(action.nut, context.limit, (link) => prove(link, action.nut));
      return withinLimit(clock, context.limit, work);
    },
  };
}

async function identify(link: NutLink, { user, password }: NutAction): Promise<void> {
  if (user !== undefined) await link.ask('USERNAME', user);
  if (password !== undefined) await link.ask('PASSWORD', password.reveal());
}

async function order(clock: Clock, link: NutLink, action: NutAction): Promise<ActionOutcome> {
  const { ups, command, value } = action;
  const tracked = await switchTracking(link);
  const words = ['INSTCMD', ups, command];
  if (value !== undefined) {
    if (await takesValues(link)) words.push(value);
    else await setBefore(link, ups, command, value);
  }
  try {
    const answer = await link.ask(...words);
    const id = answer[1] === 'TRACKING' ? answer[2] : undefined;
    if (tracked && id !== undefined) return await follow(clock, link, command, id);
    return { result: 'ok', detail: `${command} handed on to ${ups}`, output: answer.join(' ') };
  } catch (error) {
    if (error instanceof NutRefusal) return { result: 'failed', detail: explain(error, action) };
    // Sent, and nothing came back: it may be under way.
    return { result: 'unknown', detail: messageOf(error) };
  }
}

async function switchTracking(link: NutLink): Promise<boolean> {
  try {
    return (await link.ask('SET', 'TRACKING', 'ON'))[0] === 'OK';
  } catch (error) {
    if (error instanceof NutRefusal) return false;
    throw error;
  }
}

/** INSTCMD has a third word since protocol 1.3 (NUT 2.8.0). */
async function takesValues(link: NutLink): Promise<boolean> {
  try {
    const [version = ''] = await link.ask('NETVER');
    return Number.parseFloat(version) >= 1.3;
  } catch (error) {
    if (error instanceof NutRefusal) return false;
    throw error;
  }
}

async function setBefore(link: NutLink, ups: string, command: string, value: string): Promise<void> {
  const variable = VALUE_VARIABLES.find(([pattern]) => pattern.test(command))?.[1];
  if (variable === undefined)
    throw new ZhishouError('REFUSED', ups, `its server cannot pass a value on with ${command}`);
  await link.ask('SET', 'VAR', ups, variable, value);
}

/** Asks until the UPS's driver has said yes or no; the action's limit ends it. */
async function follow(clock: Clock, link: NutLink, command: string, id: string): Promise<ActionOutcome> {
  while (true) {
    try {
      const [state = ''] = await link.ask('GET', 'TRACKING', id);
      if (state === 'SUCCESS') return { result: 'ok', detail: `${command}: the UPS's driver reports success` };
      if (state !== 'PENDING') return { result: 'unknown', detail: `${command}: ${state}` };
    } catch (error) {
      // ERR FAILED, INVALID-ARGUMENT, UNKNOWN: the driver's answer.
      if (error instanceof NutRefusal)
        return { result: 'failed', detail: `${command}: the UPS's driver reports ${error.word}` };
      throw error;
    }
    await sleep(clock, TRACKING_PAUSE);
  }
}

async function prove(link: NutLink, { ups, command, user, password }: NutAction): Promise<ActionOutcome> {
  const commands = await link.list('CMD', ups);
  if (!commands.some(([name]) => name === command)) {
    const known = commands.flatMap(([name]) => name ?? []).join(', ');
    return { result: 'failed', detail: `${ups} has no command ${command}; it has: ${known || 'none'}` };
  }
  if (user === undefined || password === undefined) return { result: 'ok', detail: `${ups} has ${command}` };
  if (await passwordHolds(link, ups)) return { result: 'ok', detail: `${ups} has ${command}, the password is right` };
  const detail = `user ${user} is refused: the password is wrong, or upsd.users gives the user neither "actions = SET" nor "upsmon secondary", without which it cannot be tested`;
  return { result: 'failed', detail };
}

/**
 * upsd looks at a password only when something is asked that needs it. Setting a variable that does not exist is refused for that
 * reason once user and password are right; a user who may set nothing can at least log in, for a moment.
 */
async function passwordHolds(link: NutLink, ups: string): Promise<boolean> {
  const refusal = (question: Promise<unknown>): Promise<string | null> =>
    question.then(
      () => null,
      (error: unknown) => {
        if (error instanceof NutRefusal) return error.word;
        throw error;
      },
    );
  const set = await refusal(link.ask('SET', 'VAR', ups, 'zhishou.no.such.variable', '0'));
  if (set === 'VAR-NOT-SUPPORTED' || set === 'READONLY') return true;
  return (await refusal(link.ask('LOGIN', ups))) === null;
}

const WORDS: Readonly<Record<string, string>> = {
  'ACCESS-DENIED': 'user, password or right to do this is wrong',
  'USERNAME-REQUIRED': 'it wants a user',
  'PASSWORD-REQUIRED': 'it wants a password',
  'UNKNOWN-UPS': 'it has no such UPS',
  'CMD-NOT-SUPPORTED': 'the UPS has no such command',
  'DATA-STALE': 'it has lost contact to the UPS',
  'DRIVER-NOT-CONNECTED': "the UPS's driver does not run",
};

function explain(error: unknown, { host, ups, command }: NutAction): string {
  if (!(error instanceof NutRefusal)) return messageOf(error);
  const why = WORDS[error.word];
  return `${host} refused ${command} on ${ups}: ${error.word}${why === undefined ? '' : ` (${why})`}`;
}
