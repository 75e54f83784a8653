import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf } from '#core/errors.ts';
import type { Log } from '#core/ports.ts';

/**
 * The lines that the server will never take, each below its reason as a comment: so the file is line protocol itself and can
 * be mended and sent again by hand. Bounded: at 8 MB it becomes `<file>.1`, of which there is one.
 */
export interface DeadLetters {
  /** Never throws: what cannot be kept here is still counted and told by the caller. */
  add(letters: readonly DeadLetter[]): void;
}

export interface DeadLetter {
  readonly line: string;
  readonly reason: string;
}

const MOST_BYTES = 8 * 1024 * 1024;

export function createDeadLetters(file: string, log: Log, mostBytes = MOST_BYTES): DeadLetters {
  return {
    add(letters) {
      if (letters.length === 0) return;
      try {
        mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
        // In parts, so that one flood cannot make the file many times as large.
        for (let from = 0; from < letters.length; from += 1000) {
          if (sizeOf(file) > mostBytes) renameSync(file, `${file}.1`);
          const text = letters.slice(from, from + 1000).map(({ line, reason }) => `# ${oneLine(reason)}\n${line}\n`);
          appendFileSync(file, text.join(''), { mode: 0o600 });
        }
      } catch (error) {
        log.error(
          { file, lines: letters.length, reason: messageOf(error) },
          'history: refused lines could not be kept',
        );
      }
    },
  };
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').slice(0, 500);

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
