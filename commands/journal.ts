import { join, resolve } from 'node:path';
import { ZhishouError } from '#core/errors.ts';
import { isThere, printLine, setExitCode } from '#platform/environment.ts';
import { openJournal } from '#platform/journal.ts';

/** `zhishou journal verify`: the chain of hashes from the first record to the last. */
export async function journal(what: string, options: { state: string; json?: boolean }): Promise<void> {
  if (what !== 'verify') throw new ZhishouError('BAD_REQUEST', what, 'only verify is known');
  const file = join(resolve(options.state), 'journal.sqlite');
  if (!isThere(file)) throw new ZhishouError('NOT_FOUND', file, 'there is no journal yet');
  const opened = openJournal(file);
  const broken = opened.verify();
  opened.close();
  if (broken !== null) setExitCode(1);
  if (options.json === true) await printLine(JSON.stringify({ ok: broken === null, broken }));
  else await printLine(broken === null ? `${file}: whole` : `${file}: record ${broken.seq}: ${broken.reason}`);
}
