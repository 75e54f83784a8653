import type { Action, Device, DriverName, Operation } from '#core/config/device.ts';
import { type Plan, planSteps } from '#core/config/plan.ts';
import { faultsAt } from '../world/truth.ts';
import type { Evidence } from './evidence.ts';

/**
 * How long a shutdown of this site takes, worked out apart from the engine: each machine's backup, shutdown and power-off in
 * their order, dependants first, no more of one driver side by side than the plan allows; by the declared estimates, or what
 * the machine really took where that was longer. Example: two servers of 2 min 10 s one after the other, then the array
 * 3 min 10 s, then the switch 15 s: 7 min 45 s.
 */
export interface NeedOptions {
  readonly backups: boolean;
  /** Devices that are down already count nothing. */
  readonly without?: ReadonlySet<string>;
  /** Only these, and what of them depends on each other. */
  readonly only?: ReadonlySet<string>;
  /** Machines in trouble at that moment take all their ways and tries until they are given up. */
  readonly troubledAt?: number;
}

interface Task {
  readonly id: string;
  readonly seconds: number;
  readonly driver: DriverName;
  readonly after: readonly string[];
}

/** Proving an effect takes a look at the machine and at its outlet: one poll and a turn of the queue. */
const PROOF_S = 12;

export function shutdownNeedS(evidence: Evidence, options: NeedOptions): number {
  const tasks = tasksOf(evidence, options);
  return makespan(tasks, placesOf(evidence.config.plans));
}

/** The power plan; in forged histories it may be a stub. */
export const powerPlan = (plans: readonly Plan[]): Plan | undefined =>
  plans.find((plan) => plan.power !== undefined) ?? plans[0];

const placesOf = (plans: readonly Plan[]): Partial<Record<DriverName, number>> => powerPlan(plans)?.at_once ?? {};

/** Does the plan's own sequence do this to this device? A stub without such steps does everything. */
export function planDoes(plans: readonly Plan[], device: Device, operation: string): boolean {
  const plan = powerPlan(plans);
  const acts = plan === undefined ? [] : planSteps(plan);
  if (!acts.some((step) => 'act' in step)) return true;
  return acts.some(
    (step) =>
      'act' in step &&
      step.stage === 'protect' &&
      step.act.operation === operation &&
      ((step.act.on.kinds?.includes(device.kind) ?? false) || (step.act.on.devices?.includes(device.id) ?? false)),
  );
}

function tasksOf(evidence: Evidence, options: NeedOptions): Task[] {
  const { config } = evidence;
  const devices = config.devices.filter(
    (device) =>
      device.shutdown !== undefined &&
      device.kind !== 'monitor' &&
      options.without?.has(device.id) !== true &&
      options.only?.has(device.id) !== false &&
      planDoes(config.plans, device, 'shutdown'),
  );
  const ids = new Set(devices.map((device) => device.id));
  return devices.flatMap((device) => {
    const dependents = devices.filter((other) => other.depends_on.includes(device.id) && ids.has(other.id));
    const made: Task[] = [];
    let before = dependents.map((other) => `shutdown:${other.id}`);
    const add = (name: string, operation: Operation | undefined, after: readonly string[]): void => {
      if (operation === undefined || !planDoes(config.plans, device, name)) return;
      made.push({
        id: `${name}:${device.id}`,
        seconds: lengthS(evidence, device, name, operation, options),
        driver: driverName(operation.by),
        after,
      });
    };
    if (options.backups) {
      add('backup', device.backup, []);
      if (made.length > 0) before = [...before, `backup:${device.id}`];
    }
    add('shutdown', device.shutdown, before);
    add('power_off', device.power_off, [`shutdown:${device.id}`]);
    return made;
  });
}

const driverName = (action: Action): DriverName => Object.keys(action)[0] as DriverName;

function lengthS(
  evidence: Evidence,
  device: Device,
  name: string,
  operation: Operation,
  { troubledAt }: NeedOptions,
): number {
  const declared = operation.estimate / 1000;
  const usual = Math.max(declared, tookS(evidence, device, name) + PROOF_S);
  if (troubledAt === undefined || !isTroubled(evidence, device, troubledAt)) return usual;
  const giveUp = (operation.give_up_after ?? 3 * operation.estimate) / 1000;
  return usual + (giveUp + 30) * operation.attempts * (1 + operation.otherwise.length);
}

