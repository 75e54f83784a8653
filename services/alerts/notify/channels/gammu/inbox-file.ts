import { type BackupPart, readBackup } from './backup-file.ts';

/** What came in: something a person wrote, or the network's word on a message of ours. */
export interface Incoming {
  readonly kind: 'answer' | 'report';
  readonly from: string;
  readonly text: string;
  /** The files it stands in: all are taken together. */
  readonly files: readonly string[];
}

/** `IN20021130_021531_00_+4540900093_00.txt` (gammu-smsd-files(7)). */
export const INBOX_NAME = /^IN\d{8}_\d{6}_\d{2,3}_[^/]{0,40}_\d{2}\.(txt|bin|smsbackup)$/;

const NAME = /^(IN\d{8}_\d{6}_\d{2,3}_([^/]{0,40}))_(\d{2})\.(txt|bin|smsbackup)$/;
/** What Gammu writes for a report where the inbox's format keeps nothing else of it. */
const REPORT = /^(Delivered|Failed|Pending|Unknown)$/;

/**
 * Reads the files of the inbox in whichever format it has: `detail` (one file with all parts), `unicode` or `standard` (a
 * file a part, joined here). What is neither, a picture or half a file, says nothing but is taken too.
 */
export function readIncoming(files: ReadonlyMap<string, Uint8Array>): readonly Incoming[] {
  const texts = new Map<string, { from: string; text: string; files: string[] }>();
  const found: Incoming[] = [];
  for (const [name, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [, stem = '', from = '', , extension] = NAME.exec(name) ?? [];
    const text = extension === 'bin' ? '' : decode(bytes);
    if (/^\[SMSBackup/m.test(text)) {
      found.push(...fromDetail(readBackup(text), name));
      continue;
    }
    const known = texts.get(stem) ?? { from, text: '', files: [] };
    texts.set(stem, { from, text: known.text + text, files: [...known.files, name] });
  }
  for (const { from, text, files: names } of texts.values()) {
    found.push({ kind: REPORT.test(text.trim()) ? 'report' : 'answer', from, text: text.trim(), files: names });
  }
  return found;
}

function fromDetail(parts: readonly BackupPart[], file: string): readonly Incoming[] {
  const [first] = parts;
  if (first === undefined || first.kind === 'other') return [];
  const text = parts
    .map((part) => part.text)
    .join('')
    .trim();
  return [{ kind: first.kind === 'report' ? 'report' : 'answer', from: first.number, text, files: [file] }];
}

function decode(bytes: Uint8Array): string {
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  return new TextDecoder().decode(bytes);
}
