import { splitSms } from '../sms-parts.ts';

/**
 * Gammu's own file of messages, gammu-smsbackup(5): INI, a section a part, texts as hexadecimal UTF-16. We write it and not
 * plain text, because it says itself how it is coded: plain text goes out as question marks where the service's
 * `TransmitFormat` is left at its default. `MessageReference` is left out on purpose: gammu-smsd 1.42 rewrites a file that
 * has it in place after each part, and leaves it with doubled lines; one that has none it only moves.
 */
export interface OutgoingSms {
  readonly number: string;
  readonly text: string;
  readonly report: boolean;
  readonly flash: boolean;
  /** 0 to 255: the same in all parts of one text, not the same in two texts on their way to one telephone. */
  readonly reference: number;
}

export function writeBackup({ number, text, report, flash, reference }: OutgoingSms): string {
  const { coding, parts } = splitSms(text);
  const sections = parts.map((part, index) => [
    `[SMSBackup${String(index).padStart(3, '0')}]`,
    // Of a message that goes out this asks for a report (smsd/services/files.c).
    `PDU = ${report ? 'Status_Report' : 'Submit'}`,
    'State = Sent',
    `Number = "${number}"`,
    `NumberUnicode = ${hex(number)}`,
    ...(parts.length > 1 ? [`UDH = 050003${byte(reference)}${byte(parts.length)}${byte(index + 1)}`] : []),
    ...(hex(part).match(/.{1,200}/g) ?? []).map((line, n) => `Text${String(n).padStart(2, '0')} = ${line}`),
    `Coding = ${coding === 'gsm' ? 'Default_No_Compression' : 'Unicode_No_Compression'}`,
    'Folder = 1',
    `Length = ${part.length}`,
    `Class = ${flash ? 0 : -1}`,
    '',
  ]);
  return `; Written by Zhishou\n\n${sections.flat().join('\n')}`;
}

export interface BackupPart {
  readonly kind: 'deliver' | 'report' | 'other';
  readonly number: string;
  readonly text: string;
}

/** The parts of a file in their order; what is no such file, or only half of one, has none. */
export function readBackup(file: string): readonly BackupPart[] {
  return file
    .split(/^\[SMSBackup[^\]\n]*\]\s*$/m)
    .slice(1)
    .map(readSection)
    .filter((part) => part !== null)
    .sort((a, b) => a.order - b.order);
}

function readSection(section: string): (BackupPart & { readonly order: number }) | null {
  const values = new Map(
    [...section.matchAll(/^(\w+) = ?(.*)$/gm)].map(([, name = '', value = '']) => [name, value.trim()] as const),
  );
  const texts = [...values.keys()].filter((name) => /^Text\d+$/.test(name)).sort();
  const text = fromHex(texts.map((name) => values.get(name) ?? '').join(''));
  const number = fromHex(values.get('NumberUnicode') ?? '') ?? values.get('Number')?.replaceAll('"', '') ?? '';
  // `Length` stands behind the text: without it the file is not whole yet.
  if (text === null || !values.has('Length')) return null;
  const pdu = values.get('PDU') ?? '';
  const kind = pdu === 'Deliver' ? 'deliver' : pdu === 'Status_Report' ? 'report' : 'other';
  return { kind, number, text, order: partOf(values.get('UDH') ?? '') };
}

/** Concatenation with a reference of 8 or 16 bits (3GPP TS 23.040, 9.2.3.24.1 and .8): the part's number, from 1. */
function partOf(udh: string): number {
  const found = /(?:0003..|0804....)..(..)/i.exec(udh.slice(2));
  return found === null ? 0 : Number.parseInt(found[1] ?? '0', 16);
}

const byte = (value: number): string => (value & 0xff).toString(16).toUpperCase().padStart(2, '0');

const hex = (text: string): string =>
  Array.from({ length: text.length }, (_, at) => text.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0')).join(
    '',
  );

function fromHex(digits: string): string | null {
  if (!/^([0-9A-F]{4})*$/i.test(digits)) return null;
  return (digits.match(/.{4}/g) ?? []).map((unit) => String.fromCharCode(Number.parseInt(unit, 16))).join('');
}
