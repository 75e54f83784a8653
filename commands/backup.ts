import { resolve } from 'node:path';
import { ZhishouError } from '#core/errors.ts';
import { makeBackup } from '#platform/backup/make-backup.ts';
import { restoreBackup, verifyBackup } from '#platform/backup/verify-backup.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { printLine, setExitCode } from '#platform/environment.ts';

export interface BackupOptions {
  readonly state: string;
  readonly verify?: boolean;
  readonly json?: boolean;
}

/** `zhishou backup DIR`: a copy of everything that is kept, while the service runs; with `--verify` checks one that is there. */
export async function backup(folder: string, options: BackupOptions): Promise<void> {
  if (options.verify !== true) {
    const made = await makeBackup(resolve(options.state), folder, createSystemClock().now());
    if (options.json !== true)
      await printLine(`${folder}: ${made.files.length} files, ${sizeOf(made.files)} MB, written`);
  }
  // What nobody has read again is not known to be a backup.
  const { manifest, damages } = await verifyBackup(folder);
  if (damages.length > 0) setExitCode(1);
  if (options.json === true) {
    await printLine(JSON.stringify({ ok: damages.length === 0, ...manifest, damages }));
    return;
  }
  for (const { path, reason } of damages) await printLine(`${folder}/${path}: ${reason}`);
  if (damages.length === 0)
    await printLine(
      `${folder}: whole, of ${manifest.madeAt}; it holds the keys and accounts of the site: keep it as safe`,
    );
}

const sizeOf = (files: readonly { readonly bytes: number }[]): string =>
  (files.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6).toFixed(1);

/** `zhishou restore DIR`: a new state directory of a backup; `zhishou start --state` goes on from it. */
export async function restore(folder: string, options: { readonly state: string }): Promise<void> {
  if (resolve(folder) === resolve(options.state))
    throw new ZhishouError('BAD_REQUEST', folder, 'the backup itself is no state directory: name a new one by --state');
  const manifest = await restoreBackup(folder, options.state);
  await printLine(`${options.state}: as of ${manifest.madeAt}; start with --state ${options.state}`);
}
