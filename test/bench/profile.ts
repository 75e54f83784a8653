import { Session } from 'node:inspector/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PROJECT_ROOT } from '#commands/configuration.ts';
import { say } from './figures.ts';

/** Where the time of some work goes, by the sampling profiler of the engine itself. */
export interface Profile {
  readonly hot: readonly HotFunction[];
  /** `services/alerts`, `simulators/world`, `node` … */
  readonly byPart: readonly { readonly part: string; readonly percent: number }[];
}

interface HotFunction {
  readonly name: string;
  readonly where: string;
  readonly selfMs: number;
  readonly percent: number;
}

const TOP = 20;

export async function profiled(run: () => Promise<unknown>): Promise<Profile> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 200 });
  await session.post('Profiler.start');
  await run();
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  const nodes = new Map(profile.nodes.map((node) => [node.id, node.callFrame]));
  const functions = new Map<string, { name: string; where: string; selfMs: number }>();
  const parts = new Map<string, number>();
  let totalMs = 0;
  for (const [place, id] of (profile.samples ?? []).entries()) {
    const frame = nodes.get(id);
    const ms = (profile.timeDeltas?.[place] ?? 0) / 1000;
    if (frame === undefined || frame.functionName === '(idle)') continue;
    totalMs += ms;
    const file = shortName(frame.url);
    const where = frame.url === '' ? 'node' : `${file}:${frame.lineNumber + 1}`;
    const key = `${frame.functionName} ${where}`;
    const found = functions.get(key) ?? { name: frame.functionName || '(anonymous)', where, selfMs: 0 };
    found.selfMs += ms;
    functions.set(key, found);
    const part = partOf(file);
    parts.set(part, (parts.get(part) ?? 0) + ms);
  }
  const percent = (ms: number): number => (100 * ms) / totalMs;
  return {
    hot: [...functions.values()]
      .toSorted((a, b) => b.selfMs - a.selfMs)
      .slice(0, TOP)
      .map((one) => ({ ...one, percent: percent(one.selfMs) })),
    byPart: [...parts]
      .toSorted(([, a], [, b]) => b - a)
      .map(([part, ms]) => ({ part, percent: percent(ms) }))
      .filter((one) => one.percent >= 1),
  };
}

/** The folder that a file stands in, at most three names deep; a package by its own name. */
const partOf = (file: string): string =>
  /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ??
  (file.split('/').slice(0, -1).slice(0, 3).join('/') || 'node');

const shortName = (url: string): string => {
  if (url === '') return 'node';
  return url.startsWith('file:') ? relative(PROJECT_ROOT, fileURLToPath(url)) : url;
};

export function tellProfile({ hot, byPart }: Profile): void {
  say('  where the time goes (self time of one more run)');
  for (const { name, where, percent } of hot) say(`    ${percent.toFixed(1).padStart(5)} %  ${name}  ${where}`);
  say('  by part');
  for (const { part, percent } of byPart) say(`    ${percent.toFixed(1).padStart(5)} %  ${part}`);
}
