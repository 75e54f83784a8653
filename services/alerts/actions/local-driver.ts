import { invariant } from '#core/errors.ts';
import type { ActionDriver, Clock } from '#core/ports.ts';
import { fillTemplate } from '#core/text.ts';
import { runCommand } from '#platform/run-command.ts';

/** Runs a program of this machine, without a shell: `systemctl poweroff`. */
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
  };
}
