import type { Text } from './text.ts';

/** Could the shutdown contract be honoured now? One figure with its parts. Instants are ISO 8601 UTC, lengths seconds (`…S`). */

/** fail: the plan cannot be carried out as written · warn: it can, with less reserve than it should have · unknown: not tested yet. */
export type ReadinessState = 'ok' | 'warn' | 'fail' | 'unknown';

/**
 * target: an action's connection and credentials · time: does the sequence fit the battery · people: phones and roles ·
 * drill: when the plan was last practised · monitor: journal, lease, the monitor's own supply · armed: may it act at all.
 */
export type ReadinessKind = 'target' | 'time' | 'people' | 'drill' | 'monitor' | 'armed';

export interface ReadinessItem {
  readonly id: string;
  readonly kind: ReadinessKind;
  readonly state: ReadinessState;
  readonly title: Text;
  /** What is so, and what to do when it is not well. */
  readonly detail: Text;
  readonly device: string | null;
  readonly testedAt: string | null;
}

/** Does the whole sequence fit the battery? `fits` null: not known. */
export interface BatteryFit {
  readonly plan: string;
  /** full: a full battery at its rated test load · aged: at 80 % of that · now: today's charge and load. */
  readonly case: 'full' | 'aged' | 'now';
  readonly runtimeS: number | null;
  readonly needS: number;
  readonly bareNeedS: number;
  readonly marginS: number;
  readonly fits: 'with-backups' | 'bare' | 'no' | null;
  /** How long each UPS lasts in this case; `runtimeS` is what the first device to lose its supply gets of them. */
  readonly upses: readonly UpsRuntime[];
}

export interface UpsRuntime {
  readonly ups: string;
  readonly runtimeS: number | null;
}

export interface ReadinessView {
  readonly at: string;
  /** The worst of the items. */
  readonly state: ReadinessState;
  /** Items that are well, of all that count: 37 of 40. */
  readonly ok: number;
  readonly of: number;
  readonly testing: boolean;
  readonly lastTestAt: string | null;
  readonly nextTestAt: string | null;
  readonly battery: readonly BatteryFit[];
  readonly items: readonly ReadinessItem[];
}
