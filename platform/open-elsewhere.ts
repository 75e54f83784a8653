import { readdirSync, readlinkSync, realpathSync } from 'node:fs';

/** The process, other than this one, that has the file open; null when there is none that we may see. Linux: by /proc. */
export function openElsewhere(file: string): number | null {
  let wanted: string;
  try {
    wanted = realpathSync(file);
  } catch {
    return null;
  }
  return processes().find((pid) => pid !== process.pid && openFiles(pid).includes(wanted)) ?? null;
}

function processes(): readonly number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function openFiles(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((handle) => linkOf(`/proc/${pid}/fd/${handle}`));
  } catch {
    // Gone meanwhile, or another user's.
    return [];
  }
}

function linkOf(path: string): string[] {
  try {
    return [readlinkSync(path)];
  } catch {
    return [];
  }
}
