import { join } from 'node:path';
import { expect } from 'vitest';
import { planDrill } from '#commands/drill-plan.ts';
import { runVirtualDrill } from '#commands/virtual-drill.ts';
import type { Config } from '#core/config/config.ts';
import { type Plan, type PlanLine, planLines, planSteps } from '#core/config/plan.ts';
import { scoreDrill } from '#core/drill-score.ts';
import type { IncidentView, StepView } from '#core/incident.ts';
import { type Language, type Text, templateNames } from '#core/text.ts';
import { instant } from '#core/time.ts';
import { loadConfig } from '#platform/config/load-config.ts';
import { loadYaml } from '#platform/config/load-yaml.ts';
import { compileIncident } from '#services/alerts/plans/compile.ts';
import { decide } from '#services/alerts/plans/decide.ts';
import type { IncidentEvent } from '#services/alerts/plans/events.ts';
import type { IncidentState } from '#services/alerts/plans/state.ts';
import { fillPlanText } from '#services/alerts/plans/texts.ts';
import { createRota } from '#services/alerts/rota/rota.ts';
import type { Evidence } from '#simulators/checkers/evidence.ts';
import { judge } from '#simulators/checkers/judge.ts';
import { type SimulationSpec, simulationSchema } from '#simulators/world/spec.ts';

/** The sample room's plans: loaded as `check` loads them, opened by the real decision function, drilled on the virtual room. */

const CONFIG = join(import.meta.dirname, '../../config');
/** A Wednesday at 10:00 in Shanghai. */
export const WEDNESDAY = instant(Date.UTC(2026, 0, 14, 2, 0, 0));

let loaded: Config | null = null;
export function sampleConfig(): Config {
  if (loaded !== null) return loaded;
  const { config, problems } = loadConfig(CONFIG, {
    variables: {},
    secretsFrom: ({ file = '' }) => (file.endsWith('.fingerprint') ? `SHA256:${'A'.repeat(43)}` : 'sample'),
    now: WEDNESDAY,
  });
  expect(problems).toEqual([]);
  if (config === null) throw new Error('no configuration');
  loaded = config;
  return config;
}

export function simulationOfRoom(): SimulationSpec {
  const simulation = loadYaml(join(CONFIG, 'simulation.yaml'), simulationSchema, { variables: {} }).value;
  if (simulation === null) throw new Error('no simulation');
  return simulation;
}

export function planOf(id: string): Plan {
  const plan = sampleConfig().plans.find((one) => one.id === id);
  if (plan === undefined) throw new Error(`no plan ${id}`);
  return plan;
}

export const stepsOf = (id: string) => planSteps(planOf(id));

/** Every text of a plan that people read, with where it stands. */
export function textsOf(plan: Plan): readonly (readonly [where: string, text: Text])[] {
  return [['title', plan.title] as const, ...planLines(plan).flatMap((line) => textsOfLine(line))];
}

function textsOfLine({ step }: PlanLine): (readonly [string, Text])[] {
  const found: [string, Text | undefined][] = [[`${step.id} title`, step.title]];
  if ('tell' in step) found.push([`${step.id} subject`, step.tell.subject], [`${step.id} body`, step.tell.body]);
  if ('task' in step) found.push([`${step.id} script`, step.task.script]);
  if ('ask' in step) {
    const { question, brief, script, answers } = step.ask;
    found.push([`${step.id} question`, question], [`${step.id} brief`, brief], [`${step.id} script`, script]);
    for (const answer of answers) found.push([`${step.id} answer ${answer.id}`, answer.label]);
  }
  return found.flatMap(([where, text]) => (text === undefined ? [] : [[where, text] as const]));
}

/** The plan at the moment it is opened, by the pure decision function. */
export function opened(id: string, more: Partial<Extract<IncidentEvent, { type: 'opened' }>> = {}): IncidentState {
  const config = sampleConfig();
  const duty = createRota(config).dutyAt(WEDNESDAY)?.person;
  const definition = compileIncident(planOf(id), { config, recordedP95: () => null, describe: () => '' });
  return decide(null, {
    type: 'opened',
    at: WEDNESDAY,
    incident: `inc-${id}`,
    definition,
    mode: 'drill',
    armed: true,
    trigger: 'alert-1@t',
    cause: definition.plan.title,
    by: 'zhishou',
    outageSince: null,
    samples: [],
    points: {},
    people: {
      working: true,
      duty: duty === undefined ? null : { id: duty.id, name: duty.name, phone: duty.phone ?? null },
    },
    offsetMs: 0,
    ...more,
  }).state;
}

