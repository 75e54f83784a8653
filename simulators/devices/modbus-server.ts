import { isBitTable, type ModbusTable } from '#core/config/profile-modbus.ts';
import type { Clock } from '#core/ports.ts';
import { encodeRegisters, type RegisterType, type WordOrder } from '#core/registers.ts';
import type { Duration } from '#core/time.ts';
import type { ByteStream, StreamEvents } from '#platform/modbus/byte-stream.ts';
import { crc16, type Framing, rtuFrame, takeTcpFrames, tcpFrame } from '#platform/modbus/frames.ts';

/**
 * Modbus devices behind one address: their registers, both framings, and whatever can go wrong between them and the reader. Speaks
 * over sockets (`serveTcp`) or within the process (`createMemoryNet`), byte for byte the same.
 */
export interface ModbusUnit {
  /** What stands at an address; undefined: a hole, answered by exception 2. */
  read(table: ModbusTable, address: number): number | undefined;
  /** What Read Device Identification tells, by object; without it the function is refused. */
  readonly identity?: ReadonlyMap<number, string>;
  /** More registers in one question are refused by exception 3. */
  readonly most?: number;
  /** False: no supply, or out of reach. It says nothing. */
  alive?(): boolean;
}

export interface ModbusRequest {
  readonly unit: number;
  readonly functionCode: number;
  readonly address: number;
  readonly count: number;
  /** TCP's transaction number. */
  readonly transaction: number;
}

/** What the reader gets instead of a good answer. */
export type Delivery = { readonly bytes: Uint8Array; readonly after?: Duration } | { readonly hangUp: true };

export interface ModbusServerOptions {
  /** By number; no other unit answers. */
  readonly units: ReadonlyMap<number, ModbusUnit>;
  readonly framing: Framing;
  readonly clock: Clock;
  /** Asked before each answer: null lets it be, an empty list is silence. */
  readonly trouble?: (request: ModbusRequest, answer: Uint8Array) => readonly Delivery[] | null;
  /** Told of each question. */
  readonly onRequest?: (request: ModbusRequest) => void;
}

/** For `Serve`: what listens to one connection. */
export function createModbusServer(options: ModbusServerOptions): (peer: ByteStream) => StreamEvents {
  return (peer) => {
    let buffer: Uint8Array = new Uint8Array();
    return {
      data: (bytes) => {
        buffer = Uint8Array.of(...buffer, ...bytes);
        if (options.framing === 'tcp') {
          const { frames, rest } = takeTcpFrames(buffer);
          buffer = rest;
          for (const { transaction, unit, pdu } of frames) answer(options, peer, unit, pdu, transaction);
        } else {
          for (let taken = takeRtuQuestion(buffer); taken !== null; taken = takeRtuQuestion(buffer)) {
            buffer = taken.rest;
            if (taken.whole) answer(options, peer, taken.unit, taken.pdu, 0);
          }
        }
      },
      closed: () => {},
    };
  };
}

/** Questions have a fixed length by their function; what is broken is dropped whole, as the silence on a wire would do. */
function takeRtuQuestion(
  buffer: Uint8Array,
): { whole: boolean; unit: number; pdu: Uint8Array; rest: Uint8Array } | null {
  const length = buffer[1] === 0x2b ? 4 : 5;
  if (buffer.length < length + 3) return null;
  const body = buffer.subarray(0, 1 + length);
  const [low = 0, high = 0] = buffer.subarray(1 + length);
  const whole = crc16(body) === ((high << 8) | low);
  return { whole, unit: body[0] ?? 0, pdu: body.slice(1), rest: whole ? buffer.slice(length + 3) : new Uint8Array() };
}

function answer(
  options: ModbusServerOptions,
  peer: ByteStream,
  unit: number,
  pdu: Uint8Array,
  transaction: number,
): void {
  const word = (at: number): number => ((pdu[at] ?? 0) << 8) | (pdu[at + 1] ?? 0);
  const request = { unit, functionCode: pdu[0] ?? 0, address: word(1), count: word(3), transaction };
  options.onRequest?.(request);
  const device = options.units.get(unit);
  if (device === undefined || device.alive?.() === false) return;
  const said = answerTo(device, pdu, request);
  const frame = options.framing === 'tcp' ? tcpFrame(transaction, unit, said) : rtuFrame(unit, said);
  const deliveries = options.trouble?.(request, frame) ?? [{ bytes: frame }];
  for (const delivery of deliveries) {
    if ('hangUp' in delivery) peer.close();
    else if (delivery.after === undefined) peer.write(delivery.bytes);
    else options.clock.after(delivery.after, () => peer.write(delivery.bytes));
  }
}

