import type { Again } from './again.ts';
import type { BucketFigure, BucketTable, TableQuery } from './bucket-table.ts';
import type { Check } from './config/checks.ts';
import type { SnmpConnection } from './config/connections.ts';
import type { Action } from './config/device.ts';
import type { OutgoingMessage } from './notification.ts';
import type { Reading } from './reading.ts';
import type {
  SeriesBand,
  SeriesBucket,
  SeriesEntry,
  SeriesRange,
  SeriesSample,
  SeriesStatus,
  SeriesStep,
  SeriesWriteResult,
} from './series.ts';
import type { Duration, Instant } from './time.ts';

/** Everything that is not pure comes in through these. Adapters live in platform/, in-memory twins pass the same contract suites. */

export type Cancel = () => void;
/** Undoes what was started; safe to call twice. */
export type Stop = () => Promise<void>;

/** Time. Wall time for records, monotonic time for what elapsed; in simulation both are virtual. */
export interface Clock {
  now(): Instant;
  /** Never goes back, also when the wall clock is set. */
  monotonic(): Duration;
  /** Calls once after the delay; errors thrown by `run` go to the process's handler, never to another timer. */
  after(delay: Duration, run: () => void): Cancel;
}

/** Resolves after the delay of this clock. */
export const sleep = (clock: Clock, delay: Duration): Promise<void> =>
  new Promise((resolve) => {
    clock.after(delay, resolve);
  });

export interface BusMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** What the payload says, when it never left this process (`publishValue`): nobody need decode it. Never changed by who reads it. */
  readonly value?: unknown;
  /** The broker kept it from earlier. */
  readonly retained: boolean;
}

/** MQTT's publish and subscribe. Delivery is at least once and in order per topic; a handler that throws is logged and counted, and disturbs nobody. */
export interface Bus {
  /** Resolves when the broker has it (QoS 1); rejects with BUS_DOWN when it cannot be handed over. An empty payload with retain clears the kept one. */
  publish(topic: string, payload: Uint8Array | string, options?: { retain?: boolean; qos?: 0 | 1 }): Promise<void>;
  /** In-process buses only: hands the value over as it is; the payload is made of it only for who reads that. Throws BUS_DOWN. */
  publishValue?(topic: string, value: object, options?: { retain?: boolean }): void;
  /**
   * In-process buses only: many topics at once of which nothing is news; what is kept of each is renewed. Those who have no
   * handler for it hear of each as of any other message. Throws BUS_DOWN.
   */
  publishAgain?(again: readonly Again[]): void;
  /** Kept messages that match arrive first, marked `retained`. `again`: hears what is said again, all that came at once. */
  subscribe(
    filter: string,
    handler: (message: BusMessage) => void,
    again?: (again: readonly Again[]) => void,
  ): Promise<Stop>;
  /** Tells the present state at once and each change. */
  onConnection(listener: (up: boolean) => void): Cancel;
  close(): Promise<void>;
}

/** One durable line of the journal. `seq` grows by one; `hash` chains each record to the one before. */
export interface JournalRecord {
  readonly seq: number;
  readonly at: Instant;
  /** The stream: an incident's id, or `site`. */
  readonly stream: string;
  readonly kind: string;
  /** JSON. */
  readonly body: unknown;
  readonly hash: string;
}

/** Append-only. `append` returns only when the records survive a power cut, all or none. */
export interface Journal {
  append(records: readonly { at: Instant; stream: string; kind: string; body: unknown }[]): readonly JournalRecord[];
  read(options?: { stream?: string; after?: number }): Iterable<JournalRecord>;
  streams(): readonly { stream: string; first: number; last: number; firstAt: Instant; lastAt: Instant }[];
  /** Checks the chain; the first record that does not fit, or null. */
  verify(): { seq: number; reason: string } | null;
  /** The same, giving way after some hundred records; absent where nothing is kept. */
  verifySlowly?(): Generator<void, { records: number; broken: { seq: number; reason: string } | null }>;
  close(): void;
}

