import { messageOf, ZhishouError } from '#core/errors.ts';
import type { Log } from '#core/ports.ts';
import { type Duration, hours, parseDuration } from '#core/time.ts';
import type { InfluxHttp } from './influx-http.ts';
import type { InfluxOptions } from './influx-options.ts';
import { identifier, type Ql, QlRefusal } from './influx-ql.ts';
import type { InfluxServer } from './influx-server.ts';
import { continuousQuery, type KeepGroup, keepGroups, qlDuration, RAW_POLICY, type Rollup } from './rollups.ts';
import { prepareDatabase } from './setup-three.ts';
import { prepareBucket } from './setup-two.ts';

/** What was found or made on the server. */
export interface Prepared extends PreparedClass {
  /** 2.x: the organization's name. */
  readonly organization: string;
  /** 1.x: measurements that are kept for other times than the rest. */
  readonly apart: ReadonlyMap<string, PreparedClass>;
}

export interface PreparedClass {
  /** The address for lines in milliseconds; null: the library's own, /api/v2/write with organization and bucket. */
  readonly writePath: string | null;
  /** The retention policy of 1.x in which the raw readings are; null: the default one. */
  readonly rawPolicy: string | null;
  /** How long the server really keeps raw readings; null: for ever, or it does not say. */
  readonly rawKeep: Duration | null;
  /** From fine to coarse, each with how long it is kept. */
  readonly rollups: readonly (Rollup & { readonly keep: Duration | null })[];
}

export const preparedFor = (prepared: Prepared, measurement: string): PreparedClass =>
  prepared.apart.get(measurement) ?? prepared;

export interface SetupContext {
  readonly http: InfluxHttp;
  readonly server: InfluxServer;
  readonly ql: Ql;
  readonly options: InfluxOptions;
  readonly log: Log;
}

export const NOTHING_PREPARED: Prepared = {
  writePath: null,
  organization: '',
  rawPolicy: null,
  rawKeep: null,
  rollups: [],
  apart: new Map(),
};

/**
 * Makes what is missing: database or bucket, retention, rollups. What is there stays as it is, whoever made it: a policy of
 * another length is told and left. Without the right to make them it goes on with what there is.
 * Throws STORE_DOWN when there is no database and none can be made.
 */
export function prepare(context: SetupContext): Promise<Prepared> {
  switch (context.server.generation) {
    case '1':
      return prepareOne(context);
    case '2':
      return prepareBucket(context);
    case '3':
      return prepareDatabase(context);
    case 'victoria-metrics':
      // One database without a name; retention is a flag of the server (-retentionPeriod).
      return Promise.resolve(NOTHING_PREPARED);
  }
}

/** 1.x refuses retention shorter than an hour (InfluxQL manual, CREATE RETENTION POLICY). */
const SHORTEST = hours(1);
const lengthOf = (keep: Duration | null): string =>
  keep === null ? 'INF' : qlDuration(Math.max(SHORTEST, keep) as Duration);

async function prepareOne(context: SetupContext): Promise<Prepared> {
  const { options } = context;
  const { database, keep } = options;
  await ensureDatabase(context);
  const there = keep === undefined ? new Map<string, Duration | null>() : await shownPolicies(context);
  const groups = groupsFor(options, there);
  const policies = await ensurePolicies(context, groups, there);
  const wanted = groups.flatMap(({ rollups }) => rollups);
  const kept = wanted.filter(({ policy, rawPolicy }) => policies.has(rawPolicy) && policies.has(policy));
  const running = await ensureContinuousQueries(context, kept);
  const of = (raw: string): PreparedClass => {
    const rawPolicy = policies.has(raw) ? raw : null;
    const params = new URLSearchParams({
      db: database,
      precision: 'ms',
      ...(rawPolicy === null ? {} : { rp: rawPolicy }),
    });
    return {
      writePath: `/write?${params}`,
      rawPolicy,
      rawKeep: policies.get(raw) ?? null,
      rollups: running
        .filter((rollup) => rollup.rawPolicy === raw)
        .map((rollup) => ({ ...rollup, keep: policies.get(rollup.policy) ?? null })),
    };
  };
  // What has no policy of its own stands with all others.
  const apart = groups.slice(1).filter(({ rawPolicy }) => policies.has(rawPolicy));
  const byMeasurement = apart.flatMap(({ rawPolicy, measurements }) =>
    measurements.map((measurement) => [measurement, of(rawPolicy)] as const),
  );
  return { ...NOTHING_PREPARED, ...of(RAW_POLICY), apart: new Map(byMeasurement) };
}

