import type { Text } from './text.ts';

/** What the wall shows beside the live stream: `GET /api/v1/wall`. Names of people, never their numbers. Instants are ISO 8601 UTC. */

/** One day of a room, on the site's own calendar: of all its sensors the lowest, the mean over time, the highest. */
export interface DayWeather {
  /** `2026-11-22` */
  readonly date: string;
  readonly min: number;
  readonly mean: number;
  readonly max: number;
}

/** Seven days of one room, the oldest first; a day without a reading is left out. */
export interface RoomWeather {
  /** `outdoor`: sensors tagged so; they belong to no room. */
  readonly room: 'core' | 'auxiliary' | 'outdoor';
  /** The sensors behind it: those that measure what equipment breathes in, not the hot aisle. */
  readonly devices: readonly string[];
  readonly temperature: readonly DayWeather[];
  readonly humidity: readonly DayWeather[];
}

export interface WallDuty {
  readonly name: Text;
  /** Null: nobody. */
  readonly person: Text | null;
  readonly until: string | null;
  readonly next: { readonly person: Text; readonly from: string } | null;
}

export interface WallTask {
  readonly title: Text;
  readonly owner: Text | null;
  readonly dueAt: string;
  readonly overdue: boolean;
}

/** A duty that may be done now, or should have been. */
export interface WallOpenDuty {
  readonly title: Text;
  /** Null: nobody by name. */
  readonly person: Text | null;
  readonly dueAt: string;
  readonly overdue: boolean;
}

export interface WallResponse {
  /** The site's dates of the seven days, the oldest first: days without readings have their place too. */
  readonly days: readonly string[];
  /** Each rotation, the duty of the room first. */
  readonly duty: readonly WallDuty[];
  /** `first`: those due soonest, five at most. */
  readonly tasks: { readonly open: number; readonly overdue: number; readonly first: readonly WallTask[] };
  /** `first`: those due soonest, five at most; `doneToday`: of all that were due today. Null: no duties are configured. */
  readonly duties: {
    readonly open: number;
    readonly overdue: number;
    readonly doneToday: number;
    readonly today: number;
    readonly first: readonly WallOpenDuty[];
  } | null;
  /** Null: history does not answer. */
  readonly weather: readonly RoomWeather[] | null;
}