/** What it really took, the longest of this run. */
function tookS({ truth }: Evidence, { id }: Device, name: string): number {
  let longest = 0;
  if (name === 'backup') {
    for (const done of truth.backups.filter((one) => one.device === id && one.what === 'complete')) {
      const begun = truth.backups.findLast(
        (one) => one.device === id && one.run === done.run && one.what === 'started',
      );
      if (begun !== undefined) longest = Math.max(longest, done.at - begun.at);
    }
  } else if (name === 'shutdown') {
    const own = truth.transitions.filter((one) => one.device === id);
    for (const [index, change] of own.entries()) {
      const next = own[index + 1];
      if (change.to === 'stopping' && next !== undefined && next.cause === 'self')
        longest = Math.max(longest, next.at - change.at);
    }
  }
  return longest / 1000;
}

/** What keeps a machine from being told, from obeying, or from being seen to obey. */
const TROUBLES: readonly string[] = ['fault', 'bmc', 'outlet-stuck', 'network', 'disk'];

/** A fault of the machine, of its outlets or of the way to either, at that moment or in the quarter of an hour before. */
export const isTroubled = (evidence: Evidence, device: Device, atMs: number): boolean =>
  wasTroubled(evidence, device, atMs - 15 * 60_000, atMs);

/** The same at any time between. */
export function wasTroubled(evidence: Evidence, device: Device, fromMs: number, atMs: number): boolean {
  const { truth } = evidence;
  const feeds = device.power?.feeds ?? [];
  const places = new Set<string | null>([
    null,
    device.id,
    ...feeds,
    ...feeds.map((feed) => feed.split('/')[0] ?? feed),
  ]);
  const recent = [
    ...faultsAt(truth, atMs),
    ...faultsAt(truth, fromMs),
    ...truth.faults.filter((one) => one.at <= atMs && one.at > fromMs),
  ];
  const hung = truth.transitions.some((one) => one.device === device.id && one.at <= atMs && one.beyondReach);
  return hung || recent.some((fault) => TROUBLES.includes(fault.fault) && places.has(fault.device));
}

/** Lays the tasks out on a time line: each begins when all before it have ended and its driver has a free place; the longest way behind it first. */
function makespan(tasks: readonly Task[], places: Partial<Record<DriverName, number>>): number {
  const known = new Map(tasks.map((task) => [task.id, task]));
  const tails = new Map<string, number>();
  const tailOf = (id: string, seen: readonly string[]): number => {
    const done = tails.get(id);
    if (done !== undefined || seen.includes(id)) return done ?? 0;
    const behind = tasks.filter((task) => task.after.includes(id)).map((task) => tailOf(task.id, [...seen, id]));
    const tail = (known.get(id)?.seconds ?? 0) + Math.max(0, ...behind);
    tails.set(id, tail);
    return tail;
  };
  const waiting = [...tasks].sort((a, b) => tailOf(b.id, []) - tailOf(a.id, []) || (a.id < b.id ? -1 : 1));
  const ends = new Map<string, number>();
  let running: { task: Task; end: number }[] = [];
  let now = 0;
  while (waiting.length > 0) {
    for (let index = 0; index < waiting.length; ) {
      const task = waiting[index];
      if (task === undefined) break;
      const ready = task.after.every((id) => !known.has(id) || (ends.get(id) ?? Number.POSITIVE_INFINITY) <= now);
      const used = running.filter((one) => one.task.driver === task.driver).length;
      if (!ready || used >= (places[task.driver] ?? Number.POSITIVE_INFINITY)) {
        index++;
        continue;
      }
      ends.set(task.id, now + task.seconds);
      running.push({ task, end: now + task.seconds });
      waiting.splice(index, 1);
    }
    const next = Math.min(...running.map((one) => one.end));
    if (!Number.isFinite(next)) break;
    now = next;
    running = running.filter((one) => one.end > now);
  }
  return Math.max(0, ...ends.values());
}
