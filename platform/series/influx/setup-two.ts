import { ZhishouError } from '#core/errors.ts';
import type { Duration } from '#core/time.ts';
import { seconds } from '#core/time.ts';
import type { InfluxAnswer } from './influx-http.ts';
import { refusalText } from './influx-ql.ts';
import { authorization } from './influx-server.ts';
import type { Prepared, SetupContext } from './influx-setup.ts';

/**
 * InfluxDB 2.x: a bucket stands for database and retention policy together (OSS v2 manual, "Buckets"); retention is the
 * bucket's rule. InfluxQL reads it by a mapping from database and policy ("Manage DBRP mappings"): newer versions make a
 * virtual one for each bucket, in older ones it must be made. Writing is /api/v2/write; with user and password only the 1.x
 * compatibility API at /write (it knows the users of `influx v1 auth` alone), and nothing can be made then.
 */
export async function prepareBucket(context: SetupContext): Promise<Prepared> {
  const { options, log } = context;
  const params = new URLSearchParams({ db: options.database, precision: 'ms' });
  const none: Prepared = {
    writePath: `/write?${params}`,
    organization: '',
    rawPolicy: null,
    rawKeep: null,
    rollups: [],
    apart: new Map(),
  };
  if (options.token === undefined) return none;
  const organization = await findOrganization(context);
  const bucket = await ensureBucket(context, organization);
  const prepared: Prepared = {
    ...none,
    writePath: null,
    organization: organization?.name ?? options.organization ?? '',
  };
  if (bucket === null) return prepared;
  await ensureMapping(context, bucket);
  const wanted = options.keep?.raw ?? null;
  if (options.keep !== undefined && bucket.keep !== wanted)
    log.warn({ bucket: options.database }, 'the bucket keeps history for another time than configured: left as it is');
  return { ...prepared, rawKeep: bucket.keep };
}

interface Organization {
  readonly id: string;
  readonly name: string;
}
interface Bucket {
  readonly id: string;
  readonly orgID: string;
  readonly keep: Duration | null;
}

async function findOrganization(context: SetupContext): Promise<Organization | null> {
  const { organization } = context.options;
  const answer = await get(context, '/api/v2/orgs', organization === undefined ? {} : { org: organization });
  const orgs = answer === null ? [] : (listOf(answer, 'orgs') as readonly Organization[]);
  if (organization !== undefined) return orgs.find(({ name }) => name === organization) ?? null;
  if (orgs.length > 1)
    throw new ZhishouError(
      'STORE_DOWN',
      context.http.host,
      'it has several organizations: name one in the configuration',
    );
  return orgs[0] ?? null;
}

async function ensureBucket(context: SetupContext, organization: Organization | null): Promise<Bucket | null> {
  const { options, log, http } = context;
  const org = organization === null ? {} : { orgID: organization.id };
  const answer = await get(context, '/api/v2/buckets', { name: options.database, ...org });
  const found = answer === null ? [] : listOf(answer, 'buckets');
  const there = found.find((one) => (one as { name?: unknown }).name === options.database);
  if (there !== undefined) return toBucket(there);
  if (organization === null) return null;
  const keep = options.keep?.raw ?? null;
  const made = await post(context, '/api/v2/buckets', {
    orgID: organization.id,
    name: options.database,
    retentionRules: keep === null ? [] : [{ type: 'expire', everySeconds: Math.round(keep / 1000) }],
  });
  if (made.status === 201) {
    log.info({ bucket: options.database }, 'history: bucket made');
    return toBucket(JSON.parse(made.body));
  }
  throw new ZhishouError(
    'STORE_DOWN',
    http.host,
    `no bucket ${options.database}, and it may not be made: ${refusalText(made.body)}`,
  );
}

function toBucket(from: unknown): Bucket {
  const { id, orgID, retentionRules } = from as {
    id: string;
    orgID: string;
    retentionRules?: readonly { everySeconds?: number }[];
  };
  const every = retentionRules?.[0]?.everySeconds ?? 0;
  return { id, orgID, keep: every === 0 ? null : seconds(every) };
}

/** Makes the mapping only where there is none: one that the owner made, or a virtual one, serves as well. */
async function ensureMapping(context: SetupContext, bucket: Bucket): Promise<void> {
  const { options, log } = context;
  const answer = await get(context, '/api/v2/dbrps', { orgID: bucket.orgID, db: options.database });
  const mappings = answer === null ? [] : listOf(answer, 'content');
  if (answer === null || mappings.length > 0) return;
  const made = await post(context, '/api/v2/dbrps', {
    orgID: bucket.orgID,
    bucketID: bucket.id,
    database: options.database,
    retention_policy: 'autogen',
    default: true,
  });
  if (made.status === 201) log.info({ bucket: options.database }, 'history: mapping for InfluxQL made');
  else log.warn({ reason: refusalText(made.body) }, 'history: no mapping for InfluxQL, so it cannot be read');
}

/** The answer; null when the token may not ask (401, 403) or there is none of it (404): another may have made it all. */
async function get(
  { http, options }: SetupContext,
  path: string,
  params: Readonly<Record<string, string>>,
): Promise<InfluxAnswer | null> {
  const answer = await http.ask({ method: 'GET', path, params, authorization: authorization('2', options) });
  if (answer.status === 200) return answer;
  if ([401, 403, 404].includes(answer.status)) return null;
  throw new ZhishouError('STORE_DOWN', http.host, `HTTP ${answer.status}: ${refusalText(answer.body)}`);
}

const post = ({ http, options }: SetupContext, path: string, json: unknown): Promise<InfluxAnswer> =>
  http.ask({ method: 'POST', path, json, authorization: authorization('2', options) });

function listOf({ body }: InfluxAnswer, field: string): readonly unknown[] {
  const list = (JSON.parse(body) as Record<string, unknown>)[field];
  return Array.isArray(list) ? list : [];
}
