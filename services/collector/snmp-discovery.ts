import type { Profile, SnmpPoint } from '#core/config/profile.ts';
import { captured, type OtherObject, type Where } from '#core/config/profile-snmp.ts';
import { ZhishouError } from '#core/errors.ts';
import type { SnmpLink, Varbind } from '#core/ports.ts';
import { fromVarbind } from './decode.ts';
import { asOther, instanceOf, type Layout, type Row, selectorKey, tableKey } from './snmp-layout.ts';
import { isAbsent } from './snmp-plan.ts';

/** Finds out what a device is and which rows its tables have. Walks happen here only (L37), each bounded. */

const SYS_DESCR = '1.3.6.1.2.1.1.1.0';
const SYS_OBJECT_ID = '1.3.6.1.2.1.1.2.0';
/** Rows of one column: a PDU of 48 outlets with 15 sensors each, and a cascaded one behind it. */
const MOST_ROWS = 2048;

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
      if ('topic' in how || 'modbus' in how || 'ydt' in how) return [];
      if (how.sys_object_id !== undefined && !isBelow(sysObjectId, how.sys_object_id)) return [];
      if (how.sys_descr !== undefined && !new RegExp(how.sys_descr).test(sysDescr ?? '')) return [];
      return [{ profile: profile.id, how }];
    }),
  );
  const probes = [...new Set(candidates.flatMap(({ how }) => (how.probe === undefined ? [] : [how.probe])))];
  const answers = probes.length === 0 ? new Map<string, Varbind>() : toMap(await link.get(probes));
  const fitting = candidates
    .filter(({ how }) => {
      if (how.probe === undefined) return how.sys_object_id !== undefined || how.sys_descr !== undefined;
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

/** A column's present rows, each column walked once; of a scalar's whole instance the one varbind. */
type Walk = (column: string) => Promise<readonly Varbind[]>;

/** Walks the columns that the profile names. */
export async function discover(link: SnmpLink, profile: Profile): Promise<Layout> {
  const walked = await scalarTexts(link, profile);
  const walk: Walk = async (column) => {
    const known = walked.get(column);
    if (known !== undefined) return known;
    const found = await walkColumn(link, column);
    walked.set(column, found);
    return found;
  };
  const rows = new Map<string, readonly Row[]>();
  const selected = new Map<string, string>();
  for (const spec of profile.snmp.points) {
    const key = tableKey(spec);
    if (spec.table && !rows.has(key)) rows.set(key, await tableRows(spec, walk));
    if (spec.row === undefined) continue;
    const { oid, is } = spec.row;
    const match = (await walk(oid)).find((varbind) => String(fromVarbind(varbind)) === is);
    if (match !== undefined) selected.set(selectorKey(spec.row), match.oid.slice(oid.length + 1));
  }
  for (const source of profile.snmp.sets.flatMap((set) => set.from)) {
    if ('oid' in source && source.table) rows.set(source.oid, rowsOf(source.oid, await walk(source.oid), null));
  }
  const labels = await findLabels(profile, rows, walk);
  return { rows, selected, dead: new Set(), labels };
}

/** The scalars that name things or say which rows there are, all in one GET; each as the only row of itself. */
async function scalarTexts(link: SnmpLink, profile: Profile): Promise<Map<string, readonly Varbind[]>> {
  const others = profile.snmp.points.flatMap(({ where, label }) => [
    ...where,
    ...(label === undefined ? [] : [asOther(label)]),
  ]);
  const oids = [...new Set(others.map(({ oid }) => oid).filter((oid) => oid.endsWith('.0')))];
  const answers = oids.length === 0 ? [] : await link.get(oids);
  return new Map(answers.map((varbind) => [varbind.oid, [varbind]]));
}

/** The rows of one entry: those of its column that its `match` and `where` ask for. */
async function tableRows(spec: SnmpPoint, walk: Walk): Promise<readonly Row[]> {
  const all = rowsOf(spec.oid, await walk(spec.oid), await namesOf(spec.index_name, walk), spec.match);
  let rows: readonly Row[] = all;
  for (const where of spec.where) rows = await thoseWhere(rows, where, walk);
  return rows;
}

async function thoseWhere(rows: readonly Row[], where: Where, walk: Walk): Promise<readonly Row[]> {
  if (rows.length === 0) return rows;
  const values = await textsOf(where, walk);
  const like = where.like === undefined ? null : new RegExp(where.like);
  const unlike = where.unlike === undefined ? null : new RegExp(where.unlike);
  const taken = new Set<string>();
  return rows.flatMap((row) => {
    const text = values.get(instanceOf(where, row) ?? '');
    if (where.is !== undefined && (text === undefined || !where.is.includes(text))) return [];
    if (where.not !== undefined && text !== undefined && where.not.includes(text)) return [];
    if (unlike !== null && text !== undefined && unlike.test(text)) return [];
    if (like === null) return [row];
    const found = text === undefined ? null : like.exec(text);
    if (found === null) return [];
    const name = asName(
      found
        .slice(1)
        .filter((group) => group !== undefined)
        .join('-'),
    );
    if (name === '' || taken.has(name)) return [row];
    taken.add(name);
    return [{ ...row, name }];
  });
}

/** The values of a column or a scalar as text, by instance. */
async function textsOf({ oid }: OtherObject, walk: Walk): Promise<ReadonlyMap<string, string>> {
  const varbinds = await walk(oid);
  return new Map(
    varbinds.flatMap((varbind) => {
      const raw = fromVarbind(varbind);
      return raw === null ? [] : [[varbind.oid, String(raw).trim()]];
    }),
  );
}

const LONGEST_LABEL = 80;

async function findLabels(
  profile: Profile,
  rows: ReadonlyMap<string, readonly Row[]>,
  walk: Walk,
): Promise<ReadonlyMap<string, string>> {
  const labels = new Map<string, string>();
  for (const spec of profile.snmp.points) {
    if (spec.label === undefined) continue;
    const own = spec.table ? (rows.get(tableKey(spec)) ?? []) : [null];
    if (own.length === 0) continue;
    const other = asOther(spec.label);
    const texts = await textsOf(other, walk);
    for (const row of own) {
      const text = texts.get(instanceOf(other, row) ?? '');
      if (text === undefined || text === '') continue;
      labels.set(row === null ? spec.oid : `${spec.oid}.${row.index}`, text.slice(0, LONGEST_LABEL));
    }
  }
  return labels;
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

/** Rows of a walked column; with `match` only those whose index is like it. */
export function rowsOf(
  column: string,
  varbinds: readonly Varbind[],
  names: ReadonlyMap<string, string> | null,
  match?: string | undefined,
): Row[] {
  return varbinds.flatMap((varbind) => {
    if (!varbind.oid.startsWith(`${column}.`) || isAbsent(varbind)) return [];
    const index = varbind.oid.slice(column.length + 1);
    const parts = match === undefined ? index.split('.') : captured(match, index);
    if (parts === null) return [];
    return [
      {
        index,
        name: names?.get(index) ?? (parts.length === 0 ? index : parts).toString().replaceAll(/[.,]/g, '-'),
        captured: parts,
      },
    ];
  });
}

/** A name within a point's name: no dots, nothing that a topic or an address would stumble over; empty when nothing is left. */
const asName = (text: string): string => {
  const name = text
    .trim()
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .slice(0, 40);
  return name === '-' ? '' : name;
};

async function namesOf(
  column: string | undefined,
  walk: (column: string) => Promise<readonly Varbind[]>,
): Promise<ReadonlyMap<string, string> | null> {
  if (column === undefined) return null;
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const varbind of await walk(column)) {
    const name = asName(String(fromVarbind(varbind) ?? ''));
    const index = varbind.oid.slice(column.length + 1);
    if (name === '' || taken.has(name)) continue;
    taken.add(name);
    names.set(index, name);
  }
  return names;
}
