import type { SimulatorCommand } from '#core/simulator.ts';
import { humidityAt } from './climate.ts';
import { temperatureNow, vapourNow } from './flows.ts';
import { goodLink } from './links.ts';
import { crash, machineOf } from './machines.ts';
import { meant, notFound } from './meant.ts';
import { noteFault } from './note-fault.ts';
import { setOutlet } from './power.ts';
import { sensed } from './senses.ts';
import type { LinkState, Running } from './state.ts';

/** Commands about one machine, outlet, sensor, link, and about the monitor itself. */

export function applyDevice(running: Running, command: SimulatorCommand, nowMs: number): void {
  const { world } = running;
  const machineIndex = (device: string): number => {
    const [index] = meant(world.machines, device);
    return index ?? 0;
  };
  switch (command.kind) {
    case 'fault':
      if (!world.machines.some((one) => one.id === command.device)) {
        // A sensor that falls silent is a sensor without a radio.
        const fault = command.fault === 'silent' ? 'dropout' : 'none';
        setSensorFault(running, { kind: 'sensor', device: command.device, fault }, nowMs);
        return;
      }
      machineOf(running, machineIndex(command.device)).fault = command.fault;
      noteFault(running, 'fault', command.device, command.fault === 'none' ? '' : command.fault, nowMs);
      return;
    case 'crash':
      crash(running, machineIndex(command.device), nowMs);
      return;
    case 'bmc':
      machineOf(running, machineIndex(command.device)).bmc = command.fault;
      noteFault(running, 'bmc', command.device, command.fault === 'none' ? '' : command.fault, nowMs);
      return;
    case 'outlet-stuck': {
      const [pdu] = meant(world.pdus, command.device);
      const outlet = world.pdus[pdu ?? -1]?.outlets[command.outlet - 1];
      if (outlet === undefined) throw notFound(`${command.device}/${command.outlet}`);
      outlet.stuck = command.stuck;
      const name = `${command.device}/${command.outlet}`;
      noteFault(running, 'outlet-stuck', name, command.stuck ? 'stuck' : '', nowMs);
      return;
    }
    case 'outlet': {
      const [pdu] = meant(world.pdus, command.device);
      if (world.pdus[pdu ?? -1]?.outlets[command.outlet - 1] === undefined)
        throw notFound(`${command.device}/${command.outlet}`);
      setOutlet(running, pdu ?? 0, command.outlet - 1, command.on, nowMs);
      return;
    }
    case 'sensor':
      setSensorFault(running, command, nowMs);
      return;
    case 'network':
      setLink(running, command, nowMs);
      return;
    case 'disk':
      world.monitor.diskFull = command.full;
      noteFault(running, 'disk', null, command.full ? 'full' : '', nowMs);
      return;
    case 'clock':
      world.monitor.clockOffsetMs = Math.round(command.offsetS * 1000);
      noteFault(running, 'clock', null, command.offsetS === 0 ? '' : `${command.offsetS} s`, nowMs);
      return;
    case 'speed':
      world.speed = command.factor;
      return;
    default:
  }
}

/** What `amount` means and is by default, by fault. */
const AMOUNTS: Readonly<Record<string, number>> = { late: 60, lossy: 0.5, drift: 2, noisy: 2, 'flat-battery': 60 };

function setSensorFault(running: Running, command: Extract<SimulatorCommand, { kind: 'sensor' }>, nowMs: number): void {
  const [index = 0] = meant(running.world.sensors, command.device);
  const sensor = running.world.sensors[index];
  if (sensor === undefined) throw notFound(command.device);
  sensor.fault = command.fault;
  sensor.amount = command.amount ?? AMOUNTS[command.fault] ?? 0;
  sensor.faultSinceAt = command.fault === 'none' ? null : nowMs;
  const temperatureC = temperatureNow(running);
  sensor.stuck =
    command.fault === 'stuck'
      ? { temperatureC, humidity: humidityAt(vapourNow(running), temperatureC), event: sensed(running, index) }
      : null;
  noteFault(running, 'sensor', command.device, command.fault === 'none' ? '' : command.fault, nowMs);
}

function setLink(running: Running, command: Extract<SimulatorCommand, { kind: 'network' }>, nowMs: number): void {
  const { network } = running.world;
  const link: LinkState = {
    ...goodLink(),
    down: command.down ?? false,
    loss: command.loss ?? 0,
    delayMs: command.delayMs ?? 0,
    duplicate: command.duplicate ?? 0,
  };
  const said = [
    ...(link.down ? ['down'] : []),
    ...(link.loss > 0 ? [`loss ${link.loss}`] : []),
    ...(link.delayMs > 0 ? [`delay ${link.delayMs} ms`] : []),
    ...(link.duplicate > 0 ? [`duplicate ${link.duplicate}`] : []),
  ].join(', ');
  if (command.device === undefined) network.whole = link;
  else if (!running.plan.devices.some((one) => one.id === command.device)) throw notFound(command.device);
  else if (said === '') delete network.links[command.device];
  else network.links[command.device] = link;
  noteFault(running, 'network', command.device ?? null, said, nowMs);
}
