import type { Profile } from '#core/config/profile.ts';
import { ZhishouError } from '#core/errors.ts';
import type { SnmpLink, Varbind } from '#core/ports.ts';
import { fromVarbind } from './decode.ts';
import { isAbsent, type Layout, type Row, selectorKey } from './snmp-plan.ts';

/** Finds out what a device is and which rows its tables have. Walks happen here only (L37), each bounded. */

const SYS_DESCR = '1.3.6.1.2.1.1.1.0';
const SYS_OBJECT_ID = '1.3.6.1.2.1.1.2.0';
/** Rows of one column: a large PDU has 48 outlets, a cluster four times that. */
const MOST_ROWS = 256;

export interface Identity {
  readonly profile: string | null;
  readonly sysObjectId: string | null;
  readonly sysDescr: string | null;
}

/** Which profile fits best; `profile` is null when none does. */
export async function recognise(link: SnmpLink, profiles: readonly Profile[]): Promise<Identity> {
  const system = toMap(await link.get([SYS_OBJECT_ID, SYS_DESCR]));
  const sysObjectId = textOrNull(system.get(SYS_OBJECT_ID));
  const sysDescr = textOrNull(system.get(SYS_DESCR));
  const candidates = profiles.flatMap((profile) =>
    profile.recognise.flatMap((how) => {
      if ('topic' in how) return [];
      if (how.sys_object_id !== undefined && !isBelow(sysObjectId, how.sys_object_id)) return [];
      return [{ profile: profile.id, how }];
    }),
  );
  const probes = [...new Set(candidates.flatMap(({ how }) => (how.probe === undefined ? [] : [how.probe])))];
  const answers = probes.length === 0 ? new Map<string, Varbind>() : toMap(await link.get(probes));
  const fitting = candidates
    .filter(({ how }) => {
      if (how.probe === undefined) return how.sys_object_id !== undefined;
      const varbind = answers.get(how.probe);
      return !isAbsent(varbind) && (how.probe_is === undefined || String(fromVarbind(varbind)) === how.probe_is);
    })
    .sort((a, b) => b.how.weight - a.how.weight || prefixLength(b.how) - prefixLength(a.how));
  return { profile: fitting[0]?.profile ?? null, sysObjectId, sysDescr };
}

const prefixLength = (how: { sys_object_id?: string | undefined }): number => how.sys_object_id?.length ?? 0;
const isBelow = (oid: string | null, prefix: string): boolean =>
  oid !== null && (oid === prefix || oid.startsWith(`${prefix}.`));
const textOrNull = (varbind: Varbind | undefined): string | null => {
  const value = fromVarbind(varbind);
  // Some agents give their identity with a leading dot.
  return value === null ? null : String(value).replace(/^\./, '');
};

export const toMap = (varbinds: readonly Varbind[]): Map<string, Varbind> =>
  new Map(varbinds.map((varbind) => [varbind.oid, varbind]));

/** Walks the columns that the profile names. */
export async function discover(link: SnmpLink, profile: Profile): Promise<Layout> {
  const walked = new Map<string, readonly Varbind[]>();
  const walk = async (column: string): Promise<readonly Varbind[]> => {
    const known = walked.get(column);
    if (known !== undefined) return known;
    const found = await walkColumn(link, column);
    walked.set(column, found);
    return found;
  };
  const rows = new Map<string, readonly Row[]>();
  const selected = new Map<string, string>();
  for (const spec of profile.snmp.points) {
    if (spec.table) rows.set(spec.oid, rowsOf(spec.oid, await walk(spec.oid), await namesOf(spec.index_name, walk)));
    if (spec.row === undefined) continue;
    const { oid, is } = spec.row;
    const match = (await walk(oid)).find((varbind) => String(fromVarbind(varbind)) === is);
    if (match !== undefined) selected.set(selectorKey(spec.row), match.oid.slice(oid.length + 1));
  }
  for (const source of profile.snmp.sets.flatMap((set) => set.from)) {
    if ('oid' in source && source.table) rows.set(source.oid, rowsOf(source.oid, await walk(source.oid), null));
  }
  return { rows, selected, dead: new Set() };
}

/** The present rows of one column. An agent that has no such table has no rows. */
export async function walkColumn(link: SnmpLink, column: string): Promise<readonly Varbind[]> {
  try {
    return await link.walk(column, MOST_ROWS);
  } catch (cause) {
    if (cause instanceof ZhishouError && (cause.code === 'REFUSED' || cause.code === 'BAD_ANSWER')) return [];
    throw cause;
  }
}

export function rowsOf(column: string, varbinds: readonly Varbind[], names: ReadonlyMap<string, string> | null): Row[] {
  return varbinds.flatMap((varbind) => {
    if (!varbind.oid.startsWith(`${column}.`) || isAbsent(varbind)) return [];
    const index = varbind.oid.slice(column.length + 1);
    return [{ index, name: names?.get(index) ?? index.replaceAll('.', '-') }];
  });
}

async function namesOf(
  column: string | undefined,
  walk: (column: string) => Promise<readonly Varbind[]>,
): Promise<ReadonlyMap<string, string> | null> {
  if (column === undefined) return null;
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const varbind of await walk(column)) {
    // A name within a point's name: no dots, nothing that a topic or an address would stumble over.
    const name = String(fromVarbind(varbind) ?? '')
      .trim()
      .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
      .slice(0, 40);
    const index = varbind.oid.slice(column.length + 1);
    if (name === '' || name === '-' || taken.has(name)) continue;
    taken.add(name);
    names.set(index, name);
  }
  return names;
}
