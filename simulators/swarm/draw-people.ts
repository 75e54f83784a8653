import type { Random } from '#core/random.ts';
import { type Duration, instant, milliseconds, toIso } from '#core/time.ts';
import type { OutlookAnswer, PeopleScript, PersonOrder } from './case.ts';
import { weighted } from './weighted.ts';

/** How people behave: in time or late, rightly or wrongly, never, and changing their minds. */

/** What the night is like, so that answers can be near the truth or far from it. */
export interface Night {
  readonly startsAt: number;
  /** Since the beginning; null: there is no outage. */
  readonly lostAtMs: number | null;
  readonly outageMs: number;
  readonly lastsMs: number;
}

const span = (random: Random, fromS: number, toS: number): Duration => milliseconds(random.integer(fromS, toS) * 1000);

export function drawPeople(random: Random, night: Night): PeopleScript {
  const asleep = random.chance(0.12);
  if (asleep) return { acknowledgeAfterMs: null, outlook: [], choices: [], tasks: [null], orders: [] };
  return {
    acknowledgeAfterMs: random.chance(0.85) ? span(random, 10, random.chance(0.2) ? 1800 : 180) : null,
    outlook: drawOutlook(random, night),
    choices: Array.from({ length: random.integer(0, 3) }, (_, person) => ({
      afterMs: span(random, 20, 600),
      person,
      option: random.integer(0, 3),
    })),
    tasks: Array.from({ length: 3 }, () => (random.chance(0.85) ? span(random, 30, 900) : null)),
    orders: drawOrders(random, night),
  };
}

function drawOutlook(random: Random, night: Night): OutlookAnswer[] {
  const answers = weighted(random, [
    [3, () => 0],
    [5, () => 1],
    [2, () => 2],
    [1, () => 3],
  ]);
  const outageMinutes = Math.max(1, Math.round(night.outageMs / 60_000));
  const made: OutlookAnswer[] = [];
  let at = random.chance(0.25) ? random.integer(600, 2400) : random.integer(30, 400);
  for (let nth = 0; nth < answers; nth++) {
    made.push({
      afterMs: milliseconds(at * 1000),
      says: weighted<OutlookAnswer['says']>(random, [
        [3, () => 'within'],
        [2, () => 'over'],
        [2, () => 'unknown'],
        // Near the truth, or plainly wrong.
        [3, () => Math.max(1, Math.round(outageMinutes * random.between(0.6, 1.3)))],
        [1, () => random.integer(1, 240)],
      ]),
    });
    at += random.integer(60, 1500);
  }
  return made;
}

function drawOrders(random: Random, night: Night): PersonOrder[] {
  const orders: PersonOrder[] = [];
  const during = (): Duration =>
    milliseconds((night.lostAtMs ?? 60_000) + random.integer(30, Math.max(60, night.outageMs / 1000)) * 1000);
  const person = random.integer(0, 3);
  const reason = 'ordered by the script';
  if (random.chance(0.08))
    orders.push({ atMs: during(), person, plan: 'power-outage', body: { kind: 'incident.start-sequence', reason } });
  if (random.chance(0.06))
    orders.push({ atMs: during(), person, plan: 'power-outage', body: { kind: 'incident.stand-down', reason } });
  if (random.chance(0.05))
    orders.push({
      atMs: during(),
      person,
      plan: 'power-outage',
      body: { kind: 'incident.raise-level', level: 'major', reason },
    });
  if (night.lostAtMs !== null && random.chance(0.12)) orders.push(plannedOutage(random, night, night.lostAtMs, person));
  return orders.sort((a, b) => a.atMs - b.atMs);
}

/** The power department had announced the cut, exactly or not quite. */
function plannedOutage(random: Random, night: Night, lostAtMs: number, person: number): PersonOrder {
  const from = night.startsAt + lostAtMs + random.integer(-600, 600) * 1000;
  const to = from + Math.max(60_000, night.outageMs * random.between(0.7, 1.5));
  return {
    atMs: milliseconds(random.integer(1, 20) * 1000),
    person,
    plan: null,
    body: {
      kind: 'outage.plan',
      from: toIso(instant(from)),
      to: toIso(instant(to)),
      upses: [],
      reason: 'announced by the power department',
    },
  };
}