const TABLES: Readonly<Record<number, ModbusTable>> = { 1: 'coil', 2: 'discrete', 3: 'holding', 4: 'input' };

function answerTo(device: ModbusUnit, pdu: Uint8Array, { functionCode, address, count }: ModbusRequest): Uint8Array {
  const refuse = (exception: number): Uint8Array => Uint8Array.of(functionCode | 0x80, exception);
  if (functionCode === 0x2b) return device.identity === undefined ? refuse(1) : identify(device.identity, pdu);
  const table = TABLES[functionCode];
  if (table === undefined) return refuse(1);
  const most = isBitTable(table) ? 2000 : (device.most ?? 125);
  if (count === 0 || count > most) return refuse(3);
  const values = Array.from({ length: count }, (_, i) => device.read(table, address + i));
  if (values.includes(undefined)) return refuse(2);
  const numbers = values.map((value) => value ?? 0);
  if (isBitTable(table)) {
    const bytes = new Uint8Array(Math.ceil(count / 8));
    for (const [i, bit] of numbers.entries()) bytes[i >> 3] = (bytes[i >> 3] ?? 0) | ((bit & 1) << (i & 7));
    return Uint8Array.of(functionCode, bytes.length, ...bytes);
  }
  return Uint8Array.of(functionCode, 2 * count, ...numbers.flatMap((value) => [(value >> 8) & 0xff, value & 0xff]));
}

/** As many objects as one answer holds, and where to go on. */
function identify(identity: ReadonlyMap<number, string>, pdu: Uint8Array): Uint8Array {
  const [, , code = 1, from = 0] = pdu;
  const last = code === 1 ? 2 : code === 2 ? 0x7f : 0xff;
  const objects = [...identity]
    .filter(([id]) => (code === 4 ? id === from : id >= from && id <= last))
    .sort((a, b) => a[0] - b[0]);
  const body: number[] = [];
  let told = 0;
  let next = 0;
  for (const [id, text] of objects) {
    const bytes = [...new TextEncoder().encode(text)].slice(0, 200);
    if (7 + body.length + 2 + bytes.length > 253) {
      next = id;
      break;
    }
    body.push(id, bytes.length, ...bytes);
    told++;
  }
  return Uint8Array.of(0x2b, 0x0e, code, 0x83, next === 0 ? 0 : 0xff, next, told, ...body);
}

/** A unit whose registers are written down: `{ holding: { 0: 658, 1: 0xff9b } }`. Change them as the room changes. */
export class RegisterBank implements ModbusUnit {
  readonly identity?: ReadonlyMap<number, string>;
  readonly most?: number;
  readonly #tables: Record<ModbusTable, Map<number, number>> = {
    coil: new Map(),
    discrete: new Map(),
    input: new Map(),
    holding: new Map(),
  };

  constructor(
    registers: Partial<Record<ModbusTable, Readonly<Record<number, number>>>> = {},
    { identity, most }: { identity?: Readonly<Record<number, string>>; most?: number } = {},
  ) {
    for (const table of ['coil', 'discrete', 'input', 'holding'] as const)
      for (const [address, value] of Object.entries(registers[table] ?? {})) this.set(table, Number(address), value);
    if (identity !== undefined)
      this.identity = new Map(Object.entries(identity).map(([object, text]) => [Number(object), text]));
    if (most !== undefined) this.most = most;
  }

  read(table: ModbusTable, address: number): number | undefined {
    return this.#tables[table].get(address);
  }
  set(table: ModbusTable, address: number, value: number): void {
    this.#tables[table].set(address, value & 0xffff);
  }
  /** A number or a text over as many registers as its type takes. */
  put(
    table: ModbusTable,
    at: number,
    value: number | bigint | string,
    type: RegisterType,
    { order = 'ABCD', length }: { order?: WordOrder; length?: number } = {},
  ): void {
    const words = encodeRegisters(value, type, order, length);
    for (const [i, word] of words.entries()) this.set(table, at + i, word);
  }
  clear(table: ModbusTable, address: number): void {
    this.#tables[table].delete(address);
  }
}
