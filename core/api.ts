import type { AlertView } from './alert.ts';
import type { ChannelStates } from './channel-state.ts';
import type { CommandResult, Role } from './command.ts';
import type { DeviceKind, DeviceSource, OperationName } from './config/device.ts';
import type { FunctionName, OutsideContact } from './config/people.ts';
import type { Severity } from './config/rule.ts';
import type { ErrorCode } from './errors.ts';
import type { IncidentView, Level, StepKind } from './incident.ts';
import type { DeliveryView } from './notification.ts';
import type { PlannedOutage } from './outage.ts';
import type { BatteryTestState } from './paperwork/battery-test.ts';
import type { Unit } from './points.ts';
import type { ReadinessView } from './readiness.ts';
import type { DeviceStatus, Quality, Value } from './reading.ts';
import type { RoomPlanView } from './room-layout.ts';
import type { RulesView } from './rules-view.ts';
import type { CaughtMessage, SimulatorState } from './simulator.ts';
import type { TaskView } from './task.ts';
import type { Language, Text } from './text.ts';
import type { TokenScope } from './token-scope.ts';
/**
 * What the HTTP interface answers, shared by the service and the page. Instants are ISO 8601 in UTC, lengths are seconds
 * (`…S`). Routes and examples: services/dashboard-api/API.md.
 */

/** RFC 9457, `application/problem+json`. */
export interface Problem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  /** Which parts of the input are wrong: `{path: "minutes", message: "Too big: expected number to be <=14400"}`. */
  readonly issues?: readonly {
    readonly path: string;
    readonly message: string;
    /** The message in both languages, where the service knows it so. */
    readonly text?: Text;
  }[];
  /** With a refused command: what the service that owns the state said. */
  readonly command?: CommandResult;
  /** With 429: seconds to wait. */
  readonly retryAfterS?: number;
}

export interface UserView {
  readonly user: string;
  /** For `If-Match`: another one when an administrator has changed the account. */
  readonly version: string;
  readonly name: string;
  readonly role: Role;
  /** The person of people.yaml this account belongs to. */
  readonly person: string | null;
  readonly disabled: boolean;
  readonly createdAt: string;
  readonly lastSignInAt: string | null;
  readonly passwordChangedAt: string;
  readonly passwordExpiresAt: string;
  /** Made or reset by an administrator and not yet changed by its owner. */
  readonly mustChangePassword: boolean;
  /** False: it is signed in at a provider only. */
  readonly hasPassword: boolean;
  /** One-time codes are asked for. */
  readonly totp: boolean;
  /** Linked with an account at the sign-in provider. */
  readonly linked: boolean;
}

export interface SessionView {
  readonly user: UserView;
  /** Sent back in the header `x-zhishou-csrf` of each POST, PUT, PATCH and DELETE. */
  readonly csrf: string;
  readonly expiresAt: string;
  /** The password is too old or was given by an administrator: until it is changed only emergency commands are allowed. */
  readonly passwordDue: boolean;
  /** site.yaml asks for one-time codes in this role and the account has none: the same holds until it has. */
  readonly codesDue: boolean;
  readonly via: 'password' | 'oidc';
}

export interface UsersResponse {
  readonly users: readonly UserView[];
  /** `cursor` of the next page; null: this was the last. */
  readonly next: string | null;
}
/** `password` is there once, when it was made here. */
export interface UserMadeResponse {
  readonly user: UserView;
  readonly password: string | null;
}

export interface TokenView {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly scopes: readonly TokenScope[];
  readonly createdAt: string;
  readonly createdBy: string;
  readonly expiresAt: string;
  readonly lastUsedAt: string | null;
}
export interface TokensResponse {
  readonly tokens: readonly TokenView[];
}
/** `secret` goes into `Authorization: Bearer …`; shown once. */
export interface TokenMadeResponse {
  readonly token: TokenView;
  readonly secret: string;
}

export type ServiceState = 'ok' | 'silent' | 'unknown';
export interface HealthResponse {
  /** `degraded`: the page works, but something it shows may be old or is not being kept. */
  readonly status: 'ok' | 'degraded';
  readonly version: string;
  readonly site: string;
  readonly simulation: boolean;
  readonly uptimeS: number;
  readonly bus: 'up' | 'down';
  readonly services: Readonly<
    Record<'collector' | 'alerts', { readonly state: ServiceState; readonly lastMessageAgeS: number | null }>
  >;
  /** Readings onto the disk here. `failing`: it takes none, or some were lost in the last hour. */
  readonly recorder: {
    readonly state: 'ok' | 'failing';
    readonly written: number;
    readonly lost: number;
    readonly error: string | null;
  };
  /** From the disk here into each store of the site. Only what waits is told, not the servers' own words: everybody may ask. */
  readonly history: {
    /** `behind`: a store catches up; `failing`: it takes nothing now. Readings wait meanwhile. */
    readonly state: 'ok' | 'behind' | 'failing';
    /** So much waits that in the last hour the oldest had to be thinned. */
    readonly thinning: boolean;
    readonly waitingBytes: number;
    readonly stores: readonly {
      readonly store: string;
      readonly state: 'ok' | 'behind' | 'failing';
      readonly waitingBytes: number;
      /** When the oldest reading that it lacks was measured. */
      readonly since: string | null;
    }[];
  };
  /** Messages on the bus that were not what their topic promises. */
  readonly rejectedMessages: number;
  readonly liveClients: number;
}

