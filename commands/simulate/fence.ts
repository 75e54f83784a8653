import type {
  ActionDriver,
  Bus,
  Channel,
  Clock,
  Journal,
  ReachProbe,
  SnmpTransport,
  StateStore,
  TrapSource,
} from '#core/ports.ts';
import { QUIET } from '#core/quiet.ts';

/**
 * What one life of a service is given of the world, so that it can be ended as by kill -9: from that moment on nothing of it
 * reaches outside any more. What it is in the middle of runs on among itself, as if it had been stopped in mid-instruction:
 * timers of it never ring, promises of it never settle, stores take nothing.
 */
export interface Fence {
  readonly alive: boolean;
  cut(): void;
  clock(clock: Clock): Clock;
  bus(bus: Bus): Bus;
  journal(journal: Journal): Journal;
  state(state: StateStore): StateStore;
  driver(driver: ActionDriver): ActionDriver;
  channel(channel: Channel): Channel;
  reach(reach: ReachProbe): ReachProbe;
  snmp(snmp: SnmpTransport): SnmpTransport;
  traps(traps: TrapSource): TrapSource;
}

/** For a life that is never ended: nothing stands between it and the world. */
export const OPEN_FENCE: Fence = {
  alive: true,
  cut: () => {},
  clock: (clock) => clock,
  bus: (bus) => bus,
  journal: (journal) => journal,
  state: (state) => state,
  driver: (driver) => driver,
  channel: (channel) => channel,
  reach: (reach) => reach,
  snmp: (snmp) => snmp,
  traps: (traps) => traps,
};

const never = <T>(): Promise<T> => new Promise<T>(() => {});
const nothing = (): void => {};

export function createFence(): Fence {
  let alive = true;
  const onCut: (() => void)[] = [];
  const whileAlive =
    <A extends unknown[]>(run: (...args: A) => void) =>
    (...args: A): void => {
      if (alive) run(...args);
    };
  /** Settles only in this life. */
  const outcome = <T>(promise: () => Promise<T>): Promise<T> => {
    if (!alive) return never();
    return new Promise((resolve, reject) => {
      promise().then(whileAlive(resolve), whileAlive(reject));
    });
  };
  const living = (): void => {
    if (!alive) throw new Error('this process was killed');
  };
  return {
    get alive() {
      return alive;
    },
    cut: () => {
      alive = false;
      for (const end of onCut.splice(0)) end();
    },
    clock: (clock) => ({
      now: clock.now,
      monotonic: clock.monotonic,
      after: (delay, run) => (alive ? clock.after(delay, () => (alive ? run() : QUIET)) : nothing),
    }),
    bus: (bus) => {
      const { publishValue, publishAgain } = bus;
      return {
        publish: (...message) => outcome(() => bus.publish(...message)),
        ...(publishValue === undefined ? {} : { publishValue: whileAlive(publishValue) }),
        ...(publishAgain === undefined ? {} : { publishAgain: whileAlive(publishAgain) }),
        subscribe: (filter, handler, again) =>
          outcome(async () => {
            const stop = await bus.subscribe(
              filter,
              whileAlive(handler),
              again === undefined ? undefined : whileAlive(again),
            );
            onCut.push(() => void stop());
            return stop;
          }),
        onConnection: (listener) => {
          if (!alive) return nothing;
          const cancel = bus.onConnection(whileAlive(listener));
          onCut.push(cancel);
          return cancel;
        },
        close: () => outcome(() => bus.close()),
      };
    },
    journal: (journal) => ({
      ...journal,
      append: (records) => {
        living();
        return journal.append(records);
      },
    }),
    state: (state) => ({
      get: (key) => state.get(key),
      entries: (prefix) => state.entries(prefix),
      close: nothing,
      set: (key, value) => {
        living();
        state.set(key, value);
      },
      delete: (key) => {
        living();
        state.delete(key);
      },
      transaction: (work) => {
        living();
        return state.transaction(work);
      },
    }),
    driver: (driver) => ({ ...driver, run: (...call) => outcome(() => driver.run(...call)) }),
    channel: (channel) => ({ send: (message) => outcome(() => channel.send(message)), close: async () => {} }),
    reach: (reach) => ({
      tcp: (...target) => outcome(() => reach.tcp(...target)),
      tcpNow: (host, port) => (alive ? (reach.tcpNow?.(host, port) ?? null) : null),
    }),
    snmp: (snmp) => ({
      open: (connection) => {
        const link = snmp.open(connection);
        return {
          get: (oids) => outcome(() => link.get(oids)),
          read: (oids) => (alive ? (link.read?.(oids) ?? null) : null),
          walk: (oid, limit) => outcome(() => link.walk(oid, limit)),
          set: (varbinds) => outcome(() => link.set(varbinds)),
          close: () => link.close(),
        };
      },
    }),
    traps: (traps) => ({
      listen: (handler) =>
        outcome(async () => {
          const stop = await traps.listen(whileAlive(handler));
          onCut.push(() => void stop());
          return stop;
        }),
    }),
  };
}
