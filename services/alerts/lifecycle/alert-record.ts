import type { AlertView } from '#core/alert.ts';
import type { Duration, Instant } from '#core/time.ts';

/** An alert as this service keeps it (keys `alerts/active/<id>` and `alerts/cleared/<id>`): what people see, and who was told what. */
export interface AlertRecord {
  readonly view: AlertView;
  /** People told of it; the recovery goes to these. Null: nobody was told yet. */
  readonly told: readonly string[] | null;
  /** Told at, on the steady time; escalation counts from here. */
  readonly toldAt: Instant | null;
  /** How many times the escalation has rung. */
  readonly rung: number;
  /** The step of the escalation's chain that was told last; absent in records of an earlier version. */
  readonly step?: number;
  /** How long after it the next one follows, as the chain said that was told down then. */
  readonly wait?: Duration;
  /** On the steady time: acknowledged at, or last found to go on. From here it is judged whether it was left alone. */
  readonly caredAt?: Instant;
  /** The last instant at which another alert held it back; it is told a little after that has ended. */
  readonly heldUntil: Instant | null;
  /** It is to be told again: it still fired when its shelf or its maintenance ended. */
  readonly owed?: boolean;
  /** How many times it was told again for that. */
  readonly again?: number;
  /** Put off since then (steady time), to go with others as one message. */
  readonly putOff?: Instant;
  /** It opens its incident although nobody was told: it waits for others, or an outage on a shelf is an outage all the same. */
  readonly opens?: boolean;
  /** The conversation that people were told in; absent: its own. */
  readonly conversation?: string;
  /** Cleared: people to whom its recovery is owed. */
  readonly recovers?: readonly string[];
  /** The incidents have been given it; only kept for alerts that open one. */
  readonly handed: boolean;
  /** Closed because the configuration has its rule no more: not an event in the room, so no incident hears of it (L8). */
  readonly retired: boolean;
}

export const isActive = (record: AlertRecord): boolean => record.view.state !== 'cleared';
export const isFiring = (record: AlertRecord): boolean =>
  record.view.state === 'firing' || record.view.state === 'acknowledged';