export interface SiteView {
  readonly id: string;
  readonly name: Text;
  readonly address: Text;
  readonly floor: Text;
  readonly timeZone: string;
  readonly language: Language;
  readonly simulation: boolean;
  readonly version: string;
  /** Null until the alerts service has said so. */
  readonly armed: boolean | null;
  readonly armedBy: string | null;
  readonly workingHours: boolean | null;
  readonly duty: {
    readonly person: string;
    readonly name: Text;
    readonly phone: string | null;
    readonly until: string;
  } | null;
  /** The site's own time (it may run faster in a demo) and how many of its seconds pass in one. */
  readonly clock: { readonly now: string; readonly speed: number };
  /** Names for the ids that appear as `who`, `by`, `person`. */
  readonly people: readonly { readonly id: string; readonly name: Text; readonly functions: readonly FunctionName[] }[];
  readonly contacts: readonly { readonly id: OutsideContact; readonly name: Text; readonly phone: string }[];
}

export interface ReadingView {
  readonly device: string;
  readonly point: string;
  readonly value: Value | null;
  readonly unit: Unit;
  readonly quality: Quality;
  readonly reason: string | null;
  readonly measuredAt: string;
  readonly receivedAt: string;
  readonly changedAt: string;
  readonly simulated: boolean;
}
export interface ReadingsResponse {
  readonly readings: readonly ReadingView[];
}

/** A limit of a rule that watches this device: one of `above` and `below` is a number. What is past it raises an alert. */
export interface PointLimit {
  readonly point: string;
  readonly rule: string;
  readonly above: number | null;
  readonly below: number | null;
  /** Where the alert ends; null: at the limit itself. */
  readonly clear: number | null;
  readonly severity: Severity;
}

export interface DeviceView {
  readonly id: string;
  readonly name: Text;
  readonly kind: DeviceKind;
  readonly room: 'core' | 'auxiliary';
  readonly place: { readonly x: number; readonly y: number } | null;
  readonly profile: string | null;
  readonly intervalS: number;
  readonly source: DeviceSource;
  /** `unknown` until the collector has spoken of it. */
  readonly state: DeviceStatus['state'] | 'unknown';
  readonly lastSeenAt: string | null;
  readonly failures: number;
  readonly reason: string | null;
  /** By point: what people have named it on the device. */
  readonly labels: Readonly<Record<string, string>>;
  readonly dependsOn: readonly string[];
  readonly feeds: readonly string[];
  /** So many of its feeds carry it; absent: one does. */
  readonly minFeeds?: number | undefined;
  readonly operations: readonly OperationName[];
  /** From the site's rules. */
  readonly limits: readonly PointLimit[];
  readonly note: Text | null;
}
export interface DevicesResponse {
  readonly devices: readonly DeviceView[];
}
export interface DeviceResponse extends DeviceView {
  readonly readings: readonly ReadingView[];
  readonly alerts: readonly AlertView[];
}

/** Numbers come as buckets; words, truths and sets as the moments at which they changed. */
export interface HistoryResponse {
  readonly device: string;
  readonly point: string;
  readonly unit: Unit;
  readonly from: string;
  readonly to: string;
  readonly stepS: number;
  /**
   * Good values only; a bucket for which none is known is left out: draw a gap. `at` is the bucket's beginning; `mean` is
   * weighted by how long each value held.
   */
  readonly buckets: readonly {
    readonly at: string;
    readonly mean: number;
    readonly min: number;
    readonly max: number;
    /** Readings in the bucket; 0 when one from before it still holds. */
    readonly count: number;
    /** Share of the bucket for which a good value is known, 0 to 1. */
    readonly coverage: number;
  }[];
  readonly changes: readonly { readonly at: string; readonly value: Value | null; readonly quality: string }[];
  /** More changed than was asked for: only the newest are here. */
  readonly truncated: boolean;
}

export interface AlertsResponse {
  readonly alerts: readonly AlertView[];
  /** `cursor` of the next page; null: this was the last. */
  readonly next: string | null;
}

