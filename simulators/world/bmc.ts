import { beginBoot, beginShutdown, fallDark, machineOf, planOf } from './machines.ts';
import type { Running } from './state.ts';
import { type ReceivedCommand, record } from './truth.ts';

/**
 * The management controller of a server: it lives on standby power, knows whether the machine's supply is on, presses its
 * button softly, cuts it hard, starts it. IPMI and Redfish faces stand in front of this.
 */
export type BmcPower = 'soft' | 'off' | 'on' | 'cycle' | 'reset';
export type BmcAnswer = 'accepted' | 'refused' | 'unreachable';

export const bmcAnswers = (running: Running, index: number): boolean => {
  const machine = machineOf(running, index);
  return planOf(running, index).hasBmc && machine.powered && machine.bmc !== 'unreachable';
};

/** The chassis draws power: also while it starts, stops or stands still. */
export function bmcPower(running: Running, index: number): 'on' | 'off' | null {
  if (!bmcAnswers(running, index)) return null;
  const machine = machineOf(running, index);
  return machine.state === 'off' || (machine.state === 'crashed' && !machine.hung) ? 'off' : 'on';
}

const COMMANDS = {
  soft: 'power-soft',
  off: 'power-off',
  on: 'power-on',
  cycle: 'power-cycle',
  reset: 'power-reset',
} as const satisfies Record<BmcPower, ReceivedCommand['command']>;

export function orderBmc(running: Running, index: number, power: BmcPower, over: string, nowMs: number): BmcAnswer {
  if (!bmcAnswers(running, index)) return 'unreachable';
  const machine = machineOf(running, index);
  const state = machine.state;
  const effect = act(running, index, power, nowMs);
  record(running.world.truth, running.world.truth.commands, {
    at: nowMs,
    device: machine.id,
    command: COMMANDS[power],
    detail: '',
    effect,
    state,
    over,
    ...(running.kept.retransmitted ? { retransmitted: true } : {}),
  });
  return effect === 'refused' ? 'refused' : 'accepted';
}

function act(running: Running, index: number, power: BmcPower, nowMs: number): ReceivedCommand['effect'] {
  const machine = machineOf(running, index);
  const lit = bmcPower(running, index) === 'on';
  switch (power) {
    case 'soft':
      if (machine.bmc === 'refuses-soft') return 'refused';
      if (!lit || machine.state === 'stopping') return 'redundant';
      // Pressed, and the operating system does not care; or there is none that could.
      if (machine.bmc !== 'ignores-soft') beginShutdown(running, index, nowMs);
      return 'accepted';
    case 'off':
      if (!lit) return 'redundant';
      fallDark(running, index, nowMs, 'order');
      return 'accepted';
    case 'on':
      if (lit) return 'redundant';
      beginBoot(running, index, nowMs, 'order');
      return 'accepted';
    default:
      if (!lit) return 'refused';
      fallDark(running, index, nowMs, 'order');
      beginBoot(running, index, nowMs, 'order');
      return 'accepted';
  }
}

/** A magic packet: a network card on standby power starts its machine. */
export function wakeMachine(running: Running, index: number, over: string, nowMs: number): void {
  const machine = machineOf(running, index);
  if (!machine.powered) return;
  const off = machine.state === 'off' || (machine.state === 'crashed' && !machine.hung);
  record(running.world.truth, running.world.truth.commands, {
    at: nowMs,
    device: machine.id,
    command: 'wake',
    detail: '',
    effect: off ? 'accepted' : 'redundant',
    state: machine.state,
    over,
  });
  if (off) beginBoot(running, index, nowMs, 'order');
}
