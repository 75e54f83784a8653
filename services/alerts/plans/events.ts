import type { OperationName } from '#core/config/device.ts';
import type { IncidentMode, Level, TimelineEntry } from '#core/incident.ts';
import type { NotificationRequest } from '#core/notification.ts';
import type { Value } from '#core/reading.ts';
import type { Text } from '#core/text.ts';
import type { Instant } from '#core/time.ts';
import type { IncidentDefinition } from './definition.ts';
import type { DutyPerson, EvidenceView, FiringAlert, Holds, IncidentState, PlannedWindow } from './state.ts';

/** Everything that can happen to an incident. Each event is a journal record; the incident is their fold. */
export type IncidentEvent = EventBody & {
  /** Steady time of the incident. */
  readonly at: Instant;
  /** Wall time minus steady time; absent when it did not change. */
  readonly offsetMs?: number;
  /** Who is on duty and whether the office works; absent when it did not change. */
  readonly people?: { readonly working: boolean; readonly duty: DutyPerson | null };
};

export type EventBody =
  | {
      readonly type: 'opened';
      readonly incident: string;
      readonly definition: IncidentDefinition;
      readonly mode: IncidentMode;
      readonly armed: boolean;
      readonly trigger: string;
      readonly cause: Text;
      readonly by: string;
      /** When mains was lost by our own measure, if it was. */
      readonly outageSince: Instant | null;
      readonly samples: readonly PowerSample[];
      readonly points: Readonly<Record<string, Value>>;
      /** Alerts of the plan's rules that fire already, by id. */
      readonly alerts?: Readonly<Record<string, FiringAlert>>;
      /** The announced cut that it belongs to. */
      readonly planned?: PlannedWindow | null;
      /** What other incidents of the site have backed up. */
      readonly backups?: IncidentState['backups'];
      /** What they do to which devices. */
      readonly others?: IncidentState['others'];
    }
  /** A cut was announced for these UPSes, or (null) the one that this incident belongs to was called off. */
  | { readonly type: 'planned'; readonly planned: PlannedWindow | null; readonly by: string; readonly reason: string }
  | { readonly type: 'power'; readonly sample: PowerSample }
  | { readonly type: 'points'; readonly points: Readonly<Record<string, Value>> }
  /** An alert that the plan names began to fire, or (null) ended. */
  | { readonly type: 'alert'; readonly id: string; readonly title: Text; readonly firing: FiringAlert | null }
  | {
      readonly type: 'answer';
      readonly step: string;
      readonly answer: string;
      readonly by: string;
      readonly minutes: number | null;
      /** Steady time. */
      readonly until: Instant | null;
    }
  | { readonly type: 'task-done'; readonly step: string; readonly by: string; readonly note: string | null }
  | { readonly type: 'waive'; readonly step: string; readonly by: string; readonly reason: string }
  | { readonly type: 'acknowledge'; readonly by: string; readonly via?: string }
  | { readonly type: 'start-sequence'; readonly by: string; readonly reason: string }
  | { readonly type: 'stand-down'; readonly by: string; readonly reason: string }
  | { readonly type: 'hand-over'; readonly by: string; readonly to: DutyPerson; readonly note: string }
  | { readonly type: 'raise-level'; readonly by: string; readonly level: Level; readonly reason: string }
  | { readonly type: 'note'; readonly by: string; readonly text: string }
  | { readonly type: 'close'; readonly by: string; readonly reason: string }
  | { readonly type: 'action-begun'; readonly step: string; readonly run: string }
  | {
      readonly type: 'action-ended';
      readonly step: string;
      readonly run: string;
      readonly result: 'ok' | 'failed' | 'unknown';
      readonly detail: string;
    }
  | {
      readonly type: 'verified';
      readonly step: string;
      /** The verification that was asked for; a late answer to an earlier one is ignored. */
      readonly since: Instant;
      readonly items: readonly EvidenceView[];
    }
  /** Another incident of the site makes, has made or has given up a backup. */
  | { readonly type: 'backup-elsewhere'; readonly device: string; readonly what: 'begun' | 'done' | 'ended' }
  /** What another incident of the site does to which devices now: the whole of it each time. */
  | { readonly type: 'holds-elsewhere'; readonly by: string; readonly title: Text; readonly holds: Holds }
  | { readonly type: 'timer' }
  /** `armed`: what the site is now; absent in journals of an older version. */
  | { readonly type: 'restarted'; readonly armed?: boolean }
  | { readonly type: 'armed'; readonly armed: boolean };

/** One UPS's batch, reduced to what decides. Only values of good quality; null is no value. */
export interface PowerSample {
  readonly ups: string;
  /** `ups.status` tokens; null when there is no good value. */
  readonly status: string | null;
  readonly charge: number | null;
  readonly runtimeS: number | null;
  readonly loadW: number | null;
  /** The UPS's own load in percent, when it is above what it is rated for. */
  readonly overPercent?: number;
  /** It had not been heard for a while before: what its mains did meanwhile nobody knows. */
  readonly afterSilence?: boolean;
}

/** What the shell is to do after the event is durable. */
export type Command =
  | { readonly type: 'notify'; readonly request: NotificationRequest }
  | { readonly type: 'record'; readonly entry: TimelineEntry }
  | { readonly type: 'act'; readonly run: string; readonly step: string; readonly way: number }
  | VerifyCommand
  | { readonly type: 'stop-verify'; readonly step: string }
  | { readonly type: 'timer'; readonly at: Instant | null }
  | { readonly type: 'poll'; readonly device: string; readonly everyMs: number | null }
  | {
      readonly type: 'duration';
      readonly device: string;
      readonly operation: OperationName;
      readonly seconds: number;
    }
  /** For the other incidents of the site. */
  | { readonly type: 'backup'; readonly device: string; readonly what: 'begun' | 'done' | 'ended' }
  | { readonly type: 'holds'; readonly holds: Holds }
  /** Something that people look at has changed; `now`: at once, not with the next round. */
  | { readonly type: 'publish'; readonly now: boolean };

export interface VerifyCommand {
  readonly type: 'verify';
  readonly step: string;
  readonly since: Instant;
  readonly until: Instant | null;
  readonly everyMs: number;
  readonly run: string;
  readonly runStartedAt: Instant;
}

export interface Decision<State> {
  readonly state: State;
  readonly commands: readonly Command[];
}
