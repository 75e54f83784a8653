import { createHash, timingSafeEqual } from 'node:crypto';
import type { Config } from '#core/config/config.ts';
import type { Action, Operation } from '#core/config/device.ts';
import type { Site } from '#core/config/site.ts';
import { messageOf } from '#core/errors.ts';
import type { IncidentView } from '#core/incident.ts';
import type { ActionContext, ActionOutcome, Cancel, Clock, Log, Metrics, StateStore, Stop } from '#core/ports.ts';
import type { Value } from '#core/reading.ts';
import type { LatestReadings } from '#core/rules/latest-readings.ts';
import { formatDuration, type Instant, milliseconds, seconds } from '#core/time.ts';
import type { NutDoor, NutListener } from '#platform/nut/nut-listener.ts';
import { VERSION } from '#platform/version.ts';
import { createGuests, type Guests } from './guests.ts';
import { createOrdersBook, type OrdersBook } from './orders-book.ts';
import { createNutSession, type NutHall } from './session.ts';
import { picture } from './variables.ts';

/**
 * Serves our UPSes to NUT clients (upsmon, Synology, QNAP) and tells a group of them to shut down when a plan says so.
 *
 * A group is a UPS of its own behind one of ours: what is said of it, nobody else hears. An order stands until it is taken
 * back, also through a restart of this monitor: in between, a client would otherwise come up and stay up on an empty battery.
 */
export interface NutServer {
  start(): void;
  stop(): Promise<void>;
  /** `nut_serve: {say: shutdown}`: done when every client that is logged in has been given the order. */
  tellShutdown(ups: string, context: ActionContext): Promise<ActionOutcome>;
  takeBack(ups: string, why: string): ActionOutcome;
  /** Could the order be heard now? Without side effects. */
  test(ups: string): ActionOutcome;
  /** What an incident has said is taken back when it is closed: machines that people start by hand then must not go down again. */
  onIncident(view: Pick<IncidentView, 'id' | 'closedAt'>): void;
  /** A device that a plan starts must not be told to shut down as soon as it is up: the order of its own shutdown is taken back first. */
  beforeAction(action: Action, context: ActionContext): void;
  /** The port it listens on; null while it does not. */
  readonly port: number | null;
}

export interface NutServerDependencies {
  readonly config: Pick<Config, 'site' | 'devices'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly state: StateStore;
  readonly latest: Pick<LatestReadings, 'good' | 'names'>;
  /** The time by which readings age: never goes back. */
  readonly steady: () => Instant;
  /** Null: nothing can reach us, as in a house without sockets; orders still stand. */
  readonly listener: NutListener | null;
}

/** upsmon asks every 5 s (POLLFREQ) and comes back within as much after we were away. */
const HEARING_TIME = seconds(20);
const RETRY_LISTEN = seconds(10);

type Settings = NonNullable<Site['nut_server']>;

export function createNutServer(dependencies: NutServerDependencies): NutServer | null {
  const settings = dependencies.config.site.nut_server;
  return settings === undefined ? null : new Server(dependencies, settings);
}

class Server implements NutServer {
  readonly #deps: NutServerDependencies;
  readonly #settings: Settings;
  readonly #book: OrdersBook;
  readonly #guests: Guests;
  #listening: { port: number; stop: Stop } | null = null;
  #cancelRetry: Cancel = () => {};
  #stopped = false;
  #starting: Promise<void> = Promise.resolve();

