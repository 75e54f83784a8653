import type { AlertView } from '#core/alert.ts';
import type { TestFacts } from '#core/battery-test/state.ts';
import type { NotificationRequest } from '#core/notification.ts';
import type { PlannedOutage } from '#core/outage.ts';
import type { OpenIncidents } from '../open-incidents.ts';
import type { Base } from '../parts.ts';
import { compileIncident } from '../plans/compile.ts';
import { recordedP95 } from '../plans/durations.ts';
import { needsOf } from '../readiness/battery-fit.ts';
import type { ActionRunner, Incidents } from '../seams.ts';
import { type BatteryDesk, createBatteryDesk } from './battery-desk.ts';

/** The desk of battery tests among the other parts; null where no UPS may be tested, so that nothing of it runs there. */
export function openBatteryTests(
  base: Base,
  beside: {
    readonly open: OpenIncidents;
    readonly book: { review(): void; active(): readonly AlertView[] };
    readonly site: { armed(): boolean };
    readonly tell: (request: NotificationRequest) => readonly string[];
    readonly actions: ActionRunner;
    readonly incidents: () => Incidents | null;
    readonly outages: () => readonly PlannedOutage[];
  },
): BatteryDesk | null {
  const { config, edge, work, poll, rota, forcedMode } = base;
  if (config.devices.every(({ battery_test }) => battery_test === undefined)) return null;
  return createBatteryDesk({
    ...base,
    actions: beside.actions,
    tell: beside.tell,
    poll: poll.rate,
    review: () => beside.book.review(),
    meansOutage: beside.open.opensAnyway,
    drill: forcedMode === 'drill',
    publishView: (view) => edge.publish('battery-test/+', view.id, view),
    retract: (id) => edge.retract('battery-test/+', id),
    incidents: () => beside.incidents()?.views() ?? [],
    alerts: () => beside.book.active(),
    outages: beside.outages,
    working: (at) => rota.isWorkingTime(at),
    // A drill acts on its simulated room, armed or not.
    armed: () => beside.site.armed() || forcedMode === 'drill',
    needOf: (ups) => needOf(base, beside.actions, work.store, ups),
  });
}

/** What the room's own plan needs from the first moment of an outage on, with its margin: the longest of the plans with this UPS. */
function needOf(
  { config }: Pick<Base, 'config'>,
  actions: Pick<ActionRunner, 'describe'>,
  state: Base['work']['store'],
  ups: string,
): TestFacts['need'] {
  let longest: TestFacts['need'] = null;
  for (const plan of config.plans) {
    if (plan.power === undefined || !plan.power.ups.includes(ups)) continue;
    const definition = compileIncident(plan, {
      config,
      recordedP95: (device, operation) => recordedP95(state, device, operation),
      describe: actions.describe,
    });
    const { needMs, bareMs } = needsOf(definition, config);
    const { share, at_least } = plan.power.margin;
    if (longest === null || needMs / 1000 > longest.needS)
      longest = { needS: needMs / 1000, bareS: bareMs / 1000, share, leastS: at_least / 1000 };
  }
  return longest;
}
