import type { Floor, TestFacts, TestSettings } from './state.ts';

/**
 * Where a discharge must end: what is left then carries the room's own plan, were mains to go for good at that very moment.
 *
 * Asked for is time for the whole plan, backups included; where the battery is too short to be tested so, for the bare shutdown.
 * Both with the plan's own margin and a minute until it is noticed. The charge has a floor of its own: gauges err near empty.
 */
export interface Floors {
  readonly floor: Floor;
  readonly stopsAt: Floor;
  /** At least a quarter of the battery can be discharged above it. */
  readonly enough: boolean;
  readonly keeps: 'all' | 'bare';
}

const NOTICED_S = 60;
/** The UPS is told to stop and does so within a poll or two. */
const ORDERED_STOP_S = 60;
/** Less than that tells too little of a battery. */
const LEAST_SHARE = 0.25;
const LEAST_RESERVE_PERCENT = 2;
/** An aged battery's gauge falls faster than its model says; it is what the test is to find out. */
const AGED = 1.5;

export function floorsOf(
  facts: Pick<TestFacts, 'need' | 'fullS'>,
  settings: TestSettings,
  way: 'ups' | 'by-hand',
): Floors {
  const reserveS = way === 'by-hand' ? settings.restoreS : ORDERED_STOP_S;
  const { need, fullS } = facts;
  const whole = need === null ? null : withMargin(need.needS, need);
  const bare = need === null ? null : withMargin(need.bareS, need);
  const fits = (floorS: number): boolean => fullS === null || fullS - floorS - reserveS >= LEAST_SHARE * fullS;
  const keeps = whole === null || fits(whole) ? 'all' : 'bare';
  const runtimeS = Math.ceil(Math.max(settings.floor.runtimeS, (keeps === 'all' ? whole : bare) ?? 0));
  const reserve = fullS === null || fullS <= 0 ? LEAST_RESERVE_PERCENT : (100 * AGED * reserveS) / fullS;
  const stopsAt = {
    charge: Math.min(90, settings.floor.charge + Math.max(LEAST_RESERVE_PERCENT, Math.ceil(reserve))),
    runtimeS: runtimeS + reserveS,
  };
  const enough =
    fullS !== null && Math.min((fullS - stopsAt.runtimeS) / fullS, (100 - stopsAt.charge) / 100) >= LEAST_SHARE;
  return { floor: { charge: settings.floor.charge, runtimeS }, stopsAt, enough, keeps };
}

/** A need with its margin, which is a share of what is left then (as services/alerts/plans/clocks.ts has it). */
const withMargin = (needS: number, { share, leastS }: NonNullable<TestFacts['need']>): number =>
  needS + Math.max((share / (1 - share)) * needS, leastS) + NOTICED_S;
