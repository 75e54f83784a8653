import type { AlarmFiguresView } from './alarm-figures/view.ts';
import type { AlertView } from './alert.ts';
import type { ChannelStates } from './channel-state.ts';
import type { CommandResult, PersonCommand } from './command.ts';
import type { ForecastView } from './forecast.ts';
import type { IncidentView } from './incident.ts';
import type { JournalState } from './journal-state.ts';
import type { OutOfService } from './maintenance.ts';
import type { Notice } from './notice.ts';
import type { DeliveryView } from './notification.ts';
import type { PlannedOutage } from './outage.ts';
import type { OutsideAlert } from './outside-alert.ts';
import type { BatteryTestView } from './paperwork/battery-test.ts';
import type { PaperworkFacts } from './paperwork/facts.ts';
import type { ReadinessView } from './readiness.ts';
import type { DeviceStatus, ReadingBatch } from './reading.ts';
import type { RotaView } from './rota/changes.ts';
import type { RulesView } from './rules-view.ts';
import type { ServiceAlive } from './service-alive.ts';
import type { CaughtMessage, SimulatorCommand, SimulatorState } from './simulator.ts';
import type { SurveyState } from './survey.ts';

/**
 * The one map from topic to payload. Payloads are JSON in UTF-8. `+` in a pattern is the part that `topic()` fills in.
 * Bytes become typed values once, at the subscriber's edge.
 */
export interface TopicPayloads {
  'reading/+': ReadingBatch;
  'device/+': DeviceStatus;
  /** A trap or a plan asks the collector to read a device now, or at another rate: `{device, everyMs: null}` gives its own rate back. */
  'poll/+': { readonly device: string; readonly everyMs: number | null; readonly now: boolean };
  'alert/+': AlertView;
  'incident/+': IncidentView;
  /** By incident: what each answer would lead to. */
  'forecast/+': ForecastView;
  /** By fingerprint. */
  'outside-alert/+': OutsideAlert;
  /** By the hash of its key. From the paperwork to people; taken off the bus by the alerts service once it is in the outbox. */
  'notice/+': Notice;
  paperwork: PaperworkFacts;
  /** By the test's id. */
  'battery-test/+': BatteryTestView;
  'delivery/+': DeliveryView;
  /** The browsers that people are told on, and where; sealed, because whoever has it can tell them things (platform/sealed-message.ts). */
  'push-browsers': { readonly sealed: string };
  /** Its push service says that it is no more. */
  'push-gone/+': { readonly id: string };
  /** Goes from the alerts service over the bus back to it: the heartbeat's proof. */
  probe: { readonly id: string };
  'service/+': ServiceAlive;
  /** How each way out to people does. */
  channels: ChannelStates;
  command: PersonCommand;
  'command-result/+': CommandResult;
  site: SiteStatus;
  readiness: ReadinessView;
  /** Is the record whole? */
  journal: JournalState;
  /** The rules that really run. */
  rules: RulesView;
  outages: { readonly outages: readonly PlannedOutage[] };
  rota: RotaView;
  maintenance: OutOfService;
  /** This week and the eight before it. */
  'alarm-figures': AlarmFiguresView;
  /** A person wants to know what is at an address; sealed, because credentials are in it (platform/sealed-message.ts). */
  'survey-order': { readonly sealed: string };
  'survey/+': SurveyState;
  'simulator/command': SimulatorCommand;
  'simulator/state': SimulatorState;
  'simulator/caught/+': CaughtMessage;
}

export type TopicPattern = keyof TopicPayloads;

/** Topics whose last message is kept by the broker for those who come later. */
export const RETAINED: ReadonlySet<TopicPattern> = new Set<TopicPattern>([
  'reading/+',
  'device/+',
  'alert/+',
  'incident/+',
  'forecast/+',
  'outside-alert/+',
  'notice/+',
  'paperwork',
  'battery-test/+',
  'site',
  'channels',
  'push-browsers',
  'readiness',
  'journal',
  'outages',
  'rota',
  'rules',
  'maintenance',
  'alarm-figures',
  'simulator/state',
]);

/** What the alerts service says of the site as a whole. */
export interface SiteStatus {
  readonly at: string;
  readonly armed: boolean;
  readonly armedBy: string | null;
  readonly simulation: boolean;
  readonly duty: {
    readonly person: string;
    readonly name: { readonly zh: string; readonly en: string };
    readonly phone: string | null;
    readonly until: string;
  } | null;
  readonly workingHours: boolean;
}

/** The full topic: `topic('hq', 'reading/+', 'ups-1')` is `zhishou/hq/reading/ups-1`. */
export const topic = (site: string, pattern: TopicPattern, part = ''): string =>
  `zhishou/${site}/${pattern.replace('+', part)}`;

/** The subscription for all topics of a pattern: `zhishou/hq/reading/+`. */
export const topicFilter = (site: string, pattern: TopicPattern): string => `zhishou/${site}/${pattern}`;

/** MQTT 3.1.1 section 4.7: does the filter match the topic? */
export function topicMatches(filter: string, name: string): boolean {
  const filterParts = filter.split('/');
  const nameParts = name.split('/');
  if (name.startsWith('$') && !filter.startsWith('$')) return false;
  for (let i = 0; i < filterParts.length; i++) {
    const part = filterParts[i];
    if (part === '#') return true;
    if (i >= nameParts.length) return false;
    if (part !== '+' && part !== nameParts[i]) return false;
  }
  return filterParts.length === nameParts.length;
}
