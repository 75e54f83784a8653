import type { Clock } from '#core/ports.ts';
import { seconds } from '#core/time.ts';
import type { Room } from '../room.ts';
import {
  energyTenthsKwh,
  fillOutlets,
  hundredthKilovoltAmperes,
  hundredthKilowatts,
  PDU_VOLTS,
  tenthAmperes,
} from '../world/pdu-figures.ts';
import { machineAt, pduPowered } from '../world/power.ts';
import { constant, type MibColumn, type MibTable, requireOneOf, type SnmpFace, systemGroup } from './mib.ts';
import { onceAMoment } from './once-a-moment.ts';

/** An APC switched rack PDU, second generation, metered by outlet: PowerNet-MIB rPDU2. */

const RPDU2 = '1.3.6.1.4.1.318.1.1.26';
/** sysObjectID of the rack PDUs' management card, as AP8xxx answer it. */
const IDENTITY = '1.3.6.1.4.1.318.1.3.4.6';
/** rPDU2OutletSwitchedControlCommand. */
const IMMEDIATE_ON = 1;
const IMMEDIATE_OFF = 2;
const IMMEDIATE_REBOOT = 3;
/** rPDU2OutletSwitchedConfigRebootDuration's default. */
const REBOOT = seconds(5);

interface Source {
  readonly room: Room;
  readonly device: string;
  readonly pdu: number;
  /** Its outlets' numbers, from 1. */
  readonly outlets: readonly number[];
  /** Watts of each outlet by number, as its meter shows them now. */
  readonly metered: () => readonly number[];
  readonly clock: Clock;
  /** The address of its card, for the log of received commands. */
  readonly over: string;
}

export function apcRpdu2Face(room: Room, device: string, clock: Clock, over: string): SnmpFace {
  const { world } = room.look();
  const pdu = world.pdus.findIndex((one) => one.id === device);
  const outlets = (world.pdus[pdu]?.outlets ?? []).map((_, index) => index + 1);
  const known: number[] = [];
  // Place 0 is the sum.
  const metered = onceAMoment(room, (running) => fillOutlets(running, pdu, known));
  const source: Source = { room, device, pdu, outlets, metered, clock, over };
  const upTime = (): number => {
    const { world: now } = room.look();
    return Math.max(0, Math.round((now.at - now.startedAt) / 10)) % 4_294_967_296;
  };
  return {
    device,
    upTime,
    alive: () => pduPowered(room.look(), pdu),
    watch: () => () => {},
    mib: {
      scalars: [
        ...systemGroup('APC Web/SNMP Management Card (simulated by Zhishou, MN:AP8959EU3)', IDENTITY, device, upTime),
        constant('PowerNet-MIB::rPDU2TableSize', `${RPDU2}.1`, 'Integer', 1),
      ],
      tables: [identTable(source), deviceTable(source), phaseTable(source), ...outletTables(source)],
    },
  };
}

const column = (
  name: string,
  number: number,
  read: MibColumn['read'],
  type: MibColumn['type'] = 'Integer',
): MibColumn => ({ name: `PowerNet-MIB::${name}`, number, type, read });
/** It never changes. */
const text = (name: string, number: number, read: MibColumn['read']): MibColumn => ({
  ...column(name, number, read, 'OctetString'),
  constant: true,
});
const ONE_ROW = [1];

const meteredWatts = (source: Source, outlet: number): number => source.metered()[outlet] ?? 0;

const totalWatts = (source: Source): number => meteredWatts(source, 0);

const energy = (source: Source, outlet: number | null): number =>
  energyTenthsKwh(source.room.look(), source.pdu, outlet);

const identTable = (source: Source): MibTable => ({
  name: 'PowerNet-MIB::rPDU2IdentTable',
  entry: `${RPDU2}.2.1`,
  rows: () => ONE_ROW,
  columns: [
    column('rPDU2IdentIndex', 1, (index) => index),
    column('rPDU2IdentModule', 2, () => 1),
    text('rPDU2IdentName', 3, () => source.device),
    text('rPDU2IdentLocation', 4, () => 'simulated room'),
    text('rPDU2IdentHardwareRev', 5, () => '02'),
    text('rPDU2IdentFirmwareRev', 6, () => 'v6.8.0'),
    text('rPDU2IdentDateOfManufacture', 7, () => '01/03/2020'),
    text('rPDU2IdentModelNumber', 8, () => 'AP8959EU3'),
    text('rPDU2IdentSerialNumber', 9, () => 'SIM000000001'),
  ],
});

/** lowLoad(1) normal(2) nearOverload(3) overload(4). */
const loadState = (watts: number): number => (watts < 50 ? 1 : watts < 6000 ? 2 : watts < 7000 ? 3 : 4);

