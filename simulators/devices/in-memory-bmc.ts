import type { Config } from '#core/config/config.ts';
import type { Action } from '#core/config/device.ts';
import { invariant, messageOf } from '#core/errors.ts';
import type { ActionContext, ActionDriver, ActionOutcome, Clock } from '#core/ports.ts';
import { type Duration, milliseconds } from '#core/time.ts';
import type { Room } from '../room.ts';
import { controllersOf, switchOf } from './controllers.ts';
import { ORDER_OF, type PowerSwitch, REDFISH_OFFER } from './power-switch.ts';

/** The drivers' twins without sockets, for IPMI, Redfish and Wake-on-LAN: the same outcomes as over the net, on the room's clock. */
export interface InMemoryBmc {
  readonly ipmi: ActionDriver;
  readonly redfish: ActionDriver;
  readonly wake: ActionDriver;
}

/** A session, and an answer, on the local net. */
const ANSWER: Duration = milliseconds(120);
/** ipmitool's patience, and that of a TCP connection. */
const SILENCE: Duration = milliseconds(10_000);

type Ipmi = Extract<Action, { ipmi: unknown }>['ipmi'];
type Redfish = Extract<Action, { redfish: unknown }>['redfish'];

export function createInMemoryBmc(
  room: Pick<Room, 'bmcPower' | 'orderBmc' | 'wake'>,
  config: Pick<Config, 'devices'>,
  clock: Clock,
  touched: Set<string>,
): InMemoryBmc {
  const controllers = controllersOf(config);
  const ipmi = (action: Action, { limit }: ActionContext, ordering: boolean): Promise<ActionOutcome> => {
    invariant('ipmi' in action, 'the ipmi driver was given another action');
    const target = action.ipmi;
    const where = `${target.host}:${target.port}`;
    touched.add(`udp ${where}`);
    const known = controllers.ipmi.get(where);
    const machine = known === undefined ? null : switchOf(room, known.device);
    const right = known?.account.user === target.user && known.account.password.reveal() === target.password.reveal();
    return inTime(clock, limit, (pause) => askIpmi(machine, target, right, ordering, pause));
  };
  const redfish = (action: Action, { limit }: ActionContext, ordering: boolean): Promise<ActionOutcome> => {
    invariant('redfish' in action, 'the redfish driver was given another action');
    const target = action.redfish;
    const url = new URL(target.url);
    touched.add(`tcp ${url.host}`);
    const known = controllers.redfish.get(url.origin);
    const machine = known === undefined ? null : switchOf(room, known.device);
    const right = known?.account.user === target.user && known.account.password.reveal() === target.password.reveal();
    return inTime(clock, limit, (pause) => askRedfish(machine, target, right, ordering, pause));
  };
  return {
    ipmi: {
      run: (action, context) => ipmi(action, context, true),
      test: (action, context) => ipmi(action, context, false),
    },
    redfish: {
      run: (action, context) => redfish(action, context, true),
      test: (action, context) => redfish(action, context, false),
    },
    wake: inMemoryWake(room, touched),
  };
}

/** Waits on the clock; `sent` says from then on that something may have arrived. */
interface Pause {
  (length: Duration): Promise<void>;
  sent: boolean;
}

async function askIpmi(
  machine: PowerSwitch | null,
  target: Ipmi,
  right: boolean,
  ordering: boolean,
  pause: Pause,
): Promise<ActionOutcome> {
  const failed = (why: string): ActionOutcome => ({
    result: 'failed',
    detail: `the controller at ${target.host}:${target.port}: ${why}`,
  });
  await pause(machine?.power() == null ? SILENCE : ANSWER);
  const power = machine?.power() ?? null;
  if (machine === null || power === null) return failed('it does not answer');
  if (!right) return failed(`the password of ${target.user} is wrong`);
  if (!ordering)
    return {
      result: 'ok',
      detail: `signed in as ${target.user} (${target.level}), chassis power is ${power}`,
      output: power,
    };
  pause.sent = true;
  const effect = machine.order(target.power, `ipmi ${target.host}:${target.port}`);
  await pause(ANSWER);
  if (effect === 'refused') return failed(`Set Chassis Power Control to ${target.power} failed: refused`);
  if (effect === 'unreachable')
    return { result: 'unknown', detail: 'the order was sent, and the controller did not answer' };
  return { result: 'ok', detail: `the controller took power ${target.power}` };
}

