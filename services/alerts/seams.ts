import type { AlertView } from '#core/alert.ts';
import type { PersonCommand } from '#core/command.ts';
import type { Config } from '#core/config/config.ts';
import type { Action, Evidence } from '#core/config/device.ts';
import type { ForecastView } from '#core/forecast.ts';
import type { IncidentView } from '#core/incident.ts';
import type { NotificationRequest } from '#core/notification.ts';
import type { PlannedOutage } from '#core/outage.ts';
import type { ActionContext, ActionOutcome, Clock, Journal, Log, Metrics, StateStore } from '#core/ports.ts';
import type { Reading, ReadingBatch } from '#core/reading.ts';
import type { Rota } from '#core/rota/rota.ts';
import type { OrderAnswer } from './order-answer.ts';
import type { decide } from './plans/decide.ts';
import type { Holds } from './plans/state.ts';

/** Where the parts of this service meet: rules → incidents → actions, and all of them → notify. */

/** Picks the driver for an action and runs it. Never throws. */
export interface ActionRunner {
  run(action: Action, context: ActionContext): Promise<ActionOutcome>;
  /**
   * Proves without any side effect that the target is reached and the credentials are good; what could not be proven is said in
   * `detail`. `output` is what was seen: `on` or `off` by ipmi and redfish, `up`, `down` or `silent` by http.
   * Never throws.
   */
  test(action: Action, context: ActionContext): Promise<ActionOutcome>;
  /** One line for people: `ssh zhishou@10.0.0.5: sudo shutdown -h now`, secrets left out. */
  describe(action: Action, values: Readonly<Record<string, string>>): string;
}

export interface EvidenceItem {
  readonly kind: 'tcp' | 'point' | 'command' | 'ipmi' | 'redfish' | 'http';
  /** Null: it could not be told (no fresh reading, the checker itself failed). Not the same as false. */
  readonly holds: boolean | null;
  readonly detail: string;
}

/** Looks for proof, without side effects. */
export interface EvidenceChecker {
  check(evidence: readonly Evidence[], context: ActionContext): Promise<readonly EvidenceItem[]>;
  /** The same where all of it can be told without waiting; else null, and nothing was looked at. */
  checkNow?(evidence: readonly Evidence[], context: ActionContext): readonly EvidenceItem[] | null;
}

/** Who is on duty, who holds a function, is the office working. */
export type { Rota };

export interface IncidentsDependencies {
  readonly config: Config;
  readonly clock: Clock;
  readonly journal: Journal;
  /** Recorded durations of operations (for p95) and small state, keys under `plans/`. */
  readonly state: StateStore;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly actions: ActionRunner;
  readonly evidence: EvidenceChecker;
  readonly rota: Rota;
  /** Durable once it returns; repeated keys are told once. */
  readonly notify: (request: NotificationRequest) => void;
  /** All or none; what one person gets of it over one channel is one message. Default: each by itself. */
  readonly notifyAll?: (requests: readonly NotificationRequest[]) => void;
  /** `down`: devices that its plan has taken down. */
  readonly publish: (view: IncidentView, down: ReadonlySet<string>) => void;
  /** Asks the collector for another rate (null: its own) and for a reading now. */
  readonly poll: (device: string, everyMs: number | null) => void;
  readonly armed: () => boolean;
  /** How new incidents run when the site is a simulated room: `drill`; a rehearsal on real equipment: `rehearsal`; else by `armed()`. */
  readonly forcedMode: 'drill' | 'rehearsal' | null;
  readonly decide?: typeof decide;
  /** Between the incidents themselves: a backup that another one need not make again. */
  readonly onBackup?: (incident: string, device: string, what: 'begun' | 'done' | 'ended') => void;
  /** Between the incidents themselves: what one does to which devices now. */
  readonly onHolds?: (incident: string, holds: Holds) => void;
}

/** Parts that stand in the place of the product's own: the simulator's broken engines, its counters and its killer. */
export interface Overrides {
  readonly decide?: typeof decide;
  readonly evidence?: (checker: EvidenceChecker) => EvidenceChecker;
  readonly actions?: (runner: ActionRunner) => ActionRunner;
  /** What the rules and plans are given of a batch; null: nothing. */
  readonly readings?: (batch: ReadingBatch) => ReadingBatch | null;
  /** Null: nobody is told. */
  readonly notify?: (request: NotificationRequest) => NotificationRequest | null;
}

export interface Incidents {
  /** Folds the journal, verifies what was under way, goes on. */
  start(): void;
  stop(): Promise<void>;
  /** `news`: what of it may say something new. Default: all. */
  onReadings(batch: ReadingBatch, news?: readonly Reading[]): void;
  /** `mayOpen`: false while another alert explains it, and for a while after. Default: unless it is held back now. */
  onAlert(alert: AlertView, mayOpen?: boolean): void;
  /** At start: all that are active; whatever is not among them has ended while nobody listened. */
  onActiveAlerts(alerts: readonly AlertView[]): void;
  /** Announced cuts, called-off ones of late included: prepares for what is near. The same list again changes nothing. */
  onPlannedOutages(outages: readonly PlannedOutage[]): void;
  /** Handles `incident.*`; durable when it returns. */
  onCommand(command: PersonCommand): OrderAnswer;
  views(): readonly IncidentView[];
  /** What each answer and order would lead to, worked out in slices; null: no such open incident. Reads only. */
  forecast(id: string): Generator<void, ForecastView> | null;
}
