import type { Language } from '#core/text.ts';
import { fromIso, instant, toIso } from '#core/time.ts';
import type { MarkSource } from '../history-marks.ts';
import type { Registers } from './register-book.ts';

/**
 * Entries that name a device, beside its curves: a repair explains a step in a temperature. What register it is is told to everybody
 * who sees the curve, what stands in it to those who signed in, and nothing of registers that are not for every one of them.
 */
export const entryMarks =
  (registers: Registers, language: Language): MarkSource =>
  ({ from, to, devices }) => {
    const shown = new Set(devices.map(({ id }) => id));
    const open = new Set(registers.declared().flatMap(({ id, who }) => (who.read === 'viewer' ? [id] : [])));
    const [begin, end] = [fromIso(from), fromIso(to)];
    if (begin === null || end === null) return [];
    return registers.between(begin, instant(end + 1)).flatMap((item) => {
      if (!open.has(item.register) || item.devices.length === 0) return [];
      if (shown.size > 0 && !item.devices.some((id) => shown.has(id))) return [];
      const at = item.createdAt >= toIso(begin) ? item.createdAt : item.changedAt;
      const mark = { id: item.path.slice(1), kind: 'record' as const, at, to: null, open: false, severity: null };
      return [{ ...mark, title: item.registerTitle, note: item.title[language], devices: item.devices }];
    });
  };