const deviceTable = (source: Source): MibTable => ({
  name: 'PowerNet-MIB::rPDU2DeviceStatusTable',
  entry: `${RPDU2}.4.3.1`,
  rows: () => ONE_ROW,
  columns: [
    column('rPDU2DeviceStatusIndex', 1, (index) => index),
    column('rPDU2DeviceStatusModule', 2, () => 1),
    text('rPDU2DeviceStatusName', 3, () => source.device),
    column('rPDU2DeviceStatusLoadState', 4, () => loadState(totalWatts(source))),
    // Hundredths of kilowatts; energy in tenths of kilowatt-hours.
    column('rPDU2DeviceStatusPower', 5, () => hundredthKilowatts(totalWatts(source))),
    column('rPDU2DeviceStatusEnergy', 9, () => energy(source, null)),
    column('rPDU2DeviceStatusCommandPending', 11, () => 2),
    column('rPDU2DeviceStatusPowerSupplyAlarm', 12, () => 1),
    column('rPDU2DeviceStatusApparentPower', 16, () => hundredthKilovoltAmperes(totalWatts(source))),
    column('rPDU2DeviceStatusPowerFactor', 17, () => 95),
  ],
});

const phaseTable = (source: Source): MibTable => ({
  name: 'PowerNet-MIB::rPDU2PhaseStatusTable',
  entry: `${RPDU2}.6.3.1`,
  rows: () => ONE_ROW,
  columns: [
    column('rPDU2PhaseStatusIndex', 1, (index) => index),
    column('rPDU2PhaseStatusModule', 2, () => 1),
    column('rPDU2PhaseStatusNumber', 3, () => 1),
    column('rPDU2PhaseStatusLoadState', 4, () => loadState(totalWatts(source))),
    column('rPDU2PhaseStatusCurrent', 5, () => tenthAmperes(totalWatts(source))),
    column('rPDU2PhaseStatusVoltage', 6, () => PDU_VOLTS),
    column('rPDU2PhaseStatusPower', 7, () => hundredthKilowatts(totalWatts(source))),
    column('rPDU2PhaseStatusApparentPower', 8, () => hundredthKilovoltAmperes(totalWatts(source))),
    column('rPDU2PhaseStatusPowerFactor', 9, () => 95),
  ],
});

function outletTables(source: Source): MibTable[] {
  const rows = (): readonly number[] => source.outlets;
  const isOn = (outlet: number): boolean => source.room.look().world.pdus[source.pdu]?.outlets[outlet - 1]?.on === true;
  const name = (outlet: number): string => {
    const machine = machineAt(source.room.look(), source.pdu, outlet - 1);
    return machine === null ? `Outlet ${outlet}` : (source.room.look().world.machines[machine]?.id ?? '');
  };
  const head = (prefix: string): MibColumn[] => [
    column(`${prefix}Index`, 1, (outlet) => outlet),
    column(`${prefix}Module`, 2, () => 1),
    text(`${prefix}Name`, 3, name),
    column(`${prefix}Number`, 4, (outlet) => outlet),
  ];
  return [
    {
      name: 'PowerNet-MIB::rPDU2OutletSwitchedStatusTable',
      entry: `${RPDU2}.9.2.3.1`,
      rows,
      columns: [
        ...head('rPDU2OutletSwitchedStatus'),
        // off(1) on(2): the other way round than the command.
        column('rPDU2OutletSwitchedStatusState', 5, (outlet) => (isOn(outlet) ? 2 : 1)),
        column('rPDU2OutletSwitchedStatusCommandPending', 6, () => 2),
      ],
    },
    {
      name: 'PowerNet-MIB::rPDU2OutletSwitchedControlTable',
      entry: `${RPDU2}.9.2.4.1`,
      rows,
      columns: [
        ...head('rPDU2OutletSwitchedControl'),
        {
          ...column('rPDU2OutletSwitchedControlCommand', 5, (outlet) => (isOn(outlet) ? IMMEDIATE_ON : IMMEDIATE_OFF)),
          write: (outlet, value, commit) => {
            requireOneOf('rPDU2OutletSwitchedControlCommand', value, [IMMEDIATE_ON, IMMEDIATE_OFF, IMMEDIATE_REBOOT]);
            if (commit) command(source, outlet, Number(value));
          },
        },
      ],
    },
    {
      name: 'PowerNet-MIB::rPDU2OutletMeteredStatusTable',
      entry: `${RPDU2}.9.4.3.1`,
      rows,
      columns: [
        ...head('rPDU2OutletMeteredStatus'),
        column('rPDU2OutletMeteredStatusState', 5, () => 2),
        column('rPDU2OutletMeteredStatusCurrent', 6, (outlet) => tenthAmperes(meteredWatts(source, outlet))),
        column('rPDU2OutletMeteredStatusPower', 7, (outlet) => meteredWatts(source, outlet)),
        column('rPDU2OutletMeteredStatusPeakPower', 8, (outlet) => meteredWatts(source, outlet)),
        column('rPDU2OutletMeteredStatusEnergy', 11, (outlet) => energy(source, outlet)),
        text('rPDU2OutletMeteredStatusReceptacleType', 12, () => 'IEC C13'),
      ],
    },
  ];
}

function command(source: Source, outlet: number, value: number): void {
  const order = (on: boolean): void => source.room.orderOutlet(source.device, outlet, on, source.over);
  if (value !== IMMEDIATE_REBOOT) {
    order(value === IMMEDIATE_ON);
    return;
  }
  order(false);
  source.clock.after(REBOOT, () => order(true));
}
