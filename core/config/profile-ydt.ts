import { z } from 'zod';
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
 * The `ydt:` section of a profile: which commands of YD/T 1363.3 (电总协议) a device is asked, and what stands in the INFO of its answers.
 *
 * `fields` are in the order of transmission, as the standard's tables list them: so many bytes one after the other, counted parts among
 * them ("M cells, then M voltages"). An answer that is shorter or longer than its fields is refused: it is another layout, and a value
 * read at the wrong place would be a lie. Bytes that are all 20H mean that the device has no such value: it is left out.
 */
const hexByteSchema = z.string().regex(/^[0-9A-F]{2}$/, 'two hexadecimal digits in quotes, e.g. "2A"');

export const YDT_TYPES = [
  'u8',
  'i8',
  'u16',
  'i16',
  'u24',
  'u32',
  /** IEEE 754, four bytes, the least significant first: the standard's floating point. */
  'f32',
  /** The same with the sign first: makers differ. */
  'f32be',
  'text',
  /** Two bytes of a version: 02 01 is `2.1`. */
  'version',
  'skip',
] as const;
export type YdtType = (typeof YDT_TYPES)[number];

const WIDTHS: Readonly<Record<YdtType, number | null>> = {
  u8: 1,
  i8: 1,
  u16: 2,
  i16: 2,
  u24: 3,
  u32: 4,
  f32: 4,
  f32be: 4,
  version: 2,
  text: null,
  skip: null,
};

/** How many bytes one of it takes. */
export const widthOf = ({ type, bytes }: Pick<YdtField, 'type' | 'bytes'>): number => WIDTHS[type] ?? bytes ?? 1;

export const ydtPointSchema = z.strictObject({
  point: profilePointSchema,
  /** Of a field that comes in numbers: puts them together, `ups.load` is the greatest of the phases. */
  combine: z.strictObject({ point: profilePointSchema, by: z.enum(['min', 'max', 'sum', 'mean', 'any']) }).optional(),
  ...decodeShape,
});
export type YdtPoint = z.infer<typeof ydtPointSchema>;

const nameSchema = z.string().regex(/^[a-z][a-z0-9-]{0,40}$/);
const tokenSchema = z.string().regex(/^~?[A-Za-z0-9][A-Za-z0-9-]{0,31}$/);
const MOST_TIMES = 500;

export const ydtFieldSchema = z.strictObject({
  /** By which counted parts and sets speak of it. */
  id: nameSchema.optional(),
  type: z.enum(YDT_TYPES),
  /** text and skip: how many. */
  bytes: z.number().int().min(1).max(255).optional(),
  /** Comes so many times: a number, or what a field before it said (`less`: so many fewer). `{index}` counts from 1. */
  times: z
    .union([
      z.number().int().min(1).max(MOST_TIMES),
      z.strictObject({ of: nameSchema, less: z.number().int().min(0).max(10).default(0) }),
    ])
    .optional(),
  /** Anything else means that the answer is of another layout. */
  is: z.array(z.number().int()).optional(),
  points: z.array(ydtPointSchema).default([]),
  /**
   * A byte of alarm by the standard: 00H normal, 01H below its limit, 02H above it, anything else (F0H) something else. The word goes
   * to `device.alarms`.
   */
  alarm: tokenSchema.optional(),
  /** The alarm is of something measured: its word has `-low`, `-high` or `-bad` behind it. */
  limits: z.boolean().default(false),
  /** Further values of `alarm` that are none: `E0H` of some makers. */
  quiet: z.array(z.number().int().min(0).max(255)).default([]),
  /** The table's own name for it. */
  source: z.string().min(1),
});
export type YdtField = z.infer<typeof ydtFieldSchema>;

export const ydtCommandSchema = z.strictObject({
  /** The section's without one. */
  cid1: hexByteSchema.optional(),
  cid2: hexByteSchema,
  /** What the question says, in hexadecimal digits; `{address}` is the device's own: a battery's pack. */
  info: z
    .string()
    .regex(/^([0-9A-F]{2}|\{address\}){0,100}$/, 'bytes in hexadecimal digits, {address} among them')
    .default(''),
  /** What never changes (maker, version): asked at the beginning and once an hour. */
  seldom: z.boolean().default(false),
  /** The answer may go on after the fields: what follows is the maker's own. */
  more: z.boolean().default(false),
  fields: z.array(ydtFieldSchema).min(1).max(200),
  source: z.string().min(1),
});
export type YdtCommand = z.infer<typeof ydtCommandSchema>;

const setSourceSchema = z.union([
  z.strictObject({
    field: nameSchema,
    /** Raw value in decimal digits → tokens; `"*"` for any other. */
    map: z.record(z.string(), tokensSchema),
    /** Without a value of this field the whole point is missing. */
    required: z.boolean().default(false),
  }),
  z.strictObject({
    ...numberTokensShape,
  }),
]);

