import type { Config } from '#core/config/config.ts';
import type { Plan } from '#core/config/plan.ts';
import type { BatteryFit } from '#core/readiness.ts';
import { type Text, templateNames } from '#core/text.ts';
import type { Instant } from '#core/time.ts';
import { describeAction } from '../actions/describe.ts';
import { compileIncident } from '../plans/compile.ts';
import type { IncidentDefinition, StepDefinition } from '../plans/definition.ts';
import { bothTexts, clockLength } from '../plans/texts.ts';
import { rotaFindings } from '../rota/rota-findings.ts';
import { batteryFits } from './battery-fit.ts';

/**
 * What can be known of a plan before the night it is needed, beyond what the loader checks line by line: steps that can never
 * begin, hours of the coming year without a person, calls without a number, equipment that would lose its power while it
 * runs, and whether the whole sequence fits the battery at all.
 */
export interface PlanFinding {
  readonly plan: string;
  readonly step: string | null;
  /** error: the plan cannot be carried out as written · warning: it can, but somebody should know. */
  readonly severity: 'error' | 'warning';
  readonly message: Text;
  readonly mend: Text;
}

export interface PlanProof {
  readonly findings: readonly PlanFinding[];
  readonly battery: readonly BatteryFit[];
}

export function provePlans(config: Config, now: Instant): PlanProof {
  const context = {
    config,
    recordedP95: () => null,
    describe: describeAction,
  };
  const battery = config.plans.flatMap((plan) => batteryFits(plan, context, () => ({ charge: null, loadW: null })));
  const findings = config.plans.flatMap((plan) => {
    const definition = compileIncident(plan, context);
    return [
      ...stepFindings(plan, definition),
      ...scriptFindings(plan, definition, config),
      ...equipmentFindings(plan, definition, config),
      ...fitFindings(plan, battery),
    ];
  });
  return {
    findings: [...findings, ...rotaFindings(config, now).map((finding) => ({ plan: '*', step: null, ...finding }))],
    battery: battery.filter((fit) => fit.case !== 'now'),
  };
}

/** Steps that can never begin: for no device, in a stage that this plan never enters, after a step of a later stage. */
function stepFindings(plan: Plan, definition: IncidentDefinition): PlanFinding[] {
  const findings: PlanFinding[] = [];
  const byBase = Map.groupBy(definition.steps, (step) => step.base);
  const known = new Set(definition.steps.map((step) => step.base));
  const clocked = plan.power !== undefined || plan.heat !== undefined;
  for (const [base, steps] of byBase) {
    const [step] = steps;
    if (step === undefined) continue;
    if (!clocked && (step.stage === 'hold' || step.stage === 'protect' || step.stage === 'prepare')) {
      findings.push({
        plan: plan.id,
        step: base,
        severity: 'error',
        message: bothTexts(
          `步骤 ${base} 永远不会开始：没有 power 或 heat 的预案没有 ${step.stage} 阶段`,
          `the step ${base} never begins: a plan without power or heat has no stage ${step.stage}`,
        ),
        mend: bothTexts('改为 respond，或给预案加上 power/heat', 'make it respond, or give the plan power or heat'),
      });
    }
    const late = step.after.map(baseOf(definition)).find((id) => id !== null && isLater(byBase.get(id)?.[0], step));
    if (late != null) {
      findings.push({
        plan: plan.id,
        step: base,
        severity: 'error',
        message: bothTexts(
          `步骤 ${base} 等待更晚阶段的 ${late}`,
          `the step ${base} waits for ${late} of a later stage`,
        ),
        mend: bothTexts('改 after 或 stage', 'mend after or stage'),
      });
    }
  }
  for (const id of actBases(plan)) {
    if (known.has(id)) continue;
    findings.push({
      plan: plan.id,
      step: id,
      severity: 'warning',
      message: bothTexts(`步骤 ${id} 对任何设备都不起作用`, `the step ${id} acts on no device`),
      mend: bothTexts('给设备声明该操作，或删去此步', 'declare the operation for a device, or take the step out'),
    });
  }
  return findings;
}

const ORDER = ['prepare', 'respond', 'hold', 'protect', 'recover', 'stand-down'] as const;
const isLater = (before: StepDefinition | undefined, step: StepDefinition): boolean =>
  before !== undefined &&
  before.stage !== step.stage &&
  step.stage !== 'stand-down' &&
  ORDER.indexOf(before.stage) > ORDER.indexOf(step.stage);

const baseOf =
  (definition: IncidentDefinition) =>
  (id: string): string | null =>
    definition.steps.find((step) => step.id === id)?.base ?? null;

const actBases = (plan: Plan): string[] =>
  plan.steps
    .flatMap((step) =>
      'choose' in step ? step.choose.flatMap((branch) => branch.steps) : 'together' in step ? step.together : [step],
    )
    .flatMap((step) => ('act' in step ? [step.id] : []));

