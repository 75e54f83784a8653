import { ZhishouError } from '#core/errors.ts';
import { toIso } from '#core/time.ts';
import { fileSize, printLine, setExitCode } from '#platform/environment.ts';
import type { EmbeddedStore } from '#platform/series/embedded/embedded-store.ts';
import { changeHistory, historyFile, readHistory } from './history-store.ts';

export interface HistoryOptions {
  readonly state: string;
  readonly json?: boolean;
}

/** `zhishou history check | status | vacuum`: is the history whole, what is in it, give free space back. */
export async function history(what: string, options: HistoryOptions): Promise<void> {
  if (what === 'check') return check(options);
  if (what === 'status') return status(options);
  if (what === 'vacuum') return vacuum(options);
  throw new ZhishouError('BAD_REQUEST', what, 'one of check, status, vacuum');
}

async function check({ state, json }: HistoryOptions): Promise<void> {
  const report = await readHistory(state, (store) => store.check());
  const findings = [
    ...report.pages.map((line) => ({ place: 'pages', reason: line })),
    ...report.damaged,
    ...report.wrong,
  ];
  if (findings.length > 0) setExitCode(1);
  if (json === true) {
    await printLine(JSON.stringify({ ok: findings.length === 0, ...report }));
    return;
  }
  for (const { place, reason } of findings) await printLine(`${place}: ${reason}`);
  const seen = `${report.series} series, ${report.samples} readings, ${report.compared} sums compared`;
  await printLine(
    findings.length === 0 ? `whole: ${seen}` : `${findings.length} findings; the rest is readable: ${seen}`,
  );
}

async function status({ state, json }: HistoryOptions): Promise<void> {
  const bytes = fileSize(historyFile(state));
  const series = await readHistory(state, (store) => store.series());
  const times = { first: series.map((one) => one.firstAt), last: series.map((one) => one.lastAt) };
  const ends = series.length === 0 ? null : { first: least(times.first), last: -least(times.last.map((at) => -at)) };
  if (json === true) {
    await printLine(JSON.stringify({ bytes, series }));
    return;
  }
  for (const { device, point, firstAt, lastAt } of series)
    await printLine(`${device}  ${point}  ${toIso(firstAt)} – ${toIso(lastAt)}`);
  const span = ends === null ? '' : `, ${new Date(ends.first).toISOString()} – ${new Date(ends.last).toISOString()}`;
  await printLine(`${series.length} series${span}, ${(bytes / 1e6).toFixed(1)} MB`);
}

const least = (values: readonly number[]): number =>
  values.reduce((found, value) => Math.min(found, value), Number.POSITIVE_INFINITY);

async function vacuum({ state, json }: HistoryOptions): Promise<void> {
  const file = historyFile(state);
  const before = fileSize(file);
  await changeHistory(state, (store: EmbeddedStore) => store.settle());
  const after = fileSize(file);
  await printLine(
    json === true
      ? JSON.stringify({ before, after })
      : `${(before / 1e6).toFixed(1)} MB → ${(after / 1e6).toFixed(1)} MB`,
  );
}
