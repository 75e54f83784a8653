import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { ConfigProblem } from '#core/config/config.ts';
import type { Rule } from '#core/config/rule.ts';
import { messageOf } from '#core/errors.ts';
import type { Cancel, Clock } from '#core/ports.ts';
import { type Duration, milliseconds, seconds } from '#core/time.ts';
import { answerOnThread, workOnThreads } from '../worker-pool.ts';
import type { Variables } from './resolve-values.ts';

/** The rules' files of a configuration while the service runs. */
export interface RuleFiles {
  /** Reads and checks them beside the other files as they are now. Rules only when nothing of the rules is wrong; never throws. */
  read(): Promise<ReadRules>;
  /** Calls when they are others than when this was opened, or have changed since, and been left alone for a moment; and at SIGHUP. */
  watch(changed: () => void): Cancel;
}

export interface ReadRules {
  readonly rules: readonly Rule[] | null;
  /** Of the rules' files, and of plans that miss a rule. */
  readonly problems: readonly ConfigProblem[];
}

/** An editor writes a file in several steps. */
const LEFT_ALONE: Duration = milliseconds(400);
/** Network file systems, and folders that are swapped as a whole, tell nobody of a change. */
const LOOK_EVERY: Duration = seconds(15);

/** Real time. */
export function openRuleFiles(directory: string, variables: Variables, wall: Clock): RuleFiles {
  const folder = join(directory, 'rules');
  const opened = signatureOf(folder);
  return {
    async read() {
      let answer: ReadRules | null = null;
      try {
        const piece: Piece = { directory, variables };
        // Reading checks all that rules name, the devices' profiles among it: CPU that no alarm may wait for.
        await workOnThreads<Piece, ReadRules>(new URL(import.meta.url), [piece], 1, (one) => {
          answer = one;
        });
      } catch (error) {
        return { rules: null, problems: [failure(messageOf(error))] };
      }
      return answer ?? { rules: null, problems: [failure('nothing came back')] };
    },
    watch(changed) {
      const stops = [watchFolder(folder, wall, opened, changed), onHangUp(changed)];
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}

interface Piece {
  readonly directory: string;
  readonly variables: Variables;
}

const failure = (message: string): ConfigProblem => ({
  ...{ file: 'rules', line: 1, column: 1 },
  message: `the rules could not be read: ${message}`,
  mend: 'look at the folder and try again',
});

/** What runs in a terminal ends with it, as ever; a service in the background reads its files again. */
function onHangUp(run: () => void): Cancel {
  if (process.stdin.isTTY === true) return () => {};
  process.on('SIGHUP', run);
  return () => void process.off('SIGHUP', run);
}

function watchFolder(folder: string, wall: Clock, opened: string, changed: () => void): Cancel {
  let told = opened;
  let seen = opened;
  let watcher: FSWatcher | null = null;
  let stopped = false;
  let cancelLook: Cancel = () => {};
  let cancelWait: Cancel = () => {};

  /** Told when it is as it was a moment ago, and other than it was told last. */
  const settle = (): void => {
    const now = signatureOf(folder);
    if (now !== seen) {
      seen = now;
      wait();
    } else if (now !== told) {
      told = now;
      changed();
    }
  };
  const wait = (): void => {
    cancelWait();
    if (!stopped) cancelWait = wall.after(LEFT_ALONE, settle);
  };
  const open = (): void => {
    try {
      watcher = watch(folder, { persistent: false }, wait);
      watcher.on('error', close);
    } catch {
      watcher = null;
    }
  };
  const close = (): void => {
    watcher?.close();
    watcher = null;
  };
  const look = (): void => {
    if (stopped) return;
    if (watcher === null) open();
    wait();
    cancelLook = wall.after(LOOK_EVERY, look);
  };
  open();
  wait();
  cancelLook = wall.after(LOOK_EVERY, look);
  return () => {
    stopped = true;
    cancelLook();
    cancelWait();
    close();
  };
}

/** Names, sizes and times of what is read there. */
function signatureOf(folder: string): string {
  try {
    return readdirSync(folder)
      .filter((name) => /\.ya?ml$/.test(name) && !name.startsWith('.'))
      .sort()
      .map((name) => {
        const stat = statSync(join(folder, name), { throwIfNoEntry: false });
        return `${name} ${stat?.size ?? 0} ${stat?.mtimeMs ?? 0} ${stat?.ino ?? 0}`;
      })
      .join('\n');
  } catch (error) {
    return messageOf(error);
  }
}

answerOnThread(async ({ directory, variables }: Piece): Promise<ReadRules> => {
  const { loadRules } = await import('./load-config.ts');
  return loadRules(directory, variables);
});
