import type { IncidentMode, IncidentOutcome, IncidentPhase, Level, StepState } from '#core/incident.ts';
import type { Value } from '#core/reading.ts';
import type { Text } from '#core/text.ts';
import type { Duration, Instant } from '#core/time.ts';
import type { IncidentDefinition } from './definition.ts';

/**
 * The state of one incident: plain JSON, the fold of its events. Instants are the incident's own steady time (they never
 * go back, whatever the wall clock does, L6); `offsetMs` turns them into wall time for people.
 */
export interface IncidentState {
  id: string;
  definition: IncidentDefinition;
  mode: IncidentMode;
  armed: boolean;
  openedAt: Instant;
  openedWorking: boolean;
  /** What opened it, so that the same alert does not open it twice. */
  trigger: string;
  cause: Text;
  /** Time of the last event. */
  now: Instant;
  offsetMs: number;
  working: boolean;
  duty: DutyPerson | null;
  /** Who leads it: the duty person of its beginning, or whoever took it over (O-ORG-2). */
  lead: Lead | null;
  /** O-LVL-1: never sinks. */
  level: Level;
  /** Since when it must be acknowledged by somebody (I5); null while it is ordinary. */
  ringsSince: Instant | null;
  /** Alerts of its plan's rules that fire now, by id. */
  alerts: Record<string, FiringAlert>;
  /** The device whose alert opened it. */
  openedOn: Text | null;
  phase: IncidentPhase;
  /** Where `settling` goes back to when mains is lost again. */
  before: IncidentPhase | null;
  outcome: IncidentOutcome | null;
  closedAt: Instant | null;
  /** `via`: how, where it was not on the page. */
  acknowledged: { by: string; at: Instant; via?: string } | null;
  /** How many rounds of escalation were told. */
  escalated: number;
  /** Which moment the last of them stands for; absent before the first. */
  rungAt?: Instant;
  /** How often mains was lost again after it had been believed back: what is told then is told anew. */
  relapses: number;
  sequence: Sequence | null;
  pointOfNoReturn: { at: Instant; step: string } | null;
  outlook: Outlook;
  power: PowerState | null;
  /** Plans against heat have this instead of `power` (O-CLG-1). */
  heat: HeatState | null;
  /** The announced cut that it belongs to (O-PWR-1). */
  planned: PlannedWindow | null;
  /** Backups that other incidents of the site make or have made, by device. */
  backups: Record<string, { readonly runningSince: Instant | null; readonly doneAt: Instant | null }>;
  /** What other incidents of the site do to which devices now, by incident. */
  others: Readonly<Record<string, { readonly title: Text; readonly holds: Readonly<Record<string, HoldSince>> }>>;
  /** Changed through a Turn alone (step-list.ts). */
  steps: Readonly<Record<string, StepProgress>>;
  /** Points that waits and gates look at, `device/point`. */
  points: Record<string, Value>;
  /** After a restart: since when a fresh reading is awaited before anything irreversible. */
  unconfirmedSince: Instant | null;
  /** Timeline entries so far. */
  entries: number;
  /** What was told already, so that it is told once: silence, gates, held devices. */
  told: Record<string, Instant>;
}

/** How the trigger of an incident begins that a person opened. */
export const BY_BUTTON = 'button:';

/** Whom tasks and questions for the person on duty go to: who took it over, else who is on duty now. */
export const dutyOf = ({ lead, duty }: Pick<IncidentState, 'lead' | 'duty'>): DutyPerson | null =>
  lead?.byHand === true ? lead.person : duty;

export interface DutyPerson {
  readonly id: string;
  readonly name: Text;
  readonly phone: string | null;
}

/**
 * What an incident does to a device: will take it down · takes it down · keeps it off · would start it, were it not for others ·
 * starts it.
 */
export type Hold = 'wanted' | 'going' | 'off' | 'released' | 'rising';
export type Holds = Readonly<Record<string, Hold>>;
export interface HoldSince {
  readonly what: Hold;
  readonly since: Instant;
}

/** An alert that the plan's triggers or conditions name, while it fires. */
export interface FiringAlert {
  readonly rule: string;
  readonly device: string;
  readonly deviceName: Text;
  /** This firing of the alert. */
  readonly key: string;
}

export interface Lead {
  readonly person: DutyPerson;
  readonly since: Instant;
  /** Taken over by name: what is for the person on duty goes to this person then. */
  readonly byHand: boolean;
}

export type SequenceReason =
  | 'outlook-over-limit'
  | 'outlook-over-exhaustion'
  | 'latest-safe-start'
  | 'limit-passed'
  | 'heat-limit'
  | 'condition'
  | 'ordered';

export interface Sequence {
  readonly at: Instant;
  readonly reason: SequenceReason;
  readonly by: string;
}

/** What people said of the return of mains. `until` null: only whether it is within the limit was said. */
export interface Outlook {
  readonly kind: 'unknown' | 'within' | 'over' | 'until';
  readonly until: Instant | null;
  readonly by: string | null;
  readonly at: Instant | null;
}

export type UpsStatus = 'mains' | 'battery' | 'off' | 'unknown';
export type EstimateSource = 'ups' | 'slope' | 'model' | 'silence' | 'heat';

export interface Estimate {
  readonly source: EstimateSource;
  readonly at: Instant | null;
  readonly credible: boolean;
  readonly why: Text;
}

/** One sample on battery: own time on battery, charge in %, load in W. */
export type BatterySample = readonly [onBatteryMs: number, charge: number | null, loadW: number | null];

