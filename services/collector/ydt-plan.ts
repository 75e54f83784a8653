import type { Profile, SetPoint } from '#core/config/profile.ts';
import type { YdtCommand, YdtField, YdtPoint, YdtSection, YdtSet, YdtShare } from '#core/config/profile-ydt.ts';
import { roundOff } from '#core/units.ts';
import { type Decoder, decoderOf, type Raw } from './decode.ts';
import { composeSet } from './set-point.ts';
import { combined, goodNumber, type PointValue } from './snmp-plan.ts';
import { type FieldValues, readFields } from './ydt-fields.ts';

/** From a profile's `ydt` section and the answers of a device to the values of its points. Pure. */
export interface YdtAsk {
  readonly command: YdtCommand;
  readonly cid1: number;
  readonly cid2: number;
  readonly info: Uint8Array;
  /** `2A 42`, with what the question says behind it: no two have the same. */
  readonly name: string;
  /** `2A 42`, for people. */
  readonly place: string;
}

export interface YdtPlan {
  readonly asks: readonly YdtAsk[];
  /** What the answers mean: INFO, or why there is none, by the ask's name. `misfits` are those whose INFO was of another layout. */
  read(
    infos: ReadonlyMap<string, Uint8Array>,
    problems: ReadonlyMap<string, string>,
  ): { readonly values: readonly PointValue[]; readonly misfits: ReadonlyMap<string, string> };
}

export function compileYdt({ ydt }: Pick<Profile, 'ydt'>, address: number): YdtPlan {
  const asks = ydt.commands.map((command) => askOf(ydt, command, address));
  const decoders = new Map<YdtPoint, PointDecoder>(
    ydt.commands.flatMap(({ fields }) =>
      fields.flatMap(({ points }) => points.map((entry) => [entry, decoderFor(entry)])),
    ),
  );
  const shares = ydt.shares.map(
    (share) => [share, decoderOf({ point: share.point, sentinels: {}, inverted: false })] as const,
  );
  const sets = withAlarms(ydt);
  return {
    asks,
    read: (infos, problems) => {
      const fields: Fields = new Map();
      const alarms: Alarms = new Map();
      const misfits = new Map<string, string>();
      const values = new Values();
      for (const { command, name, place } of asks) {
        const info = infos.get(name);
        const problem = problems.get(name);
        if (problem !== undefined) values.takeAll(missing(command, `${name}: ${problem}`));
        if (info === undefined) continue;
        const read = readFields(command, info);
        if ('problem' in read) {
          misfits.set(name, read.problem);
          values.takeAll(missing(command, `${name}: ${read.problem}`));
          continue;
        }
        for (const one of read) {
          const told = { raws: one.raws, oid: `${place} byte ${one.at}` };
          if (one.field.id !== undefined) fields.set(one.field.id, told);
          if (one.field.alarm !== undefined) alarms.set(one.field, told);
          for (const entry of one.field.points) values.takeAll(valuesOf(one, entry, decoders.get(entry), place));
        }
      }
      for (const [share, decode] of shares) values.takeAll(shareOf(share, decode, fields));
      for (const set of sets) values.take(setValue(set, fields, alarms, values));
      return { values: values.all(), misfits };
    },
  };
}

/** The points of a command that told nothing, with the reason. */
const missing = ({ fields }: YdtCommand, reason: string): PointValue[] =>
  fields.flatMap(({ points, times }) =>
    times === undefined
      ? points.map(({ point }) => ({
          point,
          decoded: { value: null, quality: 'missing', reason },
          oid: null,
          raw: null,
        }))
      : [],
  );

function askOf(section: YdtSection, command: YdtCommand, address: number): YdtAsk {
  const cid1 = command.cid1 ?? section.cid1 ?? '00';
  const text = command.info.replaceAll('{address}', address.toString(16).padStart(2, '0'));
  const info = Uint8Array.from(Buffer.from(text, 'hex'));
  const name = [cid1, command.cid2, command.info].filter((part) => part !== '').join(' ');
  const place = `${cid1} ${command.cid2}`;
  return { command, cid1: Number.parseInt(cid1, 16), cid2: Number.parseInt(command.cid2, 16), info, name, place };
}

interface Told {
  readonly raws: readonly Raw[];
  /** Where it was read. */
  readonly oid: string;
}
/** By the field's id. */
type Fields = Map<string, Told>;
type Alarms = Map<YdtField, Told>;

class Values {
  readonly #byPoint = new Map<string, PointValue>();

  /** The first source wins; a later one only when it is good and the first is not. */
  take(value: PointValue): void {
    const known = this.#byPoint.get(value.point);
    if (known === undefined || (known.decoded.quality !== 'good' && value.decoded.quality === 'good'))
      this.#byPoint.set(value.point, value);
  }

  takeAll(values: readonly PointValue[]): void {
    for (const value of values) this.take(value);
  }

