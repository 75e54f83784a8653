import type { Config, ConfigProblem } from '#core/config/config.ts';
import { ruleWarnings } from '#core/config/rule-warnings.ts';
import type { BatteryFit } from '#core/readiness.ts';
import type { Language } from '#core/text.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { printLine, setExitCode } from '#platform/environment.ts';
import { type PlanFinding, type PlanProof, provePlans } from '#services/alerts/readiness/static-checks.ts';
import { configDirectory, describeProblem, findProblems } from './configuration.ts';

/**
 * `zhishou check [DIR] [--json] [--language zh]`: all mistakes at once, then what can be proven of the plans before they are needed; exit 1
 * when there is a mistake or a plan that cannot be carried out.
 */
export async function check(
  given: string | undefined,
  options: { json?: boolean; language?: Language },
): Promise<void> {
  const directory = configDirectory(given);
  const { problems, config } = findProblems(directory);
  const proof = config === null ? null : provePlans(config, createSystemClock().now());
  const errors = proof?.findings.filter((finding) => finding.severity === 'error') ?? [];
  if (problems.length + errors.length > 0) setExitCode(1);
  if (options.json === true) {
    await printLine(
      JSON.stringify({
        ok: problems.length + errors.length === 0,
        problems,
        findings: proof?.findings ?? [],
        warnings: config === null ? [] : ruleWarnings(config),
        battery: proof?.battery ?? [],
      }),
    );
    return;
  }
  for (const line of linesOf(directory, problems, proof, config, options.language ?? 'en')) await printLine(line);
}

function linesOf(
  directory: string,
  problems: readonly ConfigProblem[],
  proof: PlanProof | null,
  config: Config | null,
  language: Language,
): string[] {
  const findings = proof?.findings ?? [];
  const errors = problems.length + findings.filter((finding) => finding.severity === 'error').length;
  const count = errors === 1 ? '1 mistake' : `${errors} mistakes`;
  return [
    ...problems.map(describeProblem),
    ...findings.map((finding) => describeFinding(finding, language)),
    ...(config === null ? [] : ruleWarnings(config)).map(
      ({ rule, message }) => `warning rule ${rule}: ${message[language]}`,
    ),
    ...(proof === null ? [] : fitLines(proof.battery, config)),
    errors === 0 ? `${directory}: nothing to mend` : `${directory}: ${count}`,
  ];
}

const describeFinding = ({ plan, step, severity, message, mend }: PlanFinding, language: Language): string =>
  `${severity} plans/${plan}${step === null ? '' : `#${step}`}: ${message[language]}\n    → ${mend[language]}`;

/** `power-outage  full battery   60 min  needs 14 min + margin 6 min: fits, with backups`. */
function fitLines(fits: readonly BatteryFit[], config: Config | null): string[] {
  if (fits.length === 0 || config === null) return [];
  const width = Math.max(...fits.map((fit) => fit.plan.length));
  const minutes = (s: number | null): string => (s === null ? '?' : `${(s / 60).toFixed(1)} min`);
  const verdict: Readonly<Record<string, string>> = {
    'with-backups': 'fits, with backups',
    bare: 'fits without all backups',
    no: 'DOES NOT FIT',
  };
  return [
    'Does the sequence fit the battery?',
    ...fits.map(
      (fit) =>
        `  ${fit.plan.padEnd(width)}  ${fit.case === 'full' ? 'full battery' : '80 % health '}  lasts ${minutes(fit.runtimeS)}; backups and shutdown ${minutes(fit.needS)}, bare ${minutes(fit.bareNeedS)}, margin ${minutes(fit.marginS)}: ${verdict[fit.fits ?? ''] ?? 'not known'}`,
    ),
  ];
}