export interface UpsState {
  status: UpsStatus;
  /** Since when it has this status, by our own clock. */
  since: Instant;
  /** OFF is believed only after it lasted (L3). */
  offSince: Instant | null;
  /** Last good status. */
  seenAt: Instant | null;
  /** On mains, silent or off for a while, and heard again then: with its battery empty it goes and comes with mains, and says OL each time. */
  heardAgainAt?: Instant;
  /** Own measure of the time on battery in this outage (L6). */
  onBatteryMs: Duration;
  /** Up to when `onBatteryMs` has been counted. */
  countedAt: Instant;
  batterySamples: number;
  charge: number | null;
  chargeAt: Instant | null;
  loadW: number | null;
  lowBattery: boolean;
  /** On battery beyond its rated load: since when, and how long it bears what it carries now. */
  overload?: { readonly since: Instant; readonly borneMs: Duration } | null;
  samples: readonly BatterySample[];
  /** The last three figures of the UPS itself, as instants of exhaustion. */
  runtimes: readonly Instant[];
  estimates: readonly Estimate[];
  believed: { at: Instant; source: EstimateSource } | null;
}

/**
 * What ends by itself while nobody acts: the battery once mains is lost, or the coolness of the room once cooling has failed.
 * Its clocks are the same for both (threat.ts).
 */
export interface Threat {
  exhaustion: { at: Instant | null; source: EstimateSource | null; estimates: readonly Estimate[] };
  need: { ms: Duration; path: readonly string[] };
  /** What a bare shutdown of what is left needs, no backups. */
  bareMs: Duration;
  marginMs: Duration;
  latestSafeStart: Instant | null;
}

export interface PowerState extends Threat {
  ups: Record<string, UpsState>;
  mains: 'lost' | 'present' | 'unknown';
  /** Since mains has been what it is. */
  mainsSince: Instant;
  /** The outage's beginning; flapping never resets it. */
  outageSince: Instant | null;
  silent: boolean;
  /** Since when somebody listens: the monitor's own absence is not the UPS's silence. */
  listeningSince: Instant;
  /** The battery's end by what was measured last, whatever silence is taken for. */
  measuredEnd: Instant | null;
  /** The same for each UPS that is on battery or off, where it is known. */
  measuredEnds: Readonly<Record<string, Instant>>;
  charge: number | null;
  loadW: number | null;
}

/** One temperature sample: time since the incident's opening, °C. */
export type HeatSample = readonly [ms: number, celsius: number];

export interface HeatPoint {
  readonly samples: readonly HeatSample[];
  readonly seenAt: Instant;
  /** It rose faster than a room can, from here; null: it did not, or is back. */
  readonly jumpedFrom: number | null;
}

export interface HeatState extends Threat {
  /** By `device/point`. */
  points: Record<string, HeatPoint>;
  /** The hottest point that counts now, °C. */
  hottest: number | null;
  /** Cool and not rising; then it is believed after it has lasted. */
  over: boolean;
  overSince: Instant;
  /** The limit is reached, borne out by more than one reading. */
  atLimit: boolean;
}

/** An announced cut. Wall time, as it was announced: compare with `now + offsetMs`. */
export interface PlannedWindow {
  readonly id: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly reason: string;
  readonly by: string;
}

export interface EvidenceView {
  readonly kind: 'tcp' | 'point' | 'command' | 'ipmi' | 'redfish' | 'http';
  readonly holds: boolean | null;
  readonly detail: string;
}

export interface RunProgress {
  /** Idempotency key: incident/step/attempt. */
  readonly id: string;
  readonly way: number;
  readonly intentAt: Instant;
  begunAt: Instant | null;
  endedAt: Instant | null;
  result: 'ok' | 'failed' | 'unknown' | null;
}

/** before: is it so already? · after: the effect of the last run · watch: failed or advised, and it may yet come about. */
export interface Verification {
  readonly purpose: 'before' | 'after' | 'watch';
  readonly since: Instant;
  readonly until: Instant | null;
  items: readonly EvidenceView[];
}

export interface StepProgress {
  state: StepState;
  startedAt: Instant | null;
  endedAt: Instant | null;
  dueAt: Instant | null;
  remindAt: Instant | null;
  reminders: number;
  answer: { id: string; by: string; at: Instant } | null;
  /** Who gave which answer so far, where one person's word is not enough (O-FIR-2). */
  given: readonly { readonly answer: string; readonly by: string; readonly at: Instant }[];
  /** Since when a question or task is late; when the next person is rung for it, and how many were. */
  lateAt: Instant | null;
  escalateAt: Instant | null;
  escalations: number;
  /** A choose: the branch taken, once and for all; -1: none held. */
  branch: number | null;
  /** Attempts given so far, over all ways. */
  attempts: number;
  way: number;
  /** Tries of the present way. */
  tries: number;
  run: RunProgress | null;
  verify: Verification | null;
  /** A power cut of a device that still runs waits until the battery forces it. */
  held: boolean;
  /** It accepted a gentle order: hanging after that, it is half down already. */
  tookOrder?: boolean;
  /** It was seen away after its order and then plainly running: it has started anew and knows nothing of the order. */
  startedAnew?: boolean;
  /** We brought the effect about; recovery starts only what we stopped (L22). */
  ours: boolean;
  detail: Text | null;
}

export const newStep = (): StepProgress => ({
  state: 'pending',
  startedAt: null,
  endedAt: null,
  dueAt: null,
  remindAt: null,
  reminders: 0,
  answer: null,
  given: [],
  lateAt: null,
  escalateAt: null,
  escalations: 0,
  branch: null,
  attempts: 0,
  way: 0,
  tries: 0,
  run: null,
  verify: null,
  held: false,
  ours: false,
  detail: null,
});

/** States in which nothing more will happen to a step by itself. */
export const ENDED: ReadonlySet<StepState> = new Set<StepState>([
  'done',
  'failed',
  'skipped',
  'cut',
  'waived',
  'rehearsed',
]);
