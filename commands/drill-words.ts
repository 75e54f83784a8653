import type { Language } from '#core/text.ts';
import type { PastDrill } from '#platform/drill-log.ts';
import type { DrillResult } from './drill.ts';

/** A drill's report as lines of a terminal: what happened, what was kept, the score beside the earlier ones. */

export function drillLines(result: DrillResult, language: Language): string[] {
  return [
    ...result.timeline
      .filter((entry) => entry.kind !== 'reading' && entry.kind !== 'clocks')
      .map(
        (entry) =>
          `${clockOf(entry.elapsedS)}  ${entry.kind.padEnd(12)} ${entry.what}${entry.why === null ? '' : ` (${entry.why})`}`,
      ),
    '',
    ...result.invariants.map((one) => `${one.kept ? 'kept  ' : 'BROKEN'}  ${one.id}  ${one.detail}`),
    '',
    ...scoreLines(result, language),
    `outcome: ${result.outcome ?? 'none: the plan did not reach its end'}; ${result.notifications.length} messages`,
  ];
}

/** One line a plan. */
export function summaryLines(results: readonly DrillResult[]): string[] {
  const rows = results.map(({ plan, scenario, outcome, score, invariants, notifications }) => {
    const broken = invariants.flatMap((one) => (one.kept ? [] : [`${one.id} ${one.detail}`]));
    return [
      plan,
      scenario,
      outcome ?? 'NOT ENDED',
      score === null ? '-' : String(score.figure),
      String(score?.late.length ?? 0),
      String(notifications.length),
      broken.length === 0 ? 'kept' : `BROKEN: ${broken.join('; ')}`,
    ];
  });
  return table([['plan', 'scenario', 'outcome', 'score', 'late', 'messages', 'invariants'], ...rows]);
}

function scoreLines({ score, previous }: DrillResult, language: Language): string[] {
  if (score === null) return ['the plan was never opened: nothing to score', ''];
  const seconds = (s: number | null): string => (s === null ? '-' : `${s} s`);
  return [
    `score: ${score.figure} of 100`,
    ...table(
      score.parts.map((part) => [`  ${part.title[language]}`, `${part.points} / ${part.of}`, part.detail[language]]),
    ),
    '',
    ...table([
      ['person', 'first word', 'answers', 'tasks', 'late', 'messages'],
      ...score.people.map((one) => [
        one.person,
        seconds(one.firstWordS),
        String(one.answers),
        String(one.tasks),
        String(one.late),
        String(one.messages),
      ]),
    ]),
    '',
    ...score.late.map(
      (one) =>
        `late: ${one.title[language]} (${one.role ?? '-'}, within ${seconds(one.withinS)}, took ${seconds(one.tookS)})`,
    ),
    ...score.lacks.map((lack) => `to mend: ${lack[language]}`),
    ...(previous.length === 0 ? ['the first drill of this plan on record'] : ['before:', ...pastLines(previous)]),
    '',
  ];
}

const pastLines = (previous: readonly PastDrill[]): string[] =>
  table(
    previous.map((one) => [
      `  ${new Date(one.at).toISOString().slice(0, 16).replace('T', ' ')}`,
      one.version,
      one.scenario,
      one.outcome ?? 'not ended',
      one.score === null ? '-' : `${one.score}`,
      `${one.late} late`,
      one.broken.length === 0 ? '' : `broken: ${one.broken.join(', ')}`,
    ]),
  );

/** Columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

function clockOf(elapsedS: number): string {
  const sign = elapsedS < 0 ? '-' : '+';
  const whole = Math.abs(Math.round(elapsedS));
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${sign}${two(Math.floor(whole / 3600))}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}