/** An incident in a list: everything but its steps and its timeline. */
export interface IncidentSummary extends Omit<IncidentView, 'steps' | 'timeline'> {
  readonly steps: { readonly total: number; readonly ended: number; readonly failed: number };
}
export interface IncidentsResponse {
  readonly incidents: readonly IncidentSummary[];
  /** `cursor` of the next page; null: this was the last. */
  readonly next: string | null;
}

export interface DeliveriesResponse {
  readonly deliveries: readonly DeliveryView[];
  /** `cursor` of the next page; null: this was the last. */
  readonly next: string | null;
}
export interface ChannelsResponse {
  /** Null: nothing has been heard of them yet. */
  readonly channels: ChannelStates | null;
}

export interface PlanView {
  readonly id: string;
  readonly version: string;
  readonly title: Text;
  readonly source: string;
  readonly level: Level;
  /** May be opened by a person with `incident.open`. */
  readonly button: boolean;
  readonly alerts: readonly string[];
  readonly steps: readonly {
    readonly id: string;
    readonly kind: StepKind;
    readonly stage: string;
    readonly title: Text;
    readonly after: readonly string[];
    readonly functions: readonly FunctionName[];
    readonly contact: OutsideContact | null;
    readonly operation: OperationName | null;
    readonly script: Text | null;
    readonly withinS: number | null;
    readonly obligations: readonly string[];
  }[];
}
export interface PlansResponse {
  readonly plans: readonly PlanView[];
}

export interface SimulatorResponse {
  /** Null until the simulated room has spoken. */
  readonly state: SimulatorState | null;
  /** Newest first. */
  readonly caught: readonly CaughtMessage[];
}

/** One language, ready to be shown. Every text is a finished sentence or label. */
export interface ReadinessResponse {
  /** Null: nobody judges it here, or nothing was heard yet. */
  readonly readiness: ReadinessView | null;
}
export interface OutagesResponse {
  readonly outages: readonly PlannedOutage[];
  /** `cursor` of the next page; null: this was the last. */
  readonly next: string | null;
}
export interface TasksResponse {
  readonly tasks: readonly TaskView[];
  /** `cursor` of the next page; null: this was the last. */
  readonly next: string | null;
}

/** The stream `GET /api/v1/live`: event name → data. Merge `timeline` by `seq`: the stream carries only its newest entries. */
export interface LiveEvents {
  readonly snapshot: LiveSnapshot;
  readonly readings: { readonly at: string; readonly readings: readonly ReadingView[] };
  readonly device: DeviceView;
  readonly alert: AlertView;
  readonly incident: IncidentView;
  /** Answers would lead elsewhere now: ask `GET /incidents/:id/forecast`. */
  readonly forecast: { readonly incident: string; readonly at: string };
  /** A battery test has moved: ask `GET /battery-tests/:id`. */
  readonly 'battery-test': { readonly id: string; readonly ups: string; readonly state: BatteryTestState };
  readonly delivery: DeliveryView;
  readonly site: SiteView;
  readonly readiness: ReadinessView;
  readonly outages: readonly PlannedOutage[];
  /** Somebody else has a turn, or the rota was changed: ask `GET /rota` for the whole. */
  readonly rota: { readonly at: string };
  /** Duties are otherwise than they were: ask `GET /duties`, or `GET /wall`, anew. */
  readonly duties: { readonly at: string };
  /** An entry was added or has moved: ask `GET /registers`, its list or itself anew. */
  readonly registers: { readonly at: string };
  /** There are others now: ask `GET /api/v1/out-of-service`. */
  readonly 'out-of-service': { readonly windows: number; readonly shelved: number };
  /** Other rules run, or the files cannot be taken over: ask `GET /rules` for the whole. */
  readonly rules: RulesChanged;
  readonly 'room-plan': RoomPlanView;
  readonly simulator: SimulatorState;
  readonly caught: CaughtMessage;
}
export type RulesChanged = Pick<RulesView, 'since' | 'readAt' | 'problems'>;
export type LiveEventName = keyof LiveEvents;

/** Newest entries of an incident's timeline that the stream carries. */
export const LIVE_TIMELINE_ENTRIES = 60;

export interface LiveSnapshot {
  readonly site: SiteView;
  readonly devices: readonly DeviceView[];
  readonly readings: readonly ReadingView[];
  readonly alerts: readonly AlertView[];
  /** Open incidents whole but for the older timeline. */
  readonly open: readonly IncidentView[];
  /** All kept, newest first. */
  readonly incidents: readonly IncidentSummary[];
  /** Newest 100 first; empty without sign-in. */
  readonly deliveries: readonly DeliveryView[];
  /** Null: nobody judges it here. */
  readonly readiness: ReadinessView | null;
  /** Planned outages, those that are over too. */
  readonly outages: readonly PlannedOutage[];
  readonly roomPlan: RoomPlanView;
  readonly simulator: SimulatorResponse | null;
}
