import type { SimulatorCommand } from '#core/simulator.ts';
import { changeInput, flap, planCut, setLine, setMains, setMainsPresent } from './mains.ts';
import { meant } from './meant.ts';
import { noteFault } from './note-fault.ts';
import { orderUps } from './orders.ts';
import { type Running, upsAt } from './state.ts';
import { setBypass } from './ups.ts';

/** Commands about mains and the UPSes. False: it was another one. */

export function applyMains(running: Running, command: SimulatorCommand, nowMs: number): boolean {
  const { world, plan } = running;
  switch (command.kind) {
    case 'mains':
      world.mainsEvents = world.mainsEvents.filter((event) => event.cutAt !== null);
      setMainsPresent(running, command.present, nowMs);
      break;
    case 'mains-voltage':
      if (command.line === undefined) setMains(running, [command.volts, command.volts, command.volts], nowMs);
      else setLine(running, command.line, command.volts, nowMs);
      break;
    case 'phase':
      setLine(running, command.line, command.present ? plan.mainsVoltage : 0, nowMs);
      break;
    case 'flapping':
      flap(running, command.times, command.awayS * 1000, command.backS * 1000, nowMs);
      break;
    case 'planned-cut':
      planCut(running, command.afterS * 1000, command.lastsS * 1000, nowMs);
      break;
    case 'ups-input': {
      const indexes = meant(world.upses, command.device);
      changeInput(
        running,
        (changed) => {
          for (const index of indexes) {
            const ups = changed.upses[index];
            if (ups !== undefined) ups.feedPresent = command.present;
          }
        },
        nowMs,
      );
      for (const index of indexes)
        noteFault(running, 'ups-input', world.upses[index]?.id ?? null, command.present ? '' : 'lost', nowMs);
      break;
    }
    default:
      return false;
  }
  const nominal = world.mains.voltages.every((volts) => volts === plan.mainsVoltage);
  noteFault(running, 'mains', null, nominal ? '' : world.mains.voltages.join(' / '), nowMs);
  return true;
}

export function applyUps(running: Running, command: SimulatorCommand, nowMs: number): boolean {
  const { world } = running;
  const each = (device: string | undefined, change: (index: number, id: string) => void): true => {
    for (const index of meant(world.upses, device)) change(index, upsAt(running, index).id);
    return true;
  };
  switch (command.kind) {
    case 'battery':
      return each(command.device, (index) => {
        const { battery } = upsAt(running, index);
        battery.energyWh = (battery.capacityWh * command.chargePercent) / 100;
      });
    case 'battery-health':
      return each(command.device, (index, id) => {
        const ups = upsAt(running, index);
        const charge = ups.battery.energyWh / ups.battery.capacityWh;
        ups.battery.capacityWh = ups.newCapacityWh * command.share;
        ups.battery.energyWh = ups.battery.capacityWh * charge;
        ups.replaceBattery = command.shown === true && command.share < 1;
        if (command.share === 1) ups.lastTest = 0;
        noteFault(running, 'battery-health', id, command.share === 1 ? '' : `${command.share}`, nowMs);
      });
    case 'charger':
      return each(command.device, (index, id) => {
        upsAt(running, index).chargerWorks = command.working;
        noteFault(running, 'charger', id, command.working ? '' : 'failed', nowMs);
      });
    case 'firmware':
      return each(command.device, (index, id) => {
        upsAt(running, index).runtimeFactor = command.runtimeFactor;
        noteFault(running, 'firmware', id, command.runtimeFactor === 1 ? '' : `× ${command.runtimeFactor}`, nowMs);
      });
    case 'bypass':
      return each(command.device, (index, id) => {
        setBypass(running, index, command.bypass, nowMs);
        noteFault(running, 'bypass', id, command.bypass === 'none' ? '' : command.bypass, nowMs);
      });
    case 'extra-load':
      return each(command.device, (index, id) => {
        upsAt(running, index).extraWatts = command.watts;
        noteFault(running, 'extra-load', id, command.watts === 0 ? '' : `${command.watts} W`, nowMs);
      });
    case 'self-test':
      return each(command.device, (index) => orderUps(running, index, 'self-test', 0, 'panel', nowMs));
    case 'test-stop':
      return each(command.device, (index, id) => {
        upsAt(running, index).ignoresStop = !command.heard;
        noteFault(running, 'test-stop', id, command.heard ? '' : 'ignored', nowMs);
      });
    case 'ups-off':
      return each(command.device, (index) => {
        orderUps(running, index, 'shutdown', command.delayS, 'panel', nowMs);
        if (command.restartAfterS !== undefined && command.delayS >= 0)
          orderUps(running, index, 'start', command.delayS + command.restartAfterS, 'panel', nowMs);
      });
    case 'ups-on':
      return each(command.device, (index) => orderUps(running, index, 'start', command.delayS ?? 0, 'panel', nowMs));
    default:
      return false;
  }
}