async function askRedfish(
  machine: PowerSwitch | null,
  target: Redfish,
  right: boolean,
  ordering: boolean,
  pause: Pause,
): Promise<ActionOutcome> {
  const { host } = new URL(target.url);
  await pause(machine === null || machine.power() !== null ? ANSWER : SILENCE);
  if (machine === null) return { result: 'failed', detail: `connection refused by ${host}` };
  const power = machine.power();
  if (power === null) return { result: 'failed', detail: `no answer from ${host} in the time given` };
  if (!right) return { result: 'failed', detail: `login refused for ${target.user}` };
  const path = `/redfish/v1/${target.system ?? 'Systems/1'}`;
  const offered = REDFISH_OFFER.includes(target.reset);
  const seen = `signed in as ${target.user}, power of ${path} is ${power}`;
  if (!ordering)
    return offered
      ? { result: 'ok', detail: seen, output: power }
      : {
          result: 'failed',
          detail: `${seen}; ${target.reset} is not offered: ${REDFISH_OFFER.join(', ')}`,
          output: power,
        };
  const order = ORDER_OF[target.reset];
  if ((order === 'on' && power === 'on') || ((order === 'soft' || order === 'off') && power === 'off'))
    return { result: 'ok', detail: `the system's power is ${power} already; nothing was ordered` };
  if (!offered)
    return {
      result: 'failed',
      detail: `${path} does not offer ${target.reset}; it offers ${REDFISH_OFFER.join(', ')}`,
    };
  pause.sent = true;
  const effect = machine.order(order, `redfish ${host}`);
  await pause(ANSWER);
  if (effect === 'refused')
    return {
      result: 'failed',
      detail: `${path}/Actions/ComputerSystem.Reset answered 409: The system cannot do this now.`,
    };
  if (effect === 'unreachable') return { result: 'unknown', detail: `the connection to ${host} broke` };
  return { result: 'ok', detail: `${path} took ${target.reset} (power was ${power})` };
}

function inMemoryWake(room: Pick<Room, 'wake'>, touched: Set<string>): ActionDriver {
  return {
    run: async (action) => {
      invariant('wake' in action, 'the wake driver was given another action');
      const { mac, broadcast, port } = action.wake;
      touched.add(`udp ${broadcast}:${port}`);
      room.wake(mac, `udp ${broadcast}:${port}`);
      return { result: 'ok', detail: `magic packet for ${mac} sent to ${broadcast}:${port}` };
    },
    test: async (action) => {
      invariant('wake' in action, 'the wake driver was given another action');
      const detail = `${action.wake.broadcast} may be broadcast to; whether a card listens shows only when it is woken`;
      return { result: 'ok', detail };
    },
  };
}

/** Settles within the limit: what may have arrived by then is unknown (L20), what was never sent has failed. */
function inTime(clock: Clock, limit: Duration, work: (pause: Pause) => Promise<ActionOutcome>): Promise<ActionOutcome> {
  return new Promise((resolve) => {
    let over = false;
    const pause: Pause = Object.assign(
      (length: Duration): Promise<void> =>
        new Promise((go) => {
          clock.after(length, () => {
            // Nothing happens after the end: the rest of the work waits for ever.
            if (!over) go();
          });
        }),
      { sent: false },
    );
    const settle = (outcome: ActionOutcome): void => {
      if (over) return;
      over = true;
      cancel();
      resolve(outcome);
    };
    const cancel = clock.after(limit, () =>
      settle(
        pause.sent
          ? { result: 'unknown', detail: 'no answer in the time given; the order may have arrived' }
          : { result: 'failed', detail: 'no answer in the time given' },
      ),
    );
    work(pause).then(settle, (error: unknown) => settle({ result: 'unknown', detail: messageOf(error) }));
  });
}
