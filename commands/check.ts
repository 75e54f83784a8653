import { printLine, setExitCode } from '#platform/environment.ts';
import { configDirectory, describeProblem, findProblems } from './configuration.ts';

/** `zhishou check [DIR] [--json]`: all mistakes at once; exit 1 when there are any. */
export async function check(given: string | undefined, options: { json?: boolean }): Promise<void> {
  const directory = configDirectory(given);
  const problems = findProblems(directory);
  if (problems.length > 0) setExitCode(1);
  if (options.json === true) {
    await printLine(JSON.stringify({ ok: problems.length === 0, problems }));
    return;
  }
  for (const problem of problems) await printLine(describeProblem(problem));
  const count = problems.length === 1 ? '1 mistake' : `${problems.length} mistakes`;
  await printLine(problems.length === 0 ? `${directory}: nothing to mend` : `${directory}: ${count}`);
}
