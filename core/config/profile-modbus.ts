import { z } from 'zod';
import { hasOwnLength, REGISTER_TYPES, type RegisterType, WORD_ORDERS, type WordOrder, widthOf } from '../registers.ts';
import {
  decodeProblems,
  decodeShape,
  numberTokensShape,
  pointOf,
  profilePointSchema,
  setOf,
  tokensSchema,
} from './profile-decode.ts';
import { isPattern } from './profile-snmp.ts';

/**
 * The `modbus:` section of a profile: a register map.
 *
 * Addresses are those on the wire, from 0; a manual's own number (40001, 0x0000, "register 1") belongs into `source`. Registers
 * that no entry names are never read, except within `blocks`: many devices refuse a question that touches a hole.
 */
export const MODBUS_TABLES = ['coil', 'discrete', 'input', 'holding'] as const;
export type ModbusTable = (typeof MODBUS_TABLES)[number];

/** One address holds one bit. */
export const isBitTable = (table: ModbusTable): boolean => table === 'coil' || table === 'discrete';

/** Modbus Application Protocol V1.1b3 sections 6.1 and 6.3: one answer's limit. */
export const MOST_REGISTERS = 125;
export const MOST_BITS = 2000;

const addressSchema = z.number().int().min(0).max(65_535);

/** Where something stands and how it is written. */
const placeShape = {
  table: z.enum(MODBUS_TABLES),
  at: addressSchema,
  /** Registers only; coils and discrete inputs are 0 or 1. */
  type: z.enum(REGISTER_TYPES).default('u16'),
  /** How many registers: ascii, bcd (four digits each) and bits. */
  length: z.number().int().min(1).max(60).optional(),
  /** The section's without one. */
  order: z.enum(WORD_ORDERS).optional(),
};
const placeSchema = z.strictObject(placeShape);
export type ModbusPlace = z.infer<typeof placeSchema>;

/** How many addresses it takes. */
export const lengthOf = ({ table, type, length }: Pick<ModbusPlace, 'table' | 'type' | 'length'>): number =>
  isBitTable(table) ? 1 : (length ?? widthOf(type));

/** The value is there only while another register has one of these values as text (`is`), or none of these (`not`). */
const presenceSchema = z.strictObject({
  ...placeShape,
  /** Of that register only this bit, counted from 0: `is: ["1"]`. */
  bit: z.number().int().min(0).max(62).optional(),
  /** With `repeat`: so many addresses further for each row; without it all rows look at the same. */
  step: addressSchema.default(0),
  is: z.array(z.string()).optional(),
  not: z.array(z.string()).optional(),
});
export type ModbusPresence = z.infer<typeof presenceSchema>;

export const modbusPointSchema = z.strictObject({
  point: profilePointSchema,
  ...placeShape,
  /** What a device that lacks it says: the value is left out. All must hold. */
  where: z.array(presenceSchema).default([]),
  /** A table: the same again `step` addresses further, `count` times; `{index}` counts from `from`. */
  repeat: z
    .strictObject({
      count: z.number().int().min(1).max(500),
      step: addressSchema.min(1),
      from: z.number().int().min(0).default(1),
    })
    .optional(),
  /** Puts rows and entries that name the same point here together: `ups.load` is the greatest of the phases. */
  combine: z.strictObject({ point: profilePointSchema, by: z.enum(['min', 'max', 'sum', 'mean', 'any']) }).optional(),
  ...decodeShape,
  /** The document's own name and number: `table 2-1, N1000 phase A input voltage`. */
  source: z.string().min(1),
});
export type ModbusPoint = z.infer<typeof modbusPointSchema>;

const setSourceSchema = z.union([
  z.strictObject({
    ...placeShape,
    map: z.record(z.string(), tokensSchema).optional(),
    bits: z.record(z.string().regex(/^\d+$/), tokensSchema).optional(),
    required: z.boolean().default(false),
    source: z.string().min(1),
  }),
  z.strictObject({
    ...numberTokensShape,
    source: z.string().min(1),
  }),
]);

/** A set of words made of several registers, as SNMP's `sets` (profile.ts). */
const setSchema = setOf(setSourceSchema);
export type ModbusSet = z.infer<typeof setSchema>;

