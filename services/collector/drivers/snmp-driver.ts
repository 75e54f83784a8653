import type { SnmpConnection } from '#core/config/connections.ts';
import type { Profile } from '#core/config/profile.ts';
import { resolveProfile } from '#core/config/resolve-profile.ts';
import { ZhishouError } from '#core/errors.ts';
import type { Clock, SnmpLink, SnmpTransport, Varbind } from '#core/ports.ts';
import { type Duration, hours, minutes } from '#core/time.ts';
import { fromVarbind } from '../decode.ts';
import { discover, type Identity, recognise, rowsOf, toMap, walkColumn } from '../snmp-discovery.ts';
import type { Layout } from '../snmp-layout.ts';
import {
  compile,
  deadObjects,
  evaluate,
  isAbsent,
  type PointValue,
  type SnmpPlan,
  SYS_UP_TIME,
  vanishedRows,
} from '../snmp-plan.ts';
import { createRepeater, type Repeater } from '../snmp-repeat.ts';
import type { PolledDriver } from './polled-driver.ts';

/**
 * Reads one SNMP device: recognises it when no profile is given, finds its tables, then GETs known objects only.
 * Tables are looked at anew when the agent has restarted, when a row has gone, when a watched count has changed, and
 * every few hours.
 */
export interface SnmpDriver extends PolledDriver {
  /** The same at once, where the link can and nothing but values has changed since the last poll; else null. */
  pollNow(): readonly PointValue[] | null;
  identity(): Identity | null;
}

const REDISCOVER_AFTER: Duration = hours(6);
/** A device that answers but has nothing for us: a card that has lost its UPS, a wrong profile. */
const RETRY_DISCOVERY_AFTER: Duration = minutes(1);

export interface SnmpDriverOptions {
  readonly device: string;
  readonly connection: SnmpConnection;
  /** An id of `profiles`, or null: recognise it. */
  readonly profile: string | null;
  readonly profiles: readonly Profile[];
  readonly transport: SnmpTransport;
  readonly clock: Clock;
}

interface Session {
  readonly plan: SnmpPlan;
  readonly layout: Layout;
  readonly since: Duration;
  readonly upTime: number | null;
  /** Nothing good came, or a required object is absent. */
  readonly unsettled: boolean;
  /** Count and rows of a watched table that do not agree although it was just walked. */
  readonly disagreeing: string | null;
}

export function createSnmpDriver(options: SnmpDriverOptions): SnmpDriver {
  const { connection, transport, clock, profiles, device } = options;
  let link: SnmpLink | null = null;
  let profile: Profile | null = options.profile === null ? null : resolveProfile(options.profile, profiles);
  let identity: Identity | null = null;
  let session: Session | null = null;
  /** The layout's that `labels` were made of. */
  let labelled: Layout['labels'] | null = null;
  let labels: Readonly<Record<string, string>> = {};
  let repeater: (Repeater & { readonly of: Session }) | null = null;

  const identify = async (open: SnmpLink): Promise<Profile> => {
    if (options.profile !== null && profile === null) {
      throw new ZhishouError('BAD_CONFIGURATION', device, `there is no profile ${options.profile}`);
    }
    if (profile !== null) return profile;
    identity = await recognise(open, profiles);
    profile = identity.profile === null ? null : resolveProfile(identity.profile, profiles);
    if (profile !== null) return profile;
    throw new ZhishouError('BAD_ANSWER', device, `no profile fits it (${identity.sysObjectId ?? 'no sysObjectID'})`);
  };

  const begin = async (open: SnmpLink): Promise<Session> => {
    const known = await identify(open);
    const layout = await discover(open, known);
    return {
      plan: compile(known, layout),
      layout,
      since: clock.monotonic(),
      upTime: null,
      unsettled: false,
      disagreeing: null,
    };
  };

  return {
    poll: async () => {
      link ??= transport.open(connection);
      const known = session !== null && !isOld(session, clock.monotonic()) ? session : null;
      let now = known ?? (await begin(link));
      let answers = toMap(await link.get(now.plan.oids));
      let first = known === null;
      if (known !== null && hasChanged(known, answers)) {
        now = await begin(link);
        answers = toMap(await link.get(now.plan.oids));
        first = true;
      }
      now = { ...now, upTime: upTimeOf(answers) };
      if (first) now = withoutDead(now, answers);
      now = await followWatches(link, now, answers);
      const values = evaluate(now.plan, answers);
      const hasGood = values.some((value) => value.decoded.quality === 'good');
      session = { ...now, unsettled: !hasGood || lacksRequired(now.plan, answers) };
      return values;
    },
    pollNow: () => {
      if (session === null || session.unsettled || link?.read === undefined) return null;
      if (isOld(session, clock.monotonic())) return null;
      const raws = link.read(session.plan.oids);
      if (raws === null) return null;
      repeater = repeater?.of === session ? repeater : { of: session, ...createRepeater(session.plan) };
      return repeater.take(raws);
    },
    profile: () => profile,
    labels: () => {
      if (session !== null && session.layout.labels !== labelled) {
        labelled = session.layout.labels;
        labels = labelsOf(session);
      }
      return labels;
    },
    identity: () => identity,
    close: () => {
      link?.close();
      link = null;
    },
  };
}