/** A text as it would be sent: `step` gives the contact. */
export function filled(state: IncidentState, stepId: string, text: Text): Text {
  const step = state.definition.steps.find((one) => one.base === stepId) ?? null;
  return fillPlanText(state, step, text);
}

/** What every plan must be: whole in both languages, no placeholder left, the number of each department in its script. */
export function expectWhole(id: string): void {
  const plan = planOf(id);
  const state = opened(id);
  const { contacts } = sampleConfig().people;
  for (const [where, text] of textsOf(plan)) {
    const step = where.split(' ')[0] ?? '';
    const said = filled(state, step, text);
    for (const language of ['zh', 'en'] as const satisfies readonly Language[]) {
      expect(said[language], `${id} ${where} ${language}`).not.toMatch(/\{|\}|undefined|null/);
      expect(said[language].trim().length, `${id} ${where} ${language}`).toBeGreaterThan(0);
    }
    expect(/\p{Script=Han}/u.test(text.zh), `${id} ${where}: Chinese`).toBe(true);
    expect(/\p{Script=Han}/u.test(text.en), `${id} ${where}: English`).toBe(false);
    expect(namesIn(text.zh), `${id} ${where}: the same names in both languages`).toEqual(namesIn(text.en));
  }
  for (const step of planSteps(plan)) {
    const asked = 'task' in step ? step.task : 'ask' in step ? step.ask : null;
    if (asked?.contact === undefined) continue;
    const phone = contacts[asked.contact]?.phone ?? 'no phone';
    const script = filled(state, step.id, asked.script ?? step.title);
    for (const language of ['zh', 'en'] as const)
      expect(script[language], `${id} ${step.id}: the number of ${asked.contact}`).toContain(phone);
  }
}

const namesIn = (text: string): string[] => templateNames({ zh: text, en: '' }).toSorted();

/** Each question's default must be one that nobody's silence can do harm by: never a power cut. */
export function expectSafeDefaults(id: string): void {
  for (const step of stepsOf(id)) {
    if (!('ask' in step)) continue;
    const option = step.ask.answers.find((one) => one.id === step.ask.default);
    expect(option?.people, `${id} ${step.id}`).toBe(1);
    for (const act of stepsOf(id)) {
      if (!('act' in act) || act.act.operation !== 'emergency_off') continue;
      expect(JSON.stringify(act.when), `${id} ${step.id}`).not.toContain(
        `"step":"${step.id}","is":["${step.ask.default}"]`,
      );
    }
  }
}

export interface Drilled {
  readonly evidence: Evidence;
  readonly incident: IncidentView;
  readonly ended: boolean;
  step(id: string): StepView;
}

/** One run on the virtual room; every invariant must be kept, and the plan must reach its end. */
export async function drilled(
  id: string,
  options: { scenario?: string; seed?: number; answer?: string } = {},
): Promise<Drilled> {
  const config = sampleConfig();
  const simulation = simulationOfRoom();
  const plan = planDrill(
    planOf(id),
    { config: null, state: '', speed: 1, language: 'en', seed: options.seed ?? 1, ...options },
    WEDNESDAY,
  );
  const { evidence, ended } = await runVirtualDrill(config, simulation, plan);
  const incident = evidence.incidents.find((view) => view.plan.id === id);
  if (incident === undefined) throw new Error(`${id} was never opened`);
  expect(judge(evidence).filter((one) => !one.kept)).toEqual([]);
  expect(ended).toBe(true);
  expect(scoreDrill(incident, evidence.deliveries).figure).toBeGreaterThan(80);
  const step = (wanted: string): StepView => {
    const found = incident.steps.find((one) => one.id === wanted);
    if (found === undefined) throw new Error(`no step ${wanted}`);
    return found;
  };
  return { evidence, incident, ended, step };
}

/** When a step began, seconds after the opening; null: never. */
export const begunS = ({ incident, step }: Drilled, id: string): number | null => {
  const at = step(id).startedAt;
  return at === null ? null : (Date.parse(at) - Date.parse(incident.openedAt)) / 1000;
};
