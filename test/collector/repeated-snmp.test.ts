import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveProfile } from '#core/config/resolve-profile.ts';
import type { Varbind } from '#core/ports.ts';
import { roundOff } from '#core/units.ts';
import { type Layout, type Row, tableKey } from '#services/collector/snmp-layout.ts';
import { compile, evaluate, type SnmpPlan } from '#services/collector/snmp-plan.ts';
import { createRepeater } from '#services/collector/snmp-repeat.ts';
import { sampleProfiles } from './support/profiles.ts';

/** A poll that decodes only what is new says what a poll that decodes everything says, for every profile of ours. */
const profiles = sampleProfiles();

/** Two rows in every table, and every selector finds the first. */
function planOf(id: string): SnmpPlan {
  const profile = resolveProfile(id, profiles);
  if (profile === null) throw new Error(`no profile ${id}`);
  const rows = new Map<string, Row[]>();
  const both = [1, 2].map((n): Row => ({ index: String(n), name: String(n), captured: [String(n)] }));
  for (const point of profile.snmp.points) if (point.table) rows.set(tableKey(point), both);
  for (const source of profile.snmp.sets.flatMap((set) => set.from)) {
    if ('oid' in source && source.table) rows.set(source.oid, both);
  }
  const selected = new Map(
    profile.snmp.points.flatMap(({ row }) => (row === undefined ? [] : [[`${row.oid}=${row.is}`, '1'] as const])),
  );
  const layout: Layout = { rows, selected, dead: new Set(), labels: new Map() };
  return compile(profile, layout);
}

const asVarbinds = (plan: SnmpPlan, raws: readonly (number | string)[]): ReadonlyMap<string, Varbind> =>
  new Map(
    plan.oids.map((oid, place): [string, Varbind] => {
      const value = raws[place] ?? 0;
      return [oid, { oid, type: typeof value === 'number' ? 'Integer' : 'OID', value }];
    }),
  );

const raw = fc.oneof(
  fc.integer({ min: -1, max: 8 }),
  fc.integer({ min: 0, max: 3000 }),
  fc.constantFrom('1.3.6.1', ''),
);

describe('polls over SNMP that repeat', () => {
  it.each(['rfc1628-ups', 'apc-rpdu2', 'liebert-lgp-cooling'])('%s: give what a poll in full gives', (id) => {
    const plan = planOf(id);
    const watched = new Set(plan.profile.snmp.watch.map(({ oid }) => plan.oids.indexOf(oid)));
    const changes = fc.array(fc.array(fc.tuple(fc.nat({ max: plan.oids.length - 1 }), raw), { maxLength: 6 }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(
        fc.array(raw, { minLength: plan.oids.length, maxLength: plan.oids.length }),
        changes,
        (first, rest) => {
          const repeater = createRepeater(plan);
          const raws = first.map((value, place) => (place === 0 ? 100 : value));
          const told = (): unknown => repeater.take(raws.slice());
          expect(told()).toEqual(evaluate(plan, asVarbinds(plan, raws)));
          for (const some of rest) {
            for (const [place, value] of some) if (place > 0 && !watched.has(place)) raws[place] = value;
            expect(told()).toEqual(evaluate(plan, asVarbinds(plan, raws)));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('gives up when the agent has restarted, a row has gone, or a watched count is another', () => {
    const plan = planOf('rfc1628-ups');
    const count = plan.oids.indexOf(plan.profile.snmp.watch[0]?.oid ?? '');
    const raws: (number | string | undefined)[] = plan.oids.map(() => 5);
    const changed = (change: (list: (number | string | undefined)[]) => void) => {
      const repeater = createRepeater(plan);
      repeater.take(raws.slice());
      const next = raws.slice();
      change(next);
      return repeater.take(next);
    };
    expect(count).toBeGreaterThan(0);
    expect(changed((list) => list.splice(0, 1, 4))).toBeNull();
    expect(changed((list) => list.splice(count, 1, 6))).toBeNull();
    expect(changed((list) => list.splice(7, 1, undefined))).toBeNull();
    expect(changed((list) => list.splice(0, 1, 6))).not.toBeNull();
  });

  it('rounds as twelve digits do', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.double({ noNaN: true }),
          fc.integer({ min: -1e9, max: 1e9 }).map((n) => n * 0.1),
        ),
        (n) => {
          expect(roundOff(n)).toBe(Number.isFinite(n) ? Number(n.toPrecision(12)) : n);
        },
      ),
      { numRuns: 5000 },
    );
  });
});
