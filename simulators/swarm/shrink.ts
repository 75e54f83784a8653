import { milliseconds } from '#core/time.ts';
import type { Blueprint, MachineDraft } from './blueprint.ts';
import type { PeopleScript } from './case.ts';

/**
 * Makes a failing blueprint smaller for as long as it goes on failing in the same way.
 *
 * Delta debugging (Zeller, "Simplifying and isolating failure-inducing input"): of each list (happenings, kills, machines,
 * answers, orders) ever smaller parts are left out; then what is left is made plainer (no noise, round numbers, fewer odd
 * settings), over and over until nothing smaller fails or the budget is spent. The predicate decides alone: nothing is known
 * here of how a case is run.
 */
export type StillFails = (smaller: Blueprint) => Promise<boolean>;

export interface Shrunk {
  readonly blueprint: Blueprint;
  /** How many smaller cases were tried. */
  readonly tried: number;
}

export async function shrink(failing: Blueprint, stillFails: StillFails, most = 200): Promise<Shrunk> {
  let best = failing;
  let tried = 0;
  const attempt = async (smaller: Blueprint): Promise<boolean> => {
    if (tried >= most || sameBlueprint(smaller, best)) return false;
    tried++;
    if (!(await stillFails(smaller))) return false;
    best = smaller;
    return true;
  };
  for (let progress = true; progress && tried < most; ) {
    progress = false;
    for (const list of LISTS) progress = (await shrinkList(() => best, list, attempt)) || progress;
    for (const plainer of PLAINER) for (const next of plainer(best)) if (await attempt(next)) progress = true;
  }
  return { blueprint: best, tried };
}

const sameBlueprint = (a: Blueprint, b: Blueprint): boolean => JSON.stringify(a) === JSON.stringify(b);

/** One list inside a blueprint; `without` leaves the items of these places out and mends what hung on them. */
interface ListOf {
  readonly size: (draft: Blueprint) => number;
  readonly without: (draft: Blueprint, places: ReadonlySet<number>) => Blueprint;
}

const others = <T>(items: readonly T[], places: ReadonlySet<number>): T[] =>
  items.filter((_, index) => !places.has(index));

const peopleList = <K extends 'outlook' | 'choices' | 'orders'>(key: K): ListOf => ({
  size: ({ people }) => people[key].length,
  without: (draft, places) => ({
    ...draft,
    people: { ...draft.people, [key]: others<PeopleScript[K][number]>(draft.people[key], places) },
  }),
});

const LISTS: readonly ListOf[] = [
  {
    size: ({ scenario }) => scenario.length,
    without: (draft, places) => ({ ...draft, scenario: others(draft.scenario, places) }),
  },
  { size: ({ kills }) => kills.length, without: (draft, places) => ({ ...draft, kills: others(draft.kills, places) }) },
  {
    size: ({ machines }) => machines.length,
    without: (draft, places) =>
      places.size >= draft.machines.length ? draft : withMachines(draft, others(draft.machines, places)),
  },
  peopleList('orders'),
  peopleList('outlook'),
  peopleList('choices'),
  {
    size: ({ plan }) => plan.without.length,
    without: (draft, places) => ({
      ...draft,
      plan: { ...draft.plan, without: others(draft.plan.without, places) },
    }),
  },
];

/** Fewer machines; what depended on the others depends on them no more, and faults of the others go with them. */
function withMachines(draft: Blueprint, machines: readonly MachineDraft[]): Blueprint {
  const left = new Set(machines.map((machine) => machine.id));
  const gone = new Set(draft.machines.map((machine) => machine.id).filter((id) => !left.has(id)));
  return {
    ...draft,
    machines: machines.map((machine) => ({
      ...machine,
      dependsOn: machine.dependsOn.filter((id) => left.has(id)),
    })),
    scenario: draft.scenario.filter(({ do: command }) => !('device' in command && gone.has(command.device ?? ''))),
  };
}

/** Halves first, then quarters, down to single items. */
async function shrinkList(
  now: () => Blueprint,
  list: ListOf,
  attempt: (smaller: Blueprint) => Promise<boolean>,
): Promise<boolean> {
  let progress = false;
  for (let part = list.size(now()); part >= 1; part = Math.floor(part / 2)) {
    for (let from = 0; from < list.size(now()); ) {
      const places = new Set(Array.from({ length: part }, (_, index) => from + index));
      if (await attempt(list.without(now(), places))) progress = true;
      else from += part;
    }
  }
  return progress;
}

type Plainer = (draft: Blueprint) => readonly Blueprint[];

const roundTo = (value: number, to: number): number => Math.max(to, Math.round(value / to) * to);

const PLAINER: readonly Plainer[] = [
  (draft) => (draft.otherPlans.length === 0 ? [] : [{ ...draft, otherPlans: [] }]),
  (draft) => (draft.sensors ? [{ ...draft, sensors: false }] : []),
  (draft) => (draft.monitor ? [{ ...draft, monitor: false }] : []),
  (draft) => [{ ...draft, mode: 'armed' as const }],
  oneUps,
  (draft) => [{ ...draft, people: { ...draft.people, tasks: [null] } }],
  (draft) => [{ ...draft, people: { ...draft.people, acknowledgeAfterMs: milliseconds(30_000) } }],
  (draft) => [{ ...draft, machines: draft.machines.map((one) => ({ ...one, dependsOn: [] })) }],
  (draft) => [{ ...draft, machines: draft.machines.map((one) => ({ ...one, backupS: null })) }],
  (draft) => [
    { ...draft, machines: draft.machines.map((one) => ({ ...one, spread: 0, backupFails: 0, attempts: 1 })) },
  ],
  (draft) => [
    {
      ...draft,
      upses: draft.upses.map((ups) => ({
        ...ups,
        chargeNoise: 0,
        peukert: 1,
        ageYears: 0,
        efficiency: 0.93,
        firmwareFactor: 1,
      })),
    },
  ],
  (draft) => [{ ...draft, upses: draft.upses.map((ups) => ({ ...ups, testedFactor: 1 })) }],
  (draft) => [{ ...draft, scenario: draft.scenario.map((one) => ({ ...one, atMs: round(one.atMs) })) }],
  (draft) => [{ ...draft, kills: draft.kills.map((kill) => ({ ...kill, downMs: round(kill.downMs) })) }],
  (draft) => [{ ...draft, lastsMs: Math.round(draft.lastsMs / 2) }],
];

const round = (ms: number): ReturnType<typeof milliseconds> => milliseconds(roundTo(ms, 10_000));

/** Everything on the first UPS, which is made as large as it must be. */
function oneUps(draft: Blueprint): readonly Blueprint[] {
  const [first, ...more] = draft.upses;
  if (first === undefined || more.length === 0) return [];
  const gone = new Set(more.map((ups) => ups.id));
  const isGone = (id: string | undefined): boolean => id !== undefined && (gone.has(id) || /^pdu-[2-9]/.test(id));
  return [
    {
      ...draft,
      upses: [first],
      machines: draft.machines.map((machine) => ({ ...machine, feeds: [0], minFeeds: 1 })),
      scenario: draft.scenario.filter(({ do: command }) => !('device' in command && isGone(command.device))),
    },
  ];
}
