import type { Register, RegisterField } from '../config/register.ts';
import { sameText, type Text } from '../text.ts';
import type { EntryRecord } from './register-entry.ts';
import type { Known } from './register-values.ts';
import type { FieldValue } from './register-view.ts';

/** Values as people read them, in both languages. Moments are in the site's zone. */

export interface WordsOf {
  readonly known: Pick<Known, 'person' | 'device'>;
  readonly zone: string;
}

const ROOM_NAMES: Readonly<Record<string, Text>> = {
  core: { zh: '核心机房', en: 'core room' },
  auxiliary: { zh: '辅助机房', en: 'auxiliary room' },
};
const NONE = sameText('');

export function labelOf(field: RegisterField, value: FieldValue, words: WordsOf): Text {
  if (value === null) return NONE;
  if (Array.isArray(value)) {
    const all = (value as readonly string[]).map((one) => labelOfOne(field, one, words));
    return { zh: all.map(({ zh }) => zh).join('、'), en: all.map(({ en }) => en).join(', ') };
  }
  if (typeof value === 'boolean') return value ? { zh: '是', en: 'yes' } : { zh: '否', en: 'no' };
  if (typeof value === 'number') {
    const figure = field.kind === 'money' ? value.toFixed(2) : String(value);
    return sameText(field.unit === undefined ? figure : `${figure} ${field.unit}`);
  }
  return labelOfOne(field, String(value), words);
}

function labelOfOne({ kind, choices }: RegisterField, value: string, { known, zone }: WordsOf): Text {
  switch (kind) {
    case 'choice':
    case 'choices':
      return choices.find(({ id }) => id === value)?.label ?? sameText(value);
    case 'person':
    case 'people':
      return known.person(value) ?? sameText(value);
    case 'device':
    case 'devices':
      return known.device(value) ?? sameText(value);
    case 'room':
      return ROOM_NAMES[value] ?? sameText(value);
    case 'moment':
      return sameText(localMoment(value, zone));
    case 'signature':
      return { zh: '（已签名）', en: '(signed)' };
    default:
      return sameText(value);
  }
}

/** `2026-11-23 08:30` in the zone. */
export function localMoment(iso: string, zone: string): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return iso;
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDateTime();
  return local.toString({ smallestUnit: 'minute' }).replace('T', ' ');
}

const LONGEST_TITLE = 160;

/** One line by which people know the entry: the register's `summary` filled in, else the first fields of its list. */
export function titleOf(register: Register, entry: Pick<EntryRecord, 'id' | 'values'>, words: WordsOf): Text {
  const label = (field: RegisterField): Text => labelOf(field, entry.values[field.id] ?? null, words);
  const one = (language: 'zh' | 'en'): string => {
    if (register.summary !== undefined) {
      return register.summary.replaceAll(/\{([a-z0-9-]+)\}/g, (_, id: string) => {
        const field = register.fields.find((other) => other.id === id);
        return field === undefined ? '' : label(field)[language];
      });
    }
    const fields = register.fields.filter(({ list, kind }) => list && kind !== 'signature' && kind !== 'file-photos');
    return fields
      .map((field) => label(field)[language])
      .filter((text) => text !== '')
      .slice(0, 3)
      .join(' · ');
  };
  const short = (text: string): string => {
    const line = text.replaceAll(/\s+/g, ' ').trim();
    return line === ''
      ? entry.id
      : [...line].length > LONGEST_TITLE
        ? `${[...line].slice(0, LONGEST_TITLE).join('')}…`
        : line;
  };
  return { zh: short(one('zh')), en: short(one('en')) };
}

export const stateLabel = ({ states }: Pick<Register, 'states'>, state: string): Text =>
  states.find(({ id }) => id === state)?.label ?? sameText(state);

/**
 * Every word of the search stands somewhere in the entry, in either language; full-width letters and small ones are the same. What an entry says is
 * made once: entries never change in place.
 */
export function createSearch(register: Register, words: WordsOf): (search: string) => (entry: EntryRecord) => boolean {
  const texts = new WeakMap<EntryRecord, string>();
  const textOf = (entry: EntryRecord): string => {
    const known = texts.get(entry) ?? searchText(register, entry, words);
    texts.set(entry, known);
    return known;
  };
  return (search) => {
    const wanted = plain(search)
      .split(/\s+/)
      .filter((word) => word !== '');
    return (entry) => wanted.every((word) => textOf(entry).includes(word));
  };
}

function searchText(register: Register, entry: EntryRecord, words: WordsOf): string {
  const labels = register.fields.flatMap((field) => {
    const { zh, en } = labelOf(field, entry.values[field.id] ?? null, words);
    return field.kind === 'signature' ? [] : [zh, en];
  });
  const state = stateLabel(register, entry.state);
  return plain([entry.id, entry.createdBy, entry.createdByName, state.zh, state.en, ...labels].join('\n'));
}

const plain = (text: string): string => text.normalize('NFKC').toLowerCase();
