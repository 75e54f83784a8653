import type { BatteryTest, TestCommand, TestEvent } from '#core/battery-test/state.ts';
import { explainsMainsLost, step } from '#core/battery-test/step.ts';
import { viewOf } from '#core/battery-test/view.ts';
import type { PersonCommand } from '#core/command.ts';
import type { Config } from '#core/config/config.ts';
import type { NotificationRequest } from '#core/notification.ts';
import type { BatteryTestView } from '#core/paperwork/battery-test.ts';
import type { Cancel, Clock, Journal, Log } from '#core/ports.ts';
import { seconds, toIso } from '#core/time.ts';
import { carriedOut, type OrderAnswer, type Refusal, refusal, refused } from '../order-answer.ts';
import type { ActionRunner } from '../seams.ts';
import type { UnitOfWork } from '../unit-of-work.ts';
import { createDischargeWatch, type DischargeWatch } from './discharge-watch.ts';
import { type FactsSource, gatherFacts } from './gather-facts.ts';
import { keepModel, keepTest, modelOf, pastTests, restoreTests } from './kept-tests.ts';
import { settingsOf } from './test-settings.ts';

/**
 * The guided battery tests as they run (O-BAT-1): people's orders and what is read go into the pure `step`; what it says is journalled
 * and kept before it has an effect. Without a test under way it does nothing but remember when a UPS was on its battery last.
 */
export interface BatteryDesk {
  /** Before alerts are judged: what a test explains must be known by then. */
  restore(): void;
  /** Goes on with what was under way, looking at the evidence first. */
  start(): void;
  stop(): void;
  onReadings(device: string): void;
  /** Handles `battery-test.*`; durable when it returns. */
  onCommand(command: PersonCommand): OrderAnswer;
  /** The test that explains this UPS's missing mains: `battery-test/bt-ups-1-2026-11-23`; null: none does. */
  explains(rule: string, device: string): string | null;
  publish(): void;
}

export interface BatteryDeskDependencies extends Omit<FactsSource, 'watched' | 'modelOf' | 'tests' | 'past'> {
  readonly config: Config;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly work: UnitOfWork;
  readonly log: Log;
  readonly actions: Pick<ActionRunner, 'run'>;
  readonly tell: (request: NotificationRequest) => readonly string[];
  readonly poll: (device: string, everyMs: number | null) => void;
  /** What alerts are explained by a test has changed. */
  readonly review: () => void;
  /** A rule whose alert opens a plan that follows the battery. */
  readonly meansOutage: (rule: string) => boolean;
  readonly drill: boolean;
  readonly publishView: (view: BatteryTestView) => void;
  readonly retract: (id: string) => void;
}

const LOOK_EVERY = seconds(5);
/** While it discharges the curve goes to the disk, and to the pages, no oftener. */
const KEEP_EVERY = seconds(10);
const ORDER_LIMIT = seconds(20);
/** Points of the curve on the page while it grows. */
const SHOWN_LIVE = 240;

export function createBatteryDesk(deps: BatteryDeskDependencies): BatteryDesk {
  return new Desk(deps);
}

const OVER = new Set(['done', 'failed', 'abandoned']);
const isLive = ({ state }: BatteryTest): boolean => !OVER.has(state);

class Desk implements BatteryDesk {
  readonly #deps: BatteryDeskDependencies;
  readonly #watch: DischargeWatch;
  readonly #source: FactsSource;
  #tests = new Map<string, BatteryTest>();
  readonly #keptAt = new Map<string, number>();
  #timer: Cancel | null = null;
  #stopped = true;

