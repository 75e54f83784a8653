import type { Config } from '#core/config/config.ts';
import { messageOf } from '#core/errors.ts';
import type { ActionDriver, ActionOutcome, Log, Metrics } from '#core/ports.ts';
import type { ActionRunner } from '../seams.ts';
import { type ActionKind, actionKind, describeAction } from './describe.ts';
import { type GuardMode, refusalOf } from './drill-guard.ts';

export type ActionDrivers = Readonly<Record<ActionKind, ActionDriver>>;

const MAX_OUTPUT = 4000;

/** Picks the driver for an action and runs it, behind the drill guard. Never throws. */
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
      const refusal = refusalOf(action, config, mode);
      if (refusal !== null) {
        log.warn({ run: context.run, what, refusal }, 'action refused');
        return { result: 'failed', detail: refusal };
      }
      log.info({ run: context.run, what }, 'action begins');
      const outcome = await settled(drivers[kind], action, context);
      metrics.count('zhishou_actions_total', { kind, result: outcome.result });
      log.info({ run: context.run, what, result: outcome.result, detail: outcome.detail }, 'action ends');
      return outcome;
    },
  };
}

/** A driver that throws has broken its promise; what it did outside is not known. */
async function settled(driver: ActionDriver, ...call: Parameters<ActionDriver['run']>): Promise<ActionOutcome> {
  try {
    const outcome = await driver.run(...call);
    return outcome.output === undefined ? outcome : { ...outcome, output: outcome.output.slice(0, MAX_OUTPUT) };
  } catch (error) {
    return { result: 'unknown', detail: messageOf(error) };
  }
}