/** Registers that may be read in one question, those between the entries too. */
const blockSchema = z.strictObject({
  table: z.enum(MODBUS_TABLES),
  from: addressSchema,
  to: addressSchema,
  source: z.string().min(1),
});
export type ModbusBlock = z.infer<typeof blockSchema>;

export const modbusSectionSchema = z.strictObject({
  /** Of numbers that take several registers. */
  order: z.enum(WORD_ORDERS).default('ABCD'),
  /** The most registers that the device gives in one answer. */
  most: z.number().int().min(1).max(MOST_REGISTERS).default(MOST_REGISTERS),
  blocks: z.array(blockSchema).default([]),
  points: z.array(modbusPointSchema).default([]),
  sets: z.array(setSchema).default([]),
});
export type ModbusSection = z.infer<typeof modbusSectionSchema>;

/**
 * Read Device Identification, function 43/14 (Modbus Application Protocol V1.1b3 section 6.21): an object's text fits this regular
 * expression. Objects 0–2 are vendor, product code and revision; from 128 on they are the maker's own.
 */
export const modbusIdentitySchema = z.strictObject({
  object: z.number().int().min(0).max(255),
  /** Where the question begins; without it at the first standard object, or at this one of the maker's. */
  from: z.number().int().min(128).max(255).optional(),
  like: z.string().max(200).refine(isPattern, 'not a regular expression'),
});

/** The rows of a table one by one, and each entry with its own order: what is left has neither `repeat` nor a section's default. */
export function withOwnRows(section: ModbusSection): ModbusSection {
  const placed = <T extends ModbusPlace>(place: T): T => ({ ...place, order: place.order ?? section.order });
  return {
    ...section,
    points: section.points.flatMap(rowsOf).map((entry) => ({ ...placed(entry), where: entry.where.map(placed) })),
    sets: section.sets.map((set) => ({
      ...set,
      from: set.from.map((source) => ('table' in source ? placed(source) : source)),
    })),
  };
}

function rowsOf(entry: ModbusPoint): ModbusPoint[] {
  const { repeat, ...rest } = entry;
  if (repeat === undefined) return [entry];
  return Array.from({ length: repeat.count }, (_, row) => ({
    ...rest,
    point: entry.point.replaceAll('{index}', String(repeat.from + row)),
    at: entry.at + row * repeat.step,
    where: entry.where.map((presence) => ({ ...presence, at: presence.at + row * presence.step })),
  }));
}

export type Spot = Pick<ModbusPlace, 'table' | 'at' | 'type'> & {
  readonly length: number;
  readonly order: WordOrder;
  /** For people: which entry it is of. */
  readonly of: string;
};

/** Everything that a section reads, rows one by one. */
export function spotsOf(section: ModbusSection): Spot[] {
  const spot = (place: ModbusPlace, of: string): Spot => ({
    table: place.table,
    at: place.at,
    type: place.type,
    length: lengthOf(place),
    order: place.order ?? section.order,
    of,
  });
  const { points, sets } = withOwnRows(section);
  return [
    ...points.flatMap((entry) => [
      spot(entry, entry.point),
      ...entry.where.map((presence) => spot(presence, `where of ${entry.point}`)),
    ]),
    ...sets.flatMap((set) => set.from.flatMap((source) => ('table' in source ? [spot(source, set.point)] : []))),
  ];
}

/** What cannot be right about a register map. */
export function modbusProblems(section: ModbusSection): string[] {
  const entries = section.points.flatMap((entry) => [...decodeProblems(entry), ...entryProblems(entry)]);
  const places = [
    ...section.points.flatMap((entry) => [entry, ...entry.where].map((place) => ({ place, of: entry.point }))),
    ...section.sets.flatMap((set) =>
      set.from.flatMap((source) => ('table' in source ? [{ place: source, of: set.point }] : [])),
    ),
  ].flatMap(({ place, of }) => placeProblems(place, of, section.most));
  return [...new Set([...entries, ...places, ...blockProblems(section), ...overlapProblems(section)])];
}