async function ensureDatabase({ ql, options, http }: SetupContext): Promise<void> {
  const { database, keep } = options;
  const shown = await ql.select('SHOW DATABASES');
  if (shown.some(({ values }) => values.some(([name]) => name === database))) return;
  // Of a database that we make ourselves the raw policy is the default: Grafana then needs no policy in its queries.
  const policy =
    keep === undefined
      ? ''
      : ` WITH DURATION ${lengthOf(keepGroups(keep, options.keepByClass)[0]?.keep.raw ?? null)} REPLICATION 1 NAME ${identifier(RAW_POLICY)}`;
  try {
    await ql.manage(`CREATE DATABASE ${identifier(database)}${policy}`);
  } catch (error) {
    if (!(error instanceof QlRefusal)) throw error;
    throw new ZhishouError(
      'STORE_DOWN',
      http.host,
      `no database ${database}, and it may not be made: ${error.message}`,
    );
  }
}

type Policies = ReadonlyMap<string, Duration | null>;

/** What the database has, with their lengths; null is for ever. */
async function shownPolicies({ ql, options }: SetupContext): Promise<Policies> {
  const policies = new Map<string, Duration | null>();
  for (const { values, columns } of await ql.select(`SHOW RETENTION POLICIES ON ${identifier(options.database)}`)) {
    for (const row of values) {
      const duration = parseDuration(String(row[columns.indexOf('duration')]));
      policies.set(String(row[columns.indexOf('name')]), duration === null || duration === 0 ? null : duration);
    }
  }
  return policies;
}

/** A database in which all classes stand together keeps them so: what it has would not be found in a policy of its own. */
function groupsFor({ keep, keepByClass }: InfluxOptions, there: Policies): readonly KeepGroup[] {
  if (keep === undefined) return [];
  const [together] = keepGroups(keep);
  const groups = keepGroups(keep, keepByClass);
  const isTogether = together?.rollups.every(({ policy }) => there.has(policy)) === true;
  const isApart = groups.slice(1).some(({ rawPolicy }) => there.has(rawPolicy));
  return isTogether && !isApart && together !== undefined ? [together] : groups;
}

/** Makes those that are missing; what there is in the end. */
async function ensurePolicies(
  { ql, options, log }: SetupContext,
  groups: readonly KeepGroup[],
  before: Policies,
): Promise<Policies> {
  const policies = new Map(before);
  const on = `ON ${identifier(options.database)}`;
  const wanted = groups.flatMap(({ keep, rawPolicy, rollups }) => [
    [rawPolicy, keep.raw] as const,
    ...rollups.map(({ policy, key }) => [policy, keep[key]] as const),
  ]);
  for (const [name, length] of wanted) {
    const there = policies.get(name);
    const asked = length === null ? null : (Math.max(SHORTEST, length) as Duration);
    if (there === undefined) {
      const made = await attempt(log, `retention policy ${name}`, () =>
        ql.manage(`CREATE RETENTION POLICY ${identifier(name)} ${on} DURATION ${lengthOf(length)} REPLICATION 1`),
      );
      if (made) policies.set(name, asked);
    } else if (there !== asked) {
      const mend = `ALTER RETENTION POLICY ${identifier(name)} ${on} DURATION ${lengthOf(length)}`;
      log.warn({ policy: name, mend }, 'the database keeps history for another time than configured: left as it is');
    }
  }
  return policies;
}

async function ensureContinuousQueries(
  { ql, options, log }: SetupContext,
  rollups: readonly Rollup[],
): Promise<readonly Rollup[]> {
  if (rollups.length === 0) return [];
  const shown = await ql.select('SHOW CONTINUOUS QUERIES').catch((error: unknown) => {
    if (!(error instanceof QlRefusal)) throw error;
    return [];
  });
  const own = shown.find(({ name }) => name === options.database)?.values.map(([name]) => name) ?? [];
  const running: Rollup[] = [];
  for (const rollup of rollups) {
    const there =
      own.includes(rollup.policy) ||
      (await attempt(log, `continuous query ${rollup.policy}`, () =>
        ql.manage(continuousQuery(options.database, rollup)),
      ));
    if (there) running.push(rollup);
  }
  return running;
}

/** Whether it was made; a refusal (no administrator) is told and lived with. */
async function attempt(log: Log, what: string, make: () => Promise<unknown>): Promise<boolean> {
  try {
    await make();
    log.info({ made: what }, 'history: made on the database');
    return true;
  } catch (error) {
    if (!(error instanceof QlRefusal)) throw error;
    log.warn({ what, reason: messageOf(error) }, 'history: the database does not let us make it; going on without');
    return false;
  }
}
