import { join } from 'node:path';
import type { Clock, Log } from '#core/ports.ts';
import { minutes } from '#core/time.ts';
import { newestChange } from '#platform/environment.ts';
import { runCommand } from '#platform/run-command.ts';
import { PROJECT_ROOT } from './configuration.ts';

/** The page is built at the first start, and again when its sources have changed: `npm ci && npm start` is enough. */

const SOURCES = join(PROJECT_ROOT, 'services/dashboard-api/web');
export const WEB_ROOT = join(SOURCES, 'dist');

/** True when there is nothing to do. */
export function isPageBuilt(): boolean {
  const built = newestChange(WEB_ROOT, []);
  if (built === null) return false;
  const changed = Math.max(newestChange(SOURCES, ['dist']) ?? 0, newestChange(join(PROJECT_ROOT, 'core'), []) ?? 0);
  return built >= changed;
}

/** Builds it in a process of its own, so that its memory is given back. Resolves to false, and says so, when that failed. */
export async function buildPage(wall: Clock, log: Log): Promise<boolean> {
  const vite = join(PROJECT_ROOT, 'node_modules/vite/bin/vite.js');
  const outcome = await runCommand(process.execPath, [vite, 'build', SOURCES, '--logLevel', 'error'], {
    clock: wall,
    limit: minutes(5),
    directory: PROJECT_ROOT,
  });
  if (outcome.result === 'ok') return true;
  log.error({ detail: outcome.detail, output: outcome.output }, 'the page could not be built');
  return false;
}
