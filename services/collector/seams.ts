import type { Config } from '#core/config/config.ts';
import type { Device } from '#core/config/device.ts';
import type { Profile } from '#core/config/profile.ts';
import type { Bus, Clock, Log, Metrics, ReachProbe, ServiceProbe, SnmpTransport, TrapSource } from '#core/ports.ts';
import type { Random } from '#core/random.ts';
import type { Secret } from '#core/secret.ts';
import type { IpmiReader } from '#platform/ipmi/ipmi-reader.ts';
import type { ModbusConnector } from '#platform/modbus/modbus-link.ts';
import type { NutReader } from '#platform/nut/nut-reader.ts';
import type { RedfishReader } from '#platform/redfish/redfish-reader.ts';
import type { YdtLines } from '#platform/ydt/ydt-line.ts';
import type { DeviceBook } from './device-book.ts';
import type { PollTrace } from './poll-trace.ts';
import type { Job, Schedule } from './schedule.ts';

/** Where the parts of the collector meet. */

export interface CollectorDependencies {
  readonly config: Config;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly snmp: SnmpTransport;
  readonly reach: ReachProbe;
  readonly traps: TrapSource | null;
  /** With what the other ways of reading are opened. What is not given is not read: the device says so. */
  readonly links?: DeviceLinks;
  /** Given: the page may have devices looked at that are not configured yet. */
  readonly surveys?: SurveyParts;
  readonly random: Random;
  /** False where asking costs no network: all polls begin together. Default: spread. */
  readonly spread?: boolean;
}

export interface SurveyParts {
  /** Shared with the page's server. */
  readonly key: Secret;
  /** Real time: it is people and devices that are waited for. */
  readonly wall: Clock;
  /** Every profile there is: the configuration may have those of its own devices alone. */
  readonly profiles: () => Promise<readonly Profile[]>;
}

export interface DeviceLinks {
  readonly nut?: NutReader;
  readonly ipmi?: IpmiReader;
  readonly redfish?: RedfishReader;
  readonly modbus?: ModbusConnector;
  readonly ydt?: YdtLines;
  readonly services?: ServiceProbe;
}

/** What one device needs of the collector. */
export interface DeviceContext {
  readonly deps: CollectorDependencies;
  readonly device: Device;
  readonly book: DeviceBook;
  readonly schedule: Schedule;
}

/** The jobs of one device: what a trap or a request makes run. */
export interface DeviceJobs {
  readonly device: Device;
  readonly jobs: readonly Job[];
  readonly profile: () => Profile | null;
  readonly book: DeviceBook;
  /** Of a device that is polled: how that goes, and what people have named on it. */
  readonly trace?: PollTrace;
  readonly labels?: () => Readonly<Record<string, string>>;
}
