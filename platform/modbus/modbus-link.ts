import type { ModbusConnection } from '#core/config/connections.ts';
import type { ModbusTable } from '#core/config/profile-modbus.ts';
import type { ReadAnswer } from './pdu.ts';

/**
 * One unit. Rejects with UNREACHABLE (no connection; the gateway cannot reach the unit), TIMED_OUT, BAD_ANSWER (what came is no
 * answer to the question), TOO_MANY (too many questions wait already).
 */
export interface ModbusLink {
  /** `count` registers as 0–65535, coils and discrete inputs as 0 and 1; or the exception with which the unit refuses. */
  read(table: ModbusTable, address: number, count: number): Promise<ReadAnswer>;
  /** What it tells of itself from this object on, by object; empty when it does not know the question. */
  identify(from: number): Promise<ReadonlyMap<number, string>>;
  /** Safe to call twice. */
  close(): void;
}

/** Units behind one host and port share one connection and are asked in turn. */
export interface ModbusConnector {
  open(connection: ModbusConnection): ModbusLink;
}
