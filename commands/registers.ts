import { join, resolve } from 'node:path';
import { ZhishouError } from '#core/errors.ts';
import { isThere, printLine, setExitCode } from '#platform/environment.ts';
import { openRegisterStore } from '#platform/register-store.ts';

/** `zhishou registers verify`: the chain of each register from its first change to its last, and each photo. */
export async function registers(what: string, options: { state: string; json?: boolean }): Promise<void> {
  if (what !== 'verify') throw new ZhishouError('BAD_REQUEST', what, 'only verify is known');
  const file = join(resolve(options.state), 'registers.sqlite');
  if (!isThere(file)) throw new ZhishouError('NOT_FOUND', file, 'there are no registers yet');
  const store = openRegisterStore(file);
  const broken = store.verify();
  store.close();
  if (broken !== null) setExitCode(1);
  if (options.json === true) {
    await printLine(JSON.stringify({ ok: broken === null, broken }));
    return;
  }
  const where =
    broken === null
      ? ''
      : `${broken.register}, change ${broken.seq}${broken.entry === '' ? '' : ` (entry ${broken.entry})`}`;
  await printLine(broken === null ? `${file}: whole` : `${file}: ${where}: ${broken.reason}`);
}