  constructor(dependencies: NutServerDependencies, settings: Settings) {
    this.#deps = dependencies;
    this.#settings = settings;
    this.#book = createOrdersBook(
      dependencies.state,
      settings.upses.map(({ id }) => id),
    );
    this.#guests = createGuests();
  }

  get port(): number | null {
    return this.#listening?.port ?? null;
  }

  start(): void {
    for (const order of this.#book.all()) {
      this.#deps.log.warn({ ups: order.ups, since: order.at }, 'NUT clients of this UPS are still told to shut down');
    }
    this.#gauge();
    this.#starting = this.#listen();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelRetry();
    await this.#starting;
    await this.#listening?.stop();
    this.#listening = null;
  }

  /** A port that is taken is asked for again: the plan must not die of it, and neither may the rest of the service. */
  async #listen(): Promise<void> {
    const { listener, log, clock, metrics } = this.#deps;
    if (listener === null || this.#stopped) return;
    try {
      this.#listening = await listener.listen(this.#settings, this.#door());
      log.info({ host: this.#settings.host, port: this.#listening.port }, 'serving UPSes to NUT clients');
    } catch (error) {
      log.error({ err: error }, `NUT clients cannot be served: ${messageOf(error)}`);
      this.#cancelRetry = clock.after(RETRY_LISTEN, () => {
        this.#starting = this.#listen();
      });
    }
    metrics.gauge('zhishou_nut_listening', this.#listening === null ? 0 : 1);
  }

  #door(): NutDoor {
    const hall = this.#hall();
    return {
      open: (address) => createNutSession(hall, address),
      rejected: (reason, address) => {
        this.#deps.metrics.count('zhishou_nut_rejected_total', { reason });
        this.#deps.log.warn({ reason, address }, 'NUT client turned away');
      },
    };
  }

  #hall(): NutHall {
    const { log, metrics } = this.#deps;
    return {
      version: VERSION,
      upses: this.#settings.upses.map((ups) => ({ id: ups.id, description: this.#description(ups) })),
      look: (ups) => picture(this.#good(ups), this.#book.order(ups) !== null, VERSION),
      allowed: (user, password) =>
        this.#settings.users.some((one) => same(one.name, user) && same(one.password.reveal(), password)),
      clients: (ups) => this.#guests.addresses(ups),
      onLogin: (guest, ups) => {
        log.info({ ups, address: guest.address, user: guest.user }, 'NUT client logged in');
        this.#guests.come(guest, ups);
        this.#gauge();
      },
      onStatusGiven: (guest, ups) => {
        if (guest.ups !== ups || this.#book.order(ups) === null) return;
        if (this.#book.heard(ups, guest.address))
          log.info({ ups, address: guest.address }, 'NUT client was told to shut down');
        this.#guests.heard(guest);
      },
      onRefused: (guest, what) => {
        metrics.count('zhishou_nut_refused_total', { what });
        if (what !== 'line') log.warn({ address: guest.address, user: guest.user, what }, 'NUT client refused');
      },
      onGone: (guest) => {
        if (guest.ups === null) return;
        log.info({ ups: guest.ups, address: guest.address }, 'NUT client gone');
        this.#guests.go(guest);
        this.#gauge();
      },
    };
  }

  #description(ups: Settings['upses'][number]): string {
    return ups.description?.en ?? this.#deps.config.devices.find(({ id }) => id === ups.of)?.name.en ?? ups.of;
  }

  #good(ups: string): Map<string, Value> {
    const { latest, steady } = this.#deps;
    const now = steady();
    const device = this.#settings.upses.find(({ id }) => id === ups)?.of ?? '';
    const good = new Map<string, Value>();
    for (const point of latest.names(device)) {
      const value = latest.good(device, point, now);
      if (value !== null) good.set(point, value);
    }
    return good;
  }

  #gauge(): void {
    for (const { id } of this.#settings.upses) {
      this.#deps.metrics.gauge('zhishou_nut_clients', this.#guests.addresses(id).length, { ups: id });
      this.#deps.metrics.gauge('zhishou_nut_shutdown_said', this.#book.order(id) === null ? 0 : 1, { ups: id });
    }
  }

  #knows(ups: string): boolean {
    return this.#settings.upses.some(({ id }) => id === ups);
  }

  async tellShutdown(ups: string, { run, limit, values }: ActionContext): Promise<ActionOutcome> {
    if (!this.#knows(ups)) return unknownUps(ups);
    const { clock, log } = this.#deps;
    const order = this.#book.say({ ups, at: clock.now(), run, incident: values.incident ?? null });
    log.warn({ ups, run }, 'NUT clients of this UPS are told to shut down');
    this.#gauge();
    if (!this.#allHave(ups)) {
      await this.#guests.whenHeard(
        () => this.#allHave(ups),
        (done) => clock.after(milliseconds(Math.min(HEARING_TIME, limit * 0.8)), done),
      );
    }
    const heardBy = this.#book.order(ups)?.heardBy ?? order.heardBy;
    const deaf = this.#guests.unheard(ups);
    if (heardBy.length === 0) return { result: 'failed', detail: `no NUT client follows ${ups}; the order stands` };
    const rest = deaf.length === 0 ? '' : `; not yet asked: ${deaf.join(', ')}`;
    return { result: 'ok', detail: `FSD on ${ups}, told to ${heardBy.join(', ')}${rest}` };
  }

  /** Somebody has heard it, and nobody who is logged in has not. */
  #allHave(ups: string): boolean {
    return (this.#book.order(ups)?.heardBy.length ?? 0) > 0 && this.#guests.unheard(ups).length === 0;
  }

  takeBack(ups: string, why: string): ActionOutcome {
    if (!this.#knows(ups)) return unknownUps(ups);
    const order = this.#book.takeBack(ups);
    this.#guests.forget(ups);
    this.#gauge();
    if (order === null) return { result: 'ok', detail: `${ups} was not told to shut down` };
    const since = formatDuration(milliseconds(this.#deps.clock.now() - order.at));
    this.#deps.log.info({ ups, why }, 'NUT clients of this UPS may run again');
    return { result: 'ok', detail: `FSD on ${ups} taken back after ${since}` };
  }

  test(ups: string): ActionOutcome {
    if (!this.#knows(ups)) return unknownUps(ups);
    if (this.#listening === null) return { result: 'failed', detail: 'the NUT server does not listen' };
    const clients = this.#guests.addresses(ups);
    if (clients.length === 0) return { result: 'failed', detail: `no NUT client is logged in to ${ups}` };
    return { result: 'ok', detail: `${clients.length} logged in to ${ups}: ${clients.join(', ')}` };
  }

  onIncident(view: Pick<IncidentView, 'id' | 'closedAt'>): void {
    if (view.closedAt === null) return;
    for (const order of this.#book.all()) {
      if (order.incident === view.id) this.takeBack(order.ups, `incident ${view.id} is closed`);
    }
  }

  beforeAction(action: Action, { values }: ActionContext): void {
    if (this.#book.all().length === 0) return;
    const device = this.#deps.config.devices.find(({ id }) => id === values.device);
    if (device === undefined || !waysOf(device.start).some((way) => isSame(way, action))) return;
    for (const way of waysOf(device.shutdown)) {
      if (!('nut_serve' in way) || way.nut_serve.say !== 'shutdown') continue;
      if (this.#book.order(way.nut_serve.ups) !== null) this.takeBack(way.nut_serve.ups, `${device.id} is started`);
    }
  }
}

const waysOf = (operation: Operation | undefined): readonly Action[] =>
  operation === undefined ? [] : [operation.by, ...operation.otherwise];

const isSame = (one: Action, other: Action): boolean => one === other || JSON.stringify(one) === JSON.stringify(other);

const unknownUps = (ups: string): ActionOutcome => ({
  result: 'failed',
  detail: `site.nut_server serves no UPS ${ups}`,
});

/** In time that does not tell how much was right. */
function same(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