/** A set of words made of several fields, as SNMP's `sets` (profile.ts). */
export const ydtSetSchema = setOf(setSourceSchema);
export type YdtSet = z.infer<typeof ydtSetSchema>;

/** One value of a field: `no` counts from 1 where it comes in numbers. `not`: what is none. */
const valueSchema = z.strictObject({
  field: nameSchema,
  no: z.number().int().min(1).max(MOST_TIMES).default(1),
  not: z.array(z.number().int()).default([]),
});

/** A share that the device does not tell itself: what is left in a battery of what it holds. */
export const ydtShareSchema = z.strictObject({
  point: profilePointSchema,
  of: valueSchema,
  to: valueSchema,
  /** 100 for per cent. */
  scale: z.number().default(100),
  source: z.string().min(1),
});
export type YdtShare = z.infer<typeof ydtShareSchema>;

export const ydtSectionSchema = z.strictObject({
  /** The kind of device: 2A UPS, 60 air conditioner, 46 battery. */
  cid1: hexByteSchema.optional(),
  commands: z.array(ydtCommandSchema).max(30).default([]),
  shares: z.array(ydtShareSchema).default([]),
  sets: z.array(ydtSetSchema).default([]),
});
export type YdtSection = z.infer<typeof ydtSectionSchema>;

/** It answers to this CID1, and the text of its maker's information (CID2 51H) fits this regular expression. */
export const ydtIdentitySchema = z.strictObject({
  cid1: hexByteSchema,
  maker: z.string().max(200).refine(isPattern, 'not a regular expression').optional(),
});

/** Own commands and sets come first; the same command is not asked twice. */
export function extendYdt(base: YdtSection, child: YdtSection): YdtSection {
  const own = new Set(child.commands.map((command) => keyOf(child, command)));
  const sets = new Set(child.sets.map((set) => set.point));
  const cid1 = child.cid1 ?? base.cid1;
  return {
    ...(cid1 === undefined ? {} : { cid1 }),
    commands: [
      ...child.commands,
      ...base.commands
        .filter((command) => !own.has(keyOf(base, command)))
        .map((command) => ({ ...command, cid1: command.cid1 ?? base.cid1 })),
    ],
    shares: [...child.shares, ...base.shares],
    sets: [...child.sets, ...base.sets.filter((set) => !sets.has(set.point))],
  };
}

const keyOf = (section: YdtSection, { cid1, cid2, info }: YdtCommand): string =>
  `${cid1 ?? section.cid1 ?? ''} ${cid2} ${info}`;

/** What cannot be right about a section. */
export function ydtProblems(section: YdtSection): string[] {
  const problems: string[] = [];
  const known = new Set<string>();
  for (const command of section.commands) {
    const name = `command ${command.cid1 ?? section.cid1 ?? '??'} ${command.cid2}`;
    if (command.cid1 === undefined && section.cid1 === undefined) problems.push(`${name}: no cid1`);
    const counts = new Set<string>();
    for (const field of command.fields) {
      problems.push(...fieldProblems(field, counts).map((problem) => `${name}, ${field.source}: ${problem}`));
      if (field.id === undefined) continue;
      if (known.has(field.id)) problems.push(`${name}: the id ${field.id} is given twice`);
      known.add(field.id);
      if (field.times === undefined && (field.type === 'u8' || field.type === 'u16')) counts.add(field.id);
    }
  }
  for (const { point, from } of section.sets) {
    for (const source of from) {
      if ('field' in source && !known.has(source.field)) problems.push(`${point}: there is no field ${source.field}`);
    }
  }
  for (const { point, of, to } of section.shares) {
    for (const { field } of [of, to]) if (!known.has(field)) problems.push(`${point}: there is no field ${field}`);
    if (pointOf(point)?.kind !== 'number') problems.push(`${point}: a share is a number`);
  }
  return problems;
}

function fieldProblems(field: YdtField, counts: ReadonlySet<string>): string[] {
  const { type, bytes, times, points, alarm } = field;
  const problems: string[] = [];
  if ((type === 'text' || type === 'skip') !== (bytes !== undefined))
    problems.push('`bytes` is for text and skip, which need it');
  if (typeof times === 'object' && !counts.has(times.of))
    problems.push(`there is no count ${times.of} before it in this command`);
  if (alarm !== undefined && type !== 'u8') problems.push('an alarm is one byte');
  if (type === 'skip' && points.length > 0) problems.push('what is skipped has no points');
  for (const entry of points) {
    problems.push(...decodeProblems(entry));
    if (entry.point.includes('{index}') !== (times !== undefined))
      problems.push(`${entry.point}: a point has {index} exactly when its field has \`times\``);
    if (entry.combine === undefined) continue;
    if (times === undefined) problems.push(`${entry.point}: \`combine\` is for what comes in numbers`);
    if ((entry.combine.by === 'any') !== (pointOf(entry.combine.point)?.kind === 'boolean'))
      problems.push(`${entry.point}: truths are combined by \`any\`, numbers by the others`);
  }
  return problems;
}
