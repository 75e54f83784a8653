import type { Register, RegisterField } from '../config/register.ts';
import { ROOMS } from '../room-layout.ts';
import type { Text } from '../text.ts';
import { fromIso, toIso } from '../time.ts';
import { isDrawing } from './drawn-signature.ts';
import type { FieldValue, FieldValues } from './register-view.ts';

/** Are these values what the form asks for? The input is anybody's: nothing that the form does not have comes through, every refusal names its field. */

export interface ValueProblem {
  readonly field: string;
  readonly text: Text;
}

/** What values may point to. */
export interface Known {
  readonly person: (id: string) => Text | null;
  readonly device: (id: string) => Text | null;
  readonly entry: (register: string, id: string) => boolean;
}

/** A field that is asked for now. */
export interface Asked {
  readonly id: string;
  readonly required: boolean;
}

type Judged = { readonly value: FieldValue } | { readonly wrong: Text };

const LONGEST_TEXT = 200;
const LONGEST_LONG_TEXT = 4000;
const MOST_IN_A_LIST = 50;
const LARGEST = 1e15;
const EARLIEST = Date.UTC(1900, 0, 1);
const LATEST = Date.UTC(2200, 0, 1);

const words = (zh: string, en: string): { wrong: Text } => ({ wrong: { zh, en } });

/**
 * The values of the asked fields that were given, in one form each (texts trimmed, moments in UTC). What is required and was not given counts as
 * given where the entry has it `before`.
 */
export function readValues(
  register: Pick<Register, 'fields'>,
  given: Readonly<Record<string, unknown>>,
  asked: readonly Asked[],
  before: FieldValues,
  known: Known,
): { readonly values: FieldValues; readonly problems: readonly ValueProblem[] } {
  const problems: ValueProblem[] = [];
  const values: [string, FieldValue][] = [];
  const fields = new Map(register.fields.map((field) => [field.id, field]));
  for (const [id, raw] of Object.entries(given)) {
    const field = fields.get(id);
    const isAsked = asked.some((one) => one.id === id);
    const judged: Judged =
      field === undefined
        ? words('登记册没有这一项', 'the register has no such field')
        : isAsked
          ? judge(field, raw, known)
          : words('这一步不填这一项', 'this is not asked for in this step');
    if ('wrong' in judged) problems.push({ field: id.slice(0, 63), text: judged.wrong });
    else values.push([id, judged.value]);
  }
  const read = Object.fromEntries(values);
  for (const { id, required } of asked) {
    const value = Object.hasOwn(read, id) ? read[id] : before[id];
    if (required && isEmpty(value ?? null) && !problems.some(({ field }) => field === id))
      problems.push({ field: id, text: { zh: '必须填写', en: 'must be filled in' } });
  }
  return { values: read, problems };
}

/** `false` to a yes-no question is an answer. */
export const isEmpty = (value: FieldValue): boolean =>
  value === null || value === '' || (Array.isArray(value) && value.length === 0);

function judge(field: RegisterField, raw: unknown, known: Known): Judged {
  if (raw === null || raw === undefined || raw === '') return { value: null };
  switch (field.kind) {
    case 'text':
    case 'phone':
    case 'long-text':
      return judgeText(field, raw);
    case 'number':
    case 'money':
      return judgeNumber(field, raw);
    case 'date':
      return judgeDate(raw);
    case 'moment':
      return judgeMoment(raw);
    case 'yes-no':
      return typeof raw === 'boolean' ? { value: raw } : words('只能是“是”或“否”', 'must be yes or no');
    case 'signature':
      return typeof raw === 'string' && isDrawing(raw)
        ? { value: raw }
        : words('不是一个手写签名', 'is no drawn signature');
    default:
      return judgeChoice(field, raw, known);
  }
}

