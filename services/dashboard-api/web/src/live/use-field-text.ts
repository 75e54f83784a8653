import type { FieldValue, FieldView } from '#core/paperwork/register-view.ts';
import { useWords } from '../words.ts';

export interface Choice {
  readonly id: string;
  readonly label: string;
}

/** A register's value as people read it: names for ids, the site's wall clock, units. */
export function useFieldText() {
  const { t, te, tx, full, person, device } = useWords();

  /** `2026/11/21 14:05`: a register is read years later. */
  const when = (iso: string): string => (full(iso) === '—' ? iso : full(iso).slice(0, -3));
  const room = (id: string): string => (te(`devices.room.${id}`) ? t(`devices.room.${id}`) : id);

  function one(field: FieldView, value: string | number | boolean): string {
    const text = String(value);
    switch (field.kind) {
      case 'yes-no':
        return t(value === true ? 'registers.yes' : 'registers.no');
      case 'choice':
      case 'choices':
        return tx(field.choices.find(({ id }) => id === text)?.label) || text;
      case 'person':
      case 'people':
        return person(text) || text;
      case 'device':
      case 'devices':
        return device(text) || text;
      case 'room':
        return room(text);
      case 'moment':
        return when(text);
      case 'money':
        return `${Number(value).toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 }).replaceAll(',', ' ')}${field.unit === null ? '' : ` ${field.unit}`}`;
      case 'number':
        return field.unit === null ? text : `${text} ${field.unit}`;
      case 'signature':
        return t('registers.signed.drawn');
      default:
        return text;
    }
  }

  return {
    when,
    room,
    /** Empty: nothing was given. */
    text: (field: FieldView, value: FieldValue | undefined): string => {
      if (value === null || value === undefined || value === '') return '';
      if (typeof value === 'object') return value.map((part) => one(field, part)).join(t('list.comma'));
      return one(field, value);
    },
  };
}