/** A chassis of many cards has some hundred names; more are somebody's mistake. */
const MOST_LABELS = 1000;

function labelsOf({ plan, layout }: Session): Readonly<Record<string, string>> {
  const entries = [...plan.entries, ...plan.groups.flatMap((group) => group.entries)];
  const named = entries.flatMap(({ point, oid }) => {
    const label = layout.labels.get(oid)?.trim() ?? '';
    return label === '' ? [] : [[point, label] as const];
  });
  return Object.fromEntries(named.slice(0, MOST_LABELS));
}

const isOld = (session: Session, now: Duration): boolean =>
  now - session.since >= (session.unsettled ? RETRY_DISCOVERY_AFTER : REDISCOVER_AFTER);

/** The tables may be others now: a row has gone, the agent has restarted, what was lacking is there. */
function hasChanged(session: Session, answers: ReadonlyMap<string, Varbind>): boolean {
  if (vanishedRows(session.plan, answers) || hasRestarted(session.upTime, upTimeOf(answers))) return true;
  return session.unsettled && hasRequired(session.plan) && !lacksRequired(session.plan, answers);
}

const hasRequired = ({ profile }: SnmpPlan): boolean =>
  profile.snmp.sets.some((set) => set.from.some((source) => 'oid' in source && source.required));

function upTimeOf(answers: ReadonlyMap<string, Varbind>): number | null {
  const value = fromVarbind(answers.get(SYS_UP_TIME));
  return typeof value === 'number' ? value : null;
}

const hasRestarted = (before: number | null, now: number | null): boolean =>
  before !== null && now !== null && now < before;

/** What the device does not serve is not asked for again, until the next discovery. */
function withoutDead(session: Session, answers: ReadonlyMap<string, Varbind>): Session {
  const dead = deadObjects(session.plan, answers);
  if (dead.length === 0) return session;
  const layout: Layout = { ...session.layout, dead: new Set(dead) };
  return { ...session, layout, plan: compile(session.plan.profile, layout) };
}

const lacksRequired = (plan: SnmpPlan, answers: ReadonlyMap<string, Varbind>): boolean =>
  plan.profile.snmp.sets.some((set) =>
    set.from.some((source) => 'oid' in source && source.required && isAbsent(answers.get(source.oid))),
  );

/** Walks a watched table again when its count changed or one of its rows is gone; puts its values into `answers`. */
async function followWatches(link: SnmpLink, session: Session, answers: Map<string, Varbind>): Promise<Session> {
  let now = session;
  for (const watch of session.plan.profile.snmp.watch) {
    const rows = now.layout.rows.get(watch.table) ?? [];
    const gone = rows.some((row) => isAbsent(answers.get(`${watch.table}.${row.index}`)));
    const count = fromVarbind(answers.get(watch.oid));
    const key = `${watch.table}: ${String(count)} of ${rows.length}`;
    const changed = typeof count === 'number' && count !== rows.length && now.disagreeing !== key;
    if (!gone && !changed) continue;
    const varbinds = await walkColumn(link, watch.table);
    for (const varbind of varbinds) answers.set(varbind.oid, varbind);
    const found = rowsOf(watch.table, varbinds, null);
    const layout: Layout = { ...now.layout, rows: new Map([...now.layout.rows, [watch.table, found]]) };
    const disagreeing = count === found.length ? null : `${watch.table}: ${String(count)} of ${found.length}`;
    now = { ...now, layout, plan: compile(now.plan.profile, layout), disagreeing };
  }
  return now;
}