/** A call needs its number in the words that are read out, and somebody who can be rung. */
function scriptFindings(plan: Plan, definition: IncidentDefinition, config: Config): PlanFinding[] {
  return definition.steps.flatMap((step): PlanFinding[] => {
    if (step.kind !== 'ask' && step.kind !== 'task') return [];
    const part = step.kind === 'ask' ? step.ask : step.task;
    if (part.contact === undefined) return [];
    if (config.people.contacts[part.contact] === undefined) {
      return [
        {
          plan: plan.id,
          step: step.base,
          severity: 'error',
          message: bothTexts(
            `${step.base}：${part.contact} 没有号码`,
            `${step.base}: there is no number for ${part.contact}`,
          ),
          mend: bothTexts('在 people.yaml 的 contacts 中补充', 'add it under contacts in people.yaml'),
        },
      ];
    }
    const script = part.script;
    // A question tells its number on a line of its own; a task has only its script.
    if (step.kind === 'ask' || script === undefined) return [];
    const names = templateNames(script);
    const hasNumber = names.includes('contact_phone') || (/\d{3,}/.test(script.zh) && /\d{3,}/.test(script.en));
    return hasNumber
      ? []
      : [
          {
            plan: plan.id,
            step: step.base,
            severity: 'error',
            message: bothTexts(`${step.base} 的话术里没有电话号码`, `the script of ${step.base} has no number to call`),
            mend: bothTexts('在话术中写 {contact_phone}', 'write {contact_phone} in it'),
          },
        ];
  });
}

/** Equipment on the UPS that a power plan leaves running until the battery is empty, or proves off in one way only (I1, L16). */
function equipmentFindings(plan: Plan, definition: IncidentDefinition, config: Config): PlanFinding[] {
  if (plan.power === undefined) return [];
  const shut = new Set(
    definition.steps.flatMap((step) => (step.kind === 'act' && step.operation === 'shutdown' ? [step.device] : [])),
  );
  return config.devices.flatMap((device): PlanFinding[] => {
    if (device.kind !== 'server' && device.kind !== 'storage') return [];
    if (!shut.has(device.id)) {
      return [
        {
          plan: plan.id,
          step: null,
          severity: 'error',
          message: bothTexts(
            `${device.id} 不会被关机：电池耗尽时断电`,
            `${device.id} is never shut down: it loses power while it runs`,
          ),
          mend: bothTexts(
            '在 devices.yaml 中声明 shutdown 及其 verify',
            'declare shutdown with its verify in devices.yaml',
          ),
        },
      ];
    }
    const kinds = new Set((device.shutdown?.verify ?? []).map((item) => Object.keys(item)[0]));
    if (kinds.size >= 2) return [];
    return [
      {
        plan: plan.id,
        step: null,
        severity: 'warning',
        message: bothTexts(
          `${device.id} 的关机只有一种证据`,
          `${device.id} is proven off by one kind of evidence only (L16)`,
        ),
        mend: bothTexts('再加一种，例如插座功率', 'add another, e.g. the power its outlet draws'),
      },
    ];
  });
}

function fitFindings(plan: Plan, battery: readonly BatteryFit[]): PlanFinding[] {
  return battery.flatMap((fit): PlanFinding[] => {
    if (fit.plan !== plan.id || fit.case === 'now' || fit.fits === 'with-backups') return [];
    const full = fit.case === 'full';
    const battery = full
      ? bothTexts('满电', 'a full battery')
      : bothTexts('80% 健康度的电池', 'a battery at 80 % health');
    if (fit.fits === null) {
      return full
        ? [
            {
              plan: plan.id,
              step: null,
              severity: 'warning',
              message: bothTexts(
                '没有放电试验，无法证明来得及',
                'no discharge test: nothing proves that the sequence fits',
              ),
              mend: bothTexts(
                '在 UPS 上填写 battery: { runtime, at_load }',
                'give the UPS battery: { runtime, at_load }',
              ),
            },
          ]
        : [];
    }
    const need = clockLength((fit.fits === 'no' ? fit.bareNeedS : fit.needS) * 1000);
    const lasts = clockLength((fit.runtimeS ?? 0) * 1000);
    const what =
      fit.fits === 'no' ? bothTexts('仅关机', 'a bare shutdown') : bothTexts('备份加关机', 'backups and shutdown');
    return [
      {
        plan: plan.id,
        step: null,
        severity: full && fit.fits === 'no' ? 'error' : 'warning',
        message: bothTexts(
          `${battery.zh}可支撑 ${lasts.zh}，${what.zh}需 ${need.zh}，另需余量`,
          `${battery.en} lasts ${lasts.en}; ${what.en} needs ${need.en} and its margin`,
        ),
        mend: bothTexts(
          '增加电池、减少负载、缩短步骤或并行',
          'more battery, less load, shorter steps or more side by side',
        ),
      },
    ];
  });
}