  number(point: string): number | null {
    return goodNumber(this.#byPoint.get(point));
  }

  all(): PointValue[] {
    return [...this.#byPoint.values()];
  }
}

interface PointDecoder {
  readonly decode: Decoder;
  /** Gives the combined number its own range. */
  readonly combined: Decoder | null;
}

const decoderFor = (entry: YdtPoint): PointDecoder => ({
  decode: decoderOf(entry),
  combined:
    entry.combine === undefined ? null : decoderOf({ point: entry.combine.point, sentinels: {}, inverted: false }),
});

function valuesOf(
  { field, at, raws }: FieldValues,
  entry: YdtPoint,
  decoder: PointDecoder | undefined,
  place: string,
): readonly PointValue[] {
  if (decoder === undefined) return [];
  const rows = raws.flatMap((raw, i): PointValue[] => {
    if (raw === null || raw === '') return [];
    const point = entry.point.replaceAll('{index}', String(i + 1));
    const oid = `${place} byte ${at}${field.times === undefined ? '' : ` no. ${i + 1}`}`;
    return [{ point, decoded: decoder.decode(raw), oid, raw }];
  });
  if (entry.combine === undefined || decoder.combined === null || rows.length === 0) return rows;
  const whole = combined({ ...entry.combine, entries: [], decode: decoder.combined }, rows);
  const all = { ...whole, oid: whole.oid ?? `${place} byte ${at}` };
  // Of one row alone only the whole is told.
  return rows.length === 1 ? [all] : [...rows, all];
}

/** What of which: left out when one of them is not told, or the whole is nothing. */
function shareOf({ point, of, to, scale }: YdtShare, decode: Decoder, fields: Fields): readonly PointValue[] {
  const [part, whole] = [of, to].map(({ field, no, not }) => {
    const raw = fields.get(field)?.raws[no - 1];
    return typeof raw === 'number' && !not.includes(raw) ? raw : null;
  });
  if (typeof part !== 'number' || typeof whole !== 'number' || whole === 0) return [];
  const raw = roundOff((part / whole) * scale);
  return [{ point, decoded: decode(raw), oid: fields.get(of.field)?.oid ?? null, raw }];
}

/** Where the alarm bytes of all commands stand among a set's sources. */
const ALARMS = 'device.alarms';

type WholeSet = YdtSet & { readonly alarms: readonly YdtField[] };

function withAlarms({ commands, sets }: YdtSection): readonly WholeSet[] {
  const alarms = commands.flatMap(({ fields }) => fields.filter(({ alarm }) => alarm !== undefined));
  const own = sets.map((set): WholeSet => ({ ...set, alarms: set.point === ALARMS ? alarms : [] }));
  if (alarms.length === 0 || own.some(({ point }) => point === ALARMS)) return own;
  return [...own, { point: ALARMS, from: [], rules: [], alarms }];
}

/** Says that alarms were told at all, so that none of them is `none`. */
const TOLD = '#told';
const alarmKey = (index: number): string => `#alarm ${index}`;

function setValue(set: WholeSet, fields: Fields, alarms: Alarms, values: Values): PointValue {
  const told = set.alarms.some((field) => alarms.get(field)?.raws.some((raw) => raw !== null));
  const sources: SetPoint['from'] = set.from.map((source) =>
    'point' in source
      ? { ...source, source: source.point }
      : { oid: source.field, table: false, map: source.map, required: source.required, source: source.field },
  );
  if (told) sources.push({ oid: TOLD, table: false, required: false, source: TOLD });
  for (const [index, field] of set.alarms.entries())
    sources.push({ oid: alarmKey(index), table: true, map: alarmTokens(field), required: false, source: field.source });
  const column = (key: string): readonly Raw[] => {
    const index = set.alarms.findIndex((_, place) => alarmKey(place) === key);
    const field = set.alarms[index];
    return field === undefined ? [] : (alarms.get(field)?.raws ?? []).filter((raw) => raw !== null);
  };
  const scalar = (key: string): Raw => (key === TOLD ? 0 : (fields.get(key)?.raws[0] ?? null));
  const decoded = composeSet(
    { point: set.point, from: sources, rules: set.rules },
    { scalar, column, number: (point) => values.number(point) },
  );
  const [first] = [
    ...set.from.flatMap((source) => ('field' in source ? [fields.get(source.field)] : [])),
    ...set.alarms.map((field) => alarms.get(field)),
  ].filter((one) => one !== undefined);
  return { point: set.point, decoded, oid: first?.oid ?? null, raw: first?.raws[0] ?? null };
}

/** 00H normal, 01H below, 02H above its limit; any other value is an alarm too, whatever its maker means by it. */
function alarmTokens({ alarm = '', limits, quiet }: YdtField): Record<string, string[]> {
  const named = limits ? { '1': [`${alarm}-low`], '2': [`${alarm}-high`], '*': [`${alarm}-bad`] } : { '*': [alarm] };
  return { '0': [], ...named, ...Object.fromEntries(quiet.map((value) => [String(value), []])) };
}
