import type { Config } from '#core/config/config.ts';
import type { Action, DriverName } from '#core/config/device.ts';
import { messageOf } from '#core/errors.ts';
import { hideSecrets, secretsOf } from '#core/hide-secrets.ts';
import type { ActionContext, ActionDriver, ActionOutcome, Log, Metrics } from '#core/ports.ts';
import type { ActionRunner } from '../seams.ts';
import { actionKind, describeAction } from './describe.ts';
import { type GuardMode, refusalOf, testRefusalOf } from './drill-guard.ts';

export type ActionDrivers = Readonly<Record<DriverName, ActionDriver>>;

const MAX_OUTPUT = 4000;
const MAX_DETAIL = 500;

/** Picks the driver for an action, and runs or tests it behind the drill guard. Never throws. */
export function createActionRunner(dependencies: {
  readonly config: Pick<Config, 'site' | 'devices'>;
  readonly drivers: ActionDrivers;
  readonly mode: GuardMode;
  readonly log: Log;
  readonly metrics: Metrics;
}): ActionRunner {
  const { config, drivers, mode, log, metrics } = dependencies;
  return {
    describe: describeAction,
    async run(action, context) {
      const kind = actionKind(action);
      const what = describeAction(action, context.values);
      const refusal = refusalOf(action, config, mode, context.values);
      if (refusal !== null) {
        log.warn({ run: context.run, what, refusal }, 'action refused');
        return { result: 'failed', detail: refusal };
      }
      log.info({ run: context.run, what }, 'action begins');
      const outcome = await settled(action, () => drivers[kind].run(action, context));
      metrics.count('zhishou_actions_total', { kind, result: outcome.result });
      log.info({ run: context.run, what, result: outcome.result, detail: outcome.detail }, 'action ends');
      return outcome;
    },
    async test(action, context) {
      const kind = actionKind(action);
      const refusal = testRefusalOf(action, config, mode, context.values);
      if (refusal !== null) return { result: 'failed', detail: refusal };
      const outcome = await testOf(drivers[kind], action, context);
      metrics.count('zhishou_action_tests_total', { kind, result: outcome.result });
      const what = describeAction(action, context.values);
      log.debug({ run: context.run, what, result: outcome.result, detail: outcome.detail }, 'target tested');
      return outcome;
    },
  };
}

function testOf(driver: ActionDriver, action: Action, context: ActionContext): Promise<ActionOutcome> {
  if (driver.test === undefined) return Promise.resolve({ result: 'ok', detail: 'nothing to test' });
  const test = driver.test.bind(driver);
  return settled(action, () => test(action, context));
}

/** A driver that throws has broken its promise; what it did outside is not known. What devices say is bounded, and gives no secret away. */
async function settled(action: Action, work: () => Promise<ActionOutcome>): Promise<ActionOutcome> {
  const secrets = secretsOf(action);
  const clean = (text: string, most: number): string => hideSecrets(text, secrets).slice(0, most);
  try {
    const { output, ...outcome } = await work();
    const told = { ...outcome, detail: clean(outcome.detail, MAX_DETAIL) };
    return output === undefined ? told : { ...told, output: clean(output, MAX_OUTPUT) };
  } catch (error) {
    return { result: 'unknown', detail: clean(messageOf(error), MAX_DETAIL) };
  }
}
