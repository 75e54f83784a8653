import type { Acknowledged, AlertView } from '#core/alert.ts';
import type { Config } from '#core/config/config.ts';
import type { Severity } from '#core/config/rule.ts';
import type { ClocksView, IncidentView } from '#core/incident.ts';
import type { DeliveryView } from '#core/notification.ts';
import { sameText, type Text } from '#core/text.ts';

/** What a link is about, in the few words that the telephone shows. */
export interface LinkMatter {
  readonly title: Text;
  readonly where: Text;
  readonly severity: Severity;
  readonly since: string;
  readonly state: 'open' | 'over';
  readonly endedAt: string | null;
  readonly acknowledged: Acknowledged | null;
  readonly consequence: Text | null;
  /** What to do, or what is happening now. */
  readonly now: Text;
  readonly within: number | null;
  /** Of the outage that it is part of. */
  readonly clocks: ClocksView | null;
  readonly simulated: boolean;
  readonly drill: boolean;
}

export function alertMatter(view: AlertView, config: Config, open: readonly IncidentView[]): LinkMatter {
  const device = config.devices.find(({ id }) => id === view.device)?.name ?? sameText(view.device);
  return {
    title: view.title,
    where: placeOf(config, device),
    severity: view.severity,
    since: view.firedAt ?? view.since,
    state: view.state === 'cleared' ? 'over' : 'open',
    endedAt: view.clearedAt,
    acknowledged: view.acknowledged,
    consequence: view.consequence,
    now: view.response,
    within: view.respondWithinS,
    clocks: clocksFor(view, config, open),
    simulated: view.simulated,
    drill: false,
  };
}

export function incidentMatter(view: IncidentView, config: Config): LinkMatter {
  return {
    title: view.plan.title,
    where: placeOf(config, null),
    severity: 'high',
    since: view.openedAt,
    state: view.phase === 'closed' ? 'over' : 'open',
    endedAt: view.closedAt,
    acknowledged: view.acknowledged,
    consequence: view.cause,
    now: view.headline,
    within: null,
    clocks: view.clocks,
    simulated: view.simulated,
    drill: view.mode === 'drill' || view.mode === 'rehearsal',
  };
}

/** A test of contacts: nothing is wrong, and whoever presses has shown that messages arrive. */
export function testMatter({ queuedAt, drill, simulated }: DeliveryView, config: Config): LinkMatter {
  return {
    title: { zh: '联系方式测试', en: 'Test of your contacts' },
    where: placeOf(config, null),
    severity: 'low',
    since: queuedAt,
    state: 'open',
    endedAt: null,
    acknowledged: null,
    consequence: null,
    now: {
      zh: '没有告警。按上面的按钮，表示您能收到消息。',
      en: 'Nothing is wrong. Press the button to show that messages reach you.',
    },
    within: null,
    clocks: null,
    simulated,
    drill,
  };
}

function placeOf({ site }: Config, device: Text | null): Text {
  return {
    zh: [site.name.zh, site.floor.zh, device?.zh].filter((part) => part !== undefined).join(' · '),
    en: [site.name.en, site.floor.en, device?.en].filter((part) => part !== undefined).join(' · '),
  };
}

/** The plan that this alert triggers runs, and a clock runs with it. */
function clocksFor({ rule }: AlertView, { plans }: Config, open: readonly IncidentView[]): ClocksView | null {
  const triggered = new Set(plans.flatMap(({ id, triggers }) => (triggers.alerts.includes(rule) ? [id] : [])));
  return (
    open.find(({ plan, phase, clocks }) => triggered.has(plan.id) && phase !== 'closed' && clocks !== null)?.clocks ??
    null
  );
}
