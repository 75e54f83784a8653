import type { PowerOrder, PowerSwitch } from '#simulators/devices/power-switch.ts';

/** A machine on the bench behind a management controller: remembers every order, obeys as it is told to. */
export interface BenchMachine extends PowerSwitch {
  readonly orders: PowerOrder[];
  on: boolean;
  answers: boolean;
  refuses: readonly PowerOrder[];
}

export function benchMachine(on = true): BenchMachine {
  const machine: BenchMachine = {
    orders: [],
    on,
    answers: true,
    refuses: [],
    power: () => (machine.answers ? (machine.on ? 'on' : 'off') : null),
    order(order) {
      if (!machine.answers) return 'unreachable';
      machine.orders.push(order);
      if (machine.refuses.includes(order)) return 'refused';
      machine.on = order !== 'off' && order !== 'soft';
      return 'accepted';
    },
  };
  return machine;
}