/** Small durable key-value state with one writer: rule timers, alert states, recorded durations. */
export interface StateStore {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
  delete(key: string): void;
  /** Keys in order that begin with the prefix. */
  entries(prefix: string): Iterable<readonly [key: string, value: unknown]>;
  /** All or none. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/**
 * History, any store behind one port: what the figures mean stands in series-math.ts. Never on the decision path.
 * Every call may throw STORE_DOWN: the store cannot be reached or read now; the caller goes on without.
 */
export interface SeriesStore {
  /**
   * Resolves when the readings are kept for good. The same device, point and time again replaces the one before, so a batch
   * whose fate is unknown is simply written again. Readings may come late and out of order. Throws STORE_DOWN when none or
   * only some could be kept: write all of them again.
   */
  write(readings: readonly Reading[]): Promise<SeriesWriteResult>;
  /** Ascending, at most `limit` (default 10,000), the earliest first. The next page begins a millisecond after the last `at`. */
  raw(query: SeriesRange & { readonly limit?: number }): Promise<readonly SeriesSample[]>;
  /** The moments at which value or quality changed, the sample that held at `from` first with its own earlier time; the newest `limit` (default 10,000), ascending. */
  changes(query: SeriesRange & { readonly limit?: number }): Promise<readonly SeriesSample[]>;
  /** Whole buckets from the edge at or before `from` to the one at or after `to`; those without anything left out. `band` overrides the series' own. */
  buckets(
    query: SeriesRange & { readonly step: SeriesStep; readonly band?: SeriesBand },
  ): Promise<readonly SeriesBucket[]>;
  /** The same as `buckets`, as columns of the figures that are asked for: for long questions. */
  table<Figure extends BucketFigure>(query: TableQuery<Figure>): Promise<BucketTable<Figure>>;
  /** Quantiles of the good numbers of the range, `shares` 0 to 1; null each when there is none. */
  quantiles(query: SeriesRange & { readonly shares: readonly number[] }): Promise<readonly (number | null)[]>;
  /** Every series kept, by device and point. */
  series(): Promise<readonly SeriesEntry[]>;
  status(): SeriesStatus;
  close(): Promise<void>;
}

/** What came of one try of an action. `unknown`: it was sent and its fate is not known (L20: a time-out is not a stop). */
export interface ActionOutcome {
  readonly result: 'ok' | 'failed' | 'unknown';
  readonly detail: string;
  /** Standard output or the agent's answer, cut at 4,000 characters. */
  readonly output?: string;
  /** The command ran and ended with this; absent when it did not run or its end was not seen. */
  readonly exitCode?: number;
}

/** Carries out one action; never throws, always settles within `limit` of the clock. */
export interface ActionDriver {
  run(action: Action, context: ActionContext): Promise<ActionOutcome>;
  /** Proves that the target is reached and the credentials are good, without any side effect. Never throws, settles within `limit`. Absent: there is nothing to test. */
  test?(action: Action, context: ActionContext): Promise<ActionOutcome>;
}

export interface ActionContext {
  /** Idempotency key: incident, step and attempt. */
  readonly run: string;
  readonly limit: Duration;
  /** Values for `{device}`, `{incident}`, `{run}`, `{started}`, `{started_epoch}`. */
  readonly values: Readonly<Record<string, string>>;
}

/** What comes back over a channel. */
export type ChannelNews =
  /** Somebody answered: a reply by SMS, a key pressed in a call. `delivery`: the message it answers, where the channel knows. */
  | { readonly kind: 'answer'; readonly from: string; readonly text: string; readonly delivery: string | null }
  /** What became of a message that the other side had taken. */
  | {
      readonly kind: 'receipt';
      readonly delivery: string;
      readonly result: 'arrived' | 'failed';
      readonly detail: string | null;
    }
  /** The channel has tried itself: a siren's blip was seen, or was not. */
  | { readonly kind: 'health'; readonly works: boolean; readonly detail: string | null };

/** One way out to people. */
export interface Channel {
  /** Resolves when the other side has taken the message; throws a ZhishouError otherwise. */
  send(message: OutgoingMessage): Promise<void>;
  /**
   * Channels that tell something back, or do something by themselves: called when this instance begins to act, its Cancel when
   * it ceases to. At least once: an answer may be told again after a restart.
   */
  listen?(handler: (news: ChannelNews) => void): Cancel;
  /** Proves that the other side is there, without telling anybody anything; throws a ZhishouError otherwise. Absent: only a message can tell. */
  test?(): Promise<void>;
  close(): Promise<void>;
}

export type SnmpType =
  | 'Integer'
  | 'OctetString'
  | 'Null'
  | 'OID'
  | 'IpAddress'
  | 'Counter'
  | 'Gauge'
  | 'TimeTicks'
  | 'Opaque'
  | 'Counter64'
  | 'NoSuchObject'
  | 'NoSuchInstance'
  | 'EndOfMibView';

export interface Varbind {
  /** Without a leading dot: `1.3.6.1.2.1.1.2.0`. */
  readonly oid: string;
  readonly type: SnmpType;
  /** Numbers for the numeric types (Counter64 as bigint when above 2^53), bytes for OctetString and Opaque, dotted text for OID and IpAddress, null for the rest. */
  readonly value: number | bigint | string | Uint8Array | null;
}

/** One SNMP manager session to one agent. Rejects with TIMED_OUT, REFUSED or BAD_ANSWER. */
export interface SnmpLink {
  get(oids: readonly string[]): Promise<readonly Varbind[]>;
  /**
   * Links within this process only: what `get` would give of these objects, as numbers and texts, at once. Undefined is an
   * object that is not there; null instead of a list: the device does not answer without delay, ask with `get`.
   */
  read?(oids: readonly string[]): readonly (number | string | undefined)[] | null;
  /** The rows below a column or table, at most `limit` varbinds. For discovery at start and on change only (L37). */
  walk(oid: string, limit: number): Promise<readonly Varbind[]>;
  set(
    varbinds: readonly { oid: string; type: 'Integer' | 'OctetString' | 'Gauge' | 'OID'; value: number | string }[],
  ): Promise<void>;
  close(): void;
}

/** Opens SNMP links: over UDP in production, straight into the simulated agents in memory. */
export interface SnmpTransport {
  open(connection: SnmpConnection): SnmpLink;
}

export interface Trap {
  /** The sender's address. */
  readonly from: string;
  /** snmpTrapOID.0, or for v1 the OID of RFC 3584 section 3.1. */
  readonly oid: string;
  readonly varbinds: readonly Varbind[];
  readonly version: '1' | '2c' | '3';
  /** Community, or user for v3. */
  readonly name: string;
  readonly inform: boolean;
}

/** Hears traps and informs; what cannot be decoded is counted and dropped. A trap is a hint: polling decides (L15). */
export interface TrapSource {
  listen(handler: (trap: Trap) => void): Promise<Stop>;
}

/** Is something listening there? */
export interface ReachProbe {
  tcp(host: string, port: number, limit: Duration): Promise<'open' | 'closed'>;
  /** Within this process only: the answer, where it needs no waiting; else null. */
  tcpNow?(host: string, port: number): 'open' | 'closed' | null;
}

/** How a service answered when it was asked from outside; `latency` from the question to the answer. */
export type ServiceAnswer =
  | {
      readonly result: 'answered';
      readonly latency: Duration;
      /** What it said first, or the page's text; cut at 256 KB. */
      readonly text?: string;
      /** HTTP. */
      readonly status?: number;
      /** TLS: when its certificate runs out, and why it is not believed, if it is not. */
      readonly certificate?: { readonly until: Instant; readonly doubt: 'untrusted' | 'of-another' | null };
    }
  | {
      readonly result:
        | 'refused'
        | 'timed-out'
        | 'unreachable'
        | 'name-unknown'
        | 'broken-off'
        | 'certificate-untrusted';
      readonly detail: string;
    };

/** Looks at services as those who use them do. Never rejects; settles about when the check's time-out has passed. */
export interface ServiceProbe {
  ask(check: Check): Promise<ServiceAnswer>;
}

export interface Log {
  debug(fields: Record<string, unknown>, message: string): void;
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
  child(fields: Record<string, unknown>): Log;
}

/** Counters and gauges for `/metrics`. Names are Prometheus names, labels few and stable. */
export interface Metrics {
  count(name: string, labels?: Readonly<Record<string, string>>, by?: number): void;
  gauge(name: string, value: number, labels?: Readonly<Record<string, string>>): void;
  /** Seconds, into fixed buckets. */
  observe(name: string, seconds: number, labels?: Readonly<Record<string, string>>): void;
  /** The Prometheus text format, version 0.0.4. */
  render(): string;
}