function entryProblems({ point, repeat, combine, ...place }: ModbusPoint): string[] {
  const problems: string[] = [];
  if (point.includes('{index}') !== (repeat !== undefined))
    problems.push(`${point}: a point has {index} exactly when there is \`repeat\``);
  if (repeat !== undefined && repeat.step < lengthOf(place))
    problems.push(`${point}: rows ${repeat.step} apart overlap, each takes ${lengthOf(place)}`);
  if (repeat !== undefined && place.at + (repeat.count - 1) * repeat.step + lengthOf(place) > 65_536)
    problems.push(`${point}: its last row is beyond address 65535`);
  if (combine !== undefined && (combine.by === 'any') !== (pointOf(combine.point)?.kind === 'boolean'))
    problems.push(`${point}: truths are combined by \`any\`, numbers by the others`);
  return problems;
}

const MOST_LENGTH: Readonly<Partial<Record<RegisterType, number>>> = { bcd: 4, bits: 4 };

function placeProblems(place: ModbusPlace, of: string, most: number): string[] {
  const { table, at, type, length } = place;
  const where = `${of} at ${table} ${at}`;
  const problems: string[] = [];
  if (isBitTable(table) && (type !== 'u16' || length !== undefined))
    problems.push(`${where}: a ${table} is one bit; it has no type and no length`);
  if (!isBitTable(table) && length !== undefined && !hasOwnLength(type))
    problems.push(`${where}: ${type} takes ${widthOf(type)} registers; length is for ascii, bcd and bits`);
  if (type === 'ascii' && length === undefined) problems.push(`${where}: say how many registers the text takes`);
  if (length !== undefined && length > (MOST_LENGTH[type] ?? length))
    problems.push(`${where}: ${type} takes ${MOST_LENGTH[type]} registers at most`);
  if (at + lengthOf(place) > 65_536) problems.push(`${where}: it reaches beyond address 65535`);
  if (!isBitTable(table) && lengthOf(place) > most)
    problems.push(`${where}: it takes ${lengthOf(place)} registers, and the device gives ${most} at most`);
  return problems;
}

function blockProblems({ blocks }: ModbusSection): string[] {
  const problems: string[] = [];
  for (const [i, block] of blocks.entries()) {
    const name = `block ${block.table} ${block.from}–${block.to}`;
    if (block.from > block.to) problems.push(`${name} ends before it begins`);
    const other = blocks
      .slice(0, i)
      .find((one) => one.table === block.table && one.from <= block.to && one.to >= block.from);
    if (other !== undefined) problems.push(`${name} overlaps block ${other.table} ${other.from}–${other.to}`);
  }
  return problems;
}

/** Two entries may read the same registers in the same manner (a word and its bits); anything else is a slip of the pen. */
function overlapProblems(section: ModbusSection): string[] {
  const problems: string[] = [];
  const sorted = spotsOf(section).sort((a, b) => a.table.localeCompare(b.table) || a.at - b.at || a.length - b.length);
  let widest: Spot | null = null;
  for (const spot of sorted) {
    const before = widest;
    const overlaps = before !== null && before.table === spot.table && spot.at < before.at + before.length;
    if (before !== null && overlaps && !isSamePlace(before, spot)) problems.push(overlap(before, spot));
    if (before === null || !overlaps || spot.at + spot.length > before.at + before.length) widest = spot;
    const cut = section.blocks.find(
      ({ table, from, to }) =>
        table === spot.table &&
        spot.at <= to &&
        spot.at + spot.length > from &&
        (spot.at < from || spot.at + spot.length - 1 > to),
    );
    if (cut !== undefined)
      problems.push(`${spot.of} at ${spot.table} ${spot.at} stands half outside block ${cut.from}–${cut.to}`);
  }
  return problems;
}

const WHOLE: readonly RegisterType[] = ['u16', 'bits'];

const isSamePlace = (a: Spot, b: Spot): boolean =>
  a.at === b.at &&
  a.length === b.length &&
  (a.type === b.type || (WHOLE.includes(a.type) && WHOLE.includes(b.type))) &&
  a.order === b.order;

const overlap = (a: Spot, b: Spot): string =>
  `${a.of} (${a.table} ${a.at}, ${a.type}) and ${b.of} (${b.table} ${b.at}, ${b.type}) overlap`;