  constructor(deps: BatteryDeskDependencies) {
    this.#deps = deps;
    const { store } = deps.work;
    this.#watch = createDischargeWatch(deps.config, store);
    this.#source = {
      ...deps,
      watched: this.#watch.of,
      modelOf: (ups) => modelOf(store, this.#device(ups)),
      tests: () => [...this.#tests.values()],
      past: (ups) => {
        const past = pastTests(this.#tests, ups);
        return { first: past[0] ?? null, previous: past.at(-1) ?? null };
      },
    };
  }

  restore(): void {
    this.#watch.restore();
    this.#tests = restoreTests(this.#deps.work.store);
  }

  start(): void {
    this.#stopped = false;
    for (const test of this.#tests.values()) {
      if (isLive(test)) this.#handle(test.id, { type: 'resumed' });
      else this.#show(test);
    }
    this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.();
    this.#timer = null;
  }

  onReadings(device: string): void {
    const { latest, clock } = this.#deps;
    const reading = this.#device(device)?.battery_test === undefined ? null : latest.reading(device, 'ups.status');
    if (reading === null || this.#stopped) return;
    if (reading.quality === 'good' && typeof reading.value === 'string')
      this.#watch.take(device, reading.value, clock.now());
    for (const test of this.#tests.values()) if (test.ups === device && isLive(test)) this.#look(test);
  }

  explains(rule: string, device: string): string | null {
    if (!this.#deps.meansOutage(rule)) return null;
    for (const test of this.#tests.values())
      if (test.ups === device && explainsMainsLost(test)) return `battery-test/${test.id}`;
    return null;
  }

  publish(): void {
    for (const test of this.#tests.values()) this.#show(test);
  }

  onCommand(command: PersonCommand): OrderAnswer {
    const { body, by } = command;
    if (body.kind === 'battery-test.start') return this.#prepare(command, body);
    if (body.kind !== 'battery-test.confirm' && body.kind !== 'battery-test.stop') return refused(command, NOT_OURS);
    const test = this.#tests.get(body.test);
    if (test === undefined) return refused(command, NO_SUCH);
    if (!isLive(test)) return refused(command, IS_OVER);
    if (body.kind === 'battery-test.stop') {
      this.#handle(test.id, { type: 'stop', by: by.name || by.user, reason: body.reason ?? null });
      return carriedOut(command);
    }
    // What is begun is judged by how things stand now.
    this.#look(test);
    const now = this.#tests.get(test.id) ?? test;
    const wrong = confirmRefusal(now, body.word);
    if (wrong !== null) return refused(command, wrong);
    this.#handle(test.id, { type: body.word, by: by.name || by.user });
    const after = this.#tests.get(test.id);
    if (after !== undefined) this.#look(after);
    return carriedOut(command);
  }

  #prepare(
    command: PersonCommand,
    body: { readonly ups: string; readonly way: 'ups' | 'by-hand'; readonly onSite: boolean },
  ): OrderAnswer {
    const { config, clock } = this.#deps;
    const device = this.#device(body.ups);
    const settings = device === undefined ? null : settingsOf(device);
    if (device === undefined || settings === null) return refused(command, NOT_TESTABLE);
    const block = device.battery_test;
    if (body.way === 'ups' ? block?.start === undefined : block?.by_hand !== true)
      return refused(command, NOT_THIS_WAY);
    if (!body.onSite) return refused(command, NOBODY_THERE);
    const other = [...this.#tests.values()].find((test) => test.ups === body.ups && isLive(test));
    if (other !== undefined) return refused(command, UNDER_WAY, other.id);
    const now = clock.now();
    const id = this.#newId(body.ups);
    const floor = { charge: settings.floor.charge, runtimeS: settings.floor.runtimeS };
    const test: BatteryTest = {
      ...{ id, ups: body.ups, upsName: device.name, way: body.way, settings },
      ...{ state: 'checking', startedBy: command.by.name || command.by.user, createdAt: now, since: now },
      ...{ simulated: config.site.simulation, floor, stopsAt: floor, preconditions: [], atBegin: null, begunBy: null },
      ...{ saidOff: false, saidOn: false, from: null, to: null, curve: [], last: null, stop: null, released: false },
      ...{ backSamples: 0, lowestCharge: null, result: null, reason: null, told: [] },
    };
    this.#keep(test, [{ do: 'record', kind: 'battery-test.prepared', text: PREPARED }]);
    this.#look(test);
    this.#schedule();
    return carriedOut(command, id);
  }

  #device(id: string) {
    return this.#deps.config.devices.find((device) => device.id === id);
  }

  #newId(ups: string): string {
    const base = `bt-${ups}-${toIso(this.#deps.clock.now()).slice(0, 10)}`;
    let id = base;
    for (let n = 2; this.#tests.has(id); n++) id = `${base}-${n}`;
    return id;
  }

  #look(test: BatteryTest): void {
    // Whoever prepared it has said to be there.
    const facts = gatherFacts(this.#source, test, true, this.#deps.clock.now());
    this.#handle(test.id, { type: 'facts', facts });
  }

  #handle(id: string, event: TestEvent): void {
    const before = this.#tests.get(id);
    if (before === undefined || this.#stopped) return;
    const { state, commands } = step(before, event, this.#deps.clock.now());
    this.#keep(state, commands, before);
  }

  /** Journal and store first, then what goes outside; a curve that only grew is kept every few seconds. */
  #keep(test: BatteryTest, commands: readonly TestCommand[], before: BatteryTest | null = null): void {
    const { work, journal, clock } = this.#deps;
    const now = clock.now();
    this.#tests.set(test.id, test);
    const grew = before !== null && commands.length === 0 && isSameBut(before, test);
    if (grew && now - (this.#keptAt.get(test.id) ?? 0) < KEEP_EVERY) return;
    this.#keptAt.set(test.id, now);
    const lines = commands.flatMap((command) =>
      command.do === 'record'
        ? [{ at: now, stream: 'site', kind: command.kind, body: { test: test.id, ups: test.ups, text: command.text } }]
        : [],
    );
    if (lines.length > 0) journal.append(lines);
    work.run(() => {
      for (const gone of keepTest(work.store, this.#tests, test)) this.#deps.retract(gone);
      for (const command of commands) this.#within(test, command);
      work.afterCommit(() => {
        for (const command of commands) this.#outside(test, command);
        this.#show(test);
      });
    });
    if (before !== null && explainsMainsLost(before) !== explainsMainsLost(test)) this.#deps.review();
  }

  /** In the same transaction as the test itself. */
  #within(test: BatteryTest, command: TestCommand): void {
    const { work, clock, tell, config, drill } = this.#deps;
    if (command.do === 'recalibrate')
      keepModel(work.store, test.ups, { ...command.model, at: clock.now(), test: test.id });
    if (command.do !== 'tell') return;
    const { key, severity, phase, subject, body } = command;
    tell({
      ...{ key, severity, phase, subject, body, drill, simulated: config.site.simulation },
      about: {},
      functions: ['duty', 'equipment-administrator'],
      people: [],
      conversation: `battery-test/${test.id}`,
    });
  }

  #outside(test: BatteryTest, command: TestCommand): void {
    const { poll, actions, clock } = this.#deps;
    // An outage that is being followed keeps its own rate.
    const followed = this.#deps.incidents().some(({ phase }) => phase !== 'closed');
    if (command.do === 'poll' && (command.fast || !followed)) poll(test.ups, command.fast ? LOOK_EVERY : null);
    if (command.do !== 'order') return;
    const { order, attempt } = command;
    const action = this.#device(test.ups)?.battery_test?.[order];
    if (action === undefined) return;
    const now = clock.now();
    const values = {
      device: test.ups,
      run: test.id,
      incident: test.id,
      started: toIso(now),
      started_epoch: String(Math.floor(now / 1000)),
    };
    void actions.run(action, { run: `${test.id}/${order}/${attempt}`, limit: ORDER_LIMIT, values }).then((outcome) => {
      this.#handle(test.id, { type: 'order-ended', order, result: outcome.result, detail: outcome.detail });
    });
  }

  #show(test: BatteryTest): void {
    const view = viewOf(test);
    const thinned = isLive(test) && view.curve.length > SHOWN_LIVE;
    const every = Math.ceil(view.curve.length / SHOWN_LIVE);
    const curve = thinned ? view.curve.filter((_, i) => i % every === 0 || i === view.curve.length - 1) : view.curve;
    this.#deps.publishView({ ...view, curve });
  }

  /** Looks again while a test is under way; else no timer at all. */
  #schedule(): void {
    if (this.#timer !== null || this.#stopped || ![...this.#tests.values()].some(isLive)) return;
    this.#timer = this.#deps.clock.after(LOOK_EVERY, () => {
      this.#timer = null;
      for (const test of this.#tests.values()) if (isLive(test)) this.#look(test);
      this.#schedule();
    });
  }
}

/** Only the curve and what was read last have moved. */
const isSameBut = (a: BatteryTest, b: BatteryTest): boolean =>
  a.state === b.state &&
  a.released === b.released &&
  a.saidOff === b.saidOff &&
  a.saidOn === b.saidOn &&
  a.told === b.told &&
  a.stop === b.stop &&
  (a.state !== 'checking' || JSON.stringify(a.preconditions) === JSON.stringify(b.preconditions));

function confirmRefusal(
  { state, way, preconditions }: BatteryTest,
  word: 'begin' | 'mains-off' | 'mains-on',
): Refusal | null {
  if (word === 'begin') {
    if (state === 'ready') return null;
    if (state !== 'checking') return ALREADY_BEGUN;
    const missing = preconditions.filter(({ holds }) => holds !== true).map(({ label }) => label);
    return refusal(
      'CONFLICT',
      `条件未齐：${missing.map(({ zh }) => zh).join('、')}`,
      `not yet: ${missing.map(({ en }) => en).join(', ')}`,
    );
  }
  if (way !== 'by-hand') return NOT_THIS_WAY;
  return state === 'starting' || state === 'discharging' || state === 'stopping' ? null : NOT_BEGUN;
}

const PREPARED = { zh: '准备电池测试', en: 'A battery test is prepared' };
const NOT_OURS = refusal('BAD_REQUEST', '这不是针对电池测试的命令', 'it is not for battery tests');
const NO_SUCH = refusal('NOT_FOUND', '没有这项电池测试', 'no such battery test');
const IS_OVER = refusal('CONFLICT', '这项测试已经结束', 'this test is over');
const UNDER_WAY = refusal('CONFLICT', '这台 UPS 的电池测试已在进行', 'a battery test of this UPS is under way');
const NOT_TESTABLE = refusal(
  'NOT_FOUND',
  'devices.yaml 没有说明这台设备如何做电池测试（battery_test）',
  'devices.yaml does not say how the battery of this device is tested (battery_test)',
);
const NOT_THIS_WAY = refusal('CONFLICT', '这台 UPS 不能这样测试', 'this UPS is not tested in this way');
const NOBODY_THERE = refusal('CONFLICT', '须有人在现场', 'somebody must be on site');
const ALREADY_BEGUN = refusal('CONFLICT', '测试已经开始', 'it has begun already');
const NOT_BEGUN = refusal('CONFLICT', '测试还没有开始', 'it has not begun');
