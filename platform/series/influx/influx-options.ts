import type { Clock, Log, Metrics } from '#core/ports.ts';
import type { Secret } from '#core/secret.ts';
import type { SeriesClass, SeriesSettings } from '#core/series.ts';
import type { Duration } from '#core/time.ts';

/** How long each resolution is kept on the server; null: for ever. */
export interface InfluxKeep {
  readonly raw: Duration | null;
  /** Rollups of 1 min, 15 min, 1 h and 1 d: made by 1.x alone, see rollups.ts. */
  readonly minute: Duration | null;
  readonly quarter: Duration | null;
  readonly hour: Duration | null;
  readonly day: Duration | null;
}

export interface InfluxOptions {
  /** `http://host:8086`, a path in front of the server's own is kept: `https://host/influx`. Without user and password. */
  readonly url: string;
  /** The database of 1.x and 3, the bucket of 2.x; VictoriaMetrics has none. Made where it is missing and may be made. */
  readonly database: string;
  /** The tag `site`: several sites may share a database. */
  readonly site: string;
  /** 2.x only: the organization's name. */
  readonly organization?: string;
  readonly user?: string;
  readonly password?: Secret;
  readonly token?: Secret;
  /** Whom the server's certificate must come from, PEM. */
  readonly ca?: string;
  /** Without it no retention is set and no rollups are made: the database is the owner's. */
  readonly keep?: InfluxKeep;
  /** By class, where 1.x can: the database of 2.x and 3 has one length for all, `keep`. */
  readonly keepByClass?: Readonly<Record<SeriesClass, InfluxKeep>>;
  /** The file for lines that the server will never take. */
  readonly deadLetters: string;
  readonly settings?: SeriesSettings;
  readonly clock?: Clock;
  readonly log?: Log;
  readonly metrics?: Metrics;
  /** How long the server may be silent; real time. Default 10 s. */
  readonly timeout?: Duration;
  /** Lines in one request, at most. Default 5,000, as InfluxData advises. */
  readonly batchLines?: number;
}