function judgeText({ kind, longest }: RegisterField, raw: unknown): Judged {
  if (typeof raw !== 'string') return words('应当是文字', 'must be a text');
  const most = longest ?? (kind === 'long-text' ? LONGEST_LONG_TEXT : LONGEST_TEXT);
  const text = raw.normalize('NFC').replaceAll('\r\n', '\n').trim();
  if (text.length > most) return words(`最多 ${most} 个字`, `at most ${most} characters`);
  const allowed = kind === 'long-text' ? /[^\P{Cc}\n\t]/u : /\p{Cc}/u;
  // Bidirectional marks can make a line read as another.
  if (!text.isWellFormed() || allowed.test(text) || /[\u202a-\u202e\u2066-\u2069]/.test(text))
    return words('有不能保存的字符', 'has characters that cannot be kept');
  if (kind === 'phone' && text !== '' && !/^[+\d][\d ()*#,;x-]{1,40}$/.test(text))
    return words('不是电话号码', 'is no telephone number');
  return { value: text === '' ? null : text };
}

function judgeNumber({ kind, min, max }: RegisterField, raw: unknown): Judged {
  if (typeof raw !== 'number' || !Number.isFinite(raw) || Math.abs(raw) > LARGEST)
    return words('应当是数字', 'must be a number');
  const lowest = min ?? (kind === 'money' ? 0 : undefined);
  if (lowest !== undefined && raw < lowest) return words(`不能小于 ${lowest}`, `must be at least ${lowest}`);
  if (max !== undefined && raw > max) return words(`不能大于 ${max}`, `must be at most ${max}`);
  if (kind === 'money' && Math.abs(Math.round(raw * 100) - raw * 100) > 1e-6)
    return words('最多两位小数', 'at most two decimals');
  // JSON has no minus zero.
  return { value: raw === 0 ? 0 : raw };
}

function judgeDate(raw: unknown): Judged {
  const isDate =
    typeof raw === 'string' &&
    /^\d{4}-\d\d-\d\d$/.test(raw) &&
    isWithin(Date.parse(`${raw}T00:00:00Z`)) &&
    // 31 February is read as 3 March.
    new Date(`${raw}T00:00:00Z`).toISOString().startsWith(raw);
  return isDate ? { value: raw } : words('应当是日期，如 2026-11-23', 'must be a date, e.g. 2026-11-23');
}

function judgeMoment(raw: unknown): Judged {
  const at = typeof raw === 'string' && raw.length <= 40 ? fromIso(raw) : null;
  return at !== null && isWithin(at)
    ? { value: toIso(at) }
    : words('应当是时刻', 'must be a moment, e.g. 2026-11-23T08:30:00+08:00');
}

const isWithin = (at: number): boolean => at >= EARLIEST && at < LATEST;

/** One or several out of what there is. */
function judgeChoice(field: RegisterField, raw: unknown, known: Known): Judged {
  const several =
    field.kind === 'choices' || field.kind === 'people' || field.kind === 'devices' || field.kind === 'file-photos';
  if (!several) return typeof raw === 'string' && exists(field, raw, known) ? { value: raw } : nothingLike(field);
  if (!Array.isArray(raw) || raw.length > MOST_IN_A_LIST) return nothingLike(field);
  const list = raw as readonly unknown[];
  const chosen = list.filter((one): one is string => typeof one === 'string' && exists(field, one, known));
  if (chosen.length !== list.length) return nothingLike(field);
  return { value: chosen.length === 0 ? null : [...new Set(chosen)] };
}

function exists(field: RegisterField, id: string, known: Known): boolean {
  switch (field.kind) {
    case 'choice':
    case 'choices':
      return field.choices.some((choice) => choice.id === id);
    case 'person':
    case 'people':
      return known.person(id) !== null;
    case 'device':
    case 'devices':
      return known.device(id) !== null;
    case 'room':
      return ROOMS.some((room) => room === id);
    case 'entry':
      return field.register !== undefined && /^\d{4}-\d{4,9}$/.test(id) && known.entry(field.register, id);
    // Photos are sent by themselves and stand with the entry.
    default:
      return false;
  }
}

function nothingLike({ kind }: RegisterField): Judged {
  switch (kind) {
    case 'person':
    case 'people':
      return words('没有这个人', 'there is no such person');
    case 'device':
    case 'devices':
      return words('没有这台设备', 'there is no such device');
    case 'room':
      return words('没有这个机房', 'there is no such room');
    case 'entry':
      return words('没有这条登记', 'there is no such entry');
    case 'file-photos':
      return words('照片另行添加', 'photos are added by themselves');
    default:
      return words('请从选项中选择', 'must be one of the choices');
  }
}
