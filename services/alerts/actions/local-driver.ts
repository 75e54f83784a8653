import { invariant, messageOf } from '#core/errors.ts';
import type { ActionDriver, ActionOutcome, Clock } from '#core/ports.ts';
import { fillTemplate } from '#core/text.ts';
import { findProgram } from '#platform/find-program.ts';
import { runCommand } from '#platform/run-command.ts';
import { withinLimit } from './within-limit.ts';

/** Runs a program of this machine, without a shell: `systemctl poweroff`. Its test looks whether the program is there and may be run. */
export function createLocalDriver({ clock }: { readonly clock: Clock }): ActionDriver {
  return {
    async run(action, context) {
      invariant('local' in action, 'the local driver runs local actions');
      const fill = (text: string): string => fillTemplate(text, context.values);
      const { command, arguments: list } = action.local;
      const outcome = await runCommand(fill(command), list.map(fill), { clock, limit: context.limit });
      const code = /^exit code (\d+)$/.exec(outcome.detail)?.[1];
      return code === undefined ? outcome : { ...outcome, exitCode: Number(code) };
    },
    test(action, context) {
      invariant('local' in action, 'the local driver tests local actions');
      const command = fillTemplate(action.local.command, context.values);
      const looked = findProgram(command).then(
        (path): ActionOutcome =>
          path === null
            ? { result: 'failed', detail: `there is no program ${command} that may be run` }
            : { result: 'ok', detail: `${path} may be run; it was not` },
        (error: unknown): ActionOutcome => ({ result: 'failed', detail: messageOf(error) }),
      );
      return withinLimit(clock, context.limit, looked);
    },
  };
}
