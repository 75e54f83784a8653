import type { Action } from '#core/config/device.ts';
import { invariant } from '#core/errors.ts';
import type { ActionContext, ActionDriver, ActionOutcome, Clock } from '#core/ports.ts';
import {
  IPMI_PATIENCE,
  type IpmiPatience,
  ipmiArguments,
  reasonIn,
  withoutChatter,
} from '#platform/ipmi/ipmi-words.ts';
import { runCommand } from '#platform/run-command.ts';

/**
 * Chassis power through ipmitool (RMCP+). The password goes by the environment, never by the command line that every user of
 * the machine can read. What ipmitool says decides: no session, or refused by the controller → failed, nothing happened;
 * ordered and no answer → unknown (L20).
 */
export interface IpmiDriverOptions {
  readonly clock: Clock;
  /** Another path of ipmitool; by default it is looked for on PATH. */
  readonly program?: string;
  /** Per message: so many seconds, and so many times. By default a silent controller is given up after about ten seconds. */
  readonly patience?: IpmiPatience;
}

type IpmiTarget = Extract<Action, { ipmi: unknown }>['ipmi'];

export function createIpmiDriver(options: IpmiDriverOptions): ActionDriver {
  const { clock, program = 'ipmitool', patience = IPMI_PATIENCE } = options;
  const call = (target: IpmiTarget, words: readonly string[], context: ActionContext): Promise<ActionOutcome> =>
    runCommand(program, [...ipmiArguments(target, patience), ...words], {
      clock,
      limit: context.limit,
      variables: { IPMI_PASSWORD: target.password.reveal() },
    });
  return {
    async run(action, context) {
      invariant('ipmi' in action, 'the ipmi driver runs ipmi actions');
      const { ipmi } = action;
      const outcome = await call(ipmi, ['chassis', 'power', ipmi.power], context);
      if (outcome.result === 'ok') return { result: 'ok', detail: `the controller took power ${ipmi.power}` };
      if (outcome.result === 'unknown')
        return { result: 'unknown', detail: 'no answer in the time given; the order may have arrived' };
      const said = outcome.output ?? '';
      // ipmi_chassis.c: so it says when no answer came; a refusal names its completion code.
      const unanswered = /^Unable to set Chassis Power/m.test(said);
      if (unanswered) return { result: 'unknown', detail: 'the order was sent, and the controller did not answer' };
      return { result: 'failed', detail: whyFailed(outcome, ipmi) };
    },
    async test(action, context) {
      invariant('ipmi' in action, 'the ipmi driver tests ipmi actions');
      const { ipmi } = action;
      const outcome = await call(ipmi, ['chassis', 'power', 'status'], context);
      if (outcome.result === 'unknown') return { result: 'unknown', detail: 'no answer in the time given' };
      const power = /^Chassis Power is (on|off)$/m.exec(outcome.output ?? '')?.[1];
      if (outcome.result !== 'ok') return { result: 'failed', detail: whyFailed(outcome, ipmi) };
      if (power === undefined)
        return { result: 'failed', detail: 'the controller does not say whether the power is on' };
      return {
        result: 'ok',
        detail: `signed in as ${ipmi.user} (${ipmi.level}), chassis power is ${power}`,
        output: power,
      };
    },
  };
}

function whyFailed({ detail, output = '' }: ActionOutcome, target: IpmiTarget): string {
  if (detail.includes('cannot be run')) return `${detail}; install the package ipmitool`;
  const where = `${target.host}:${target.port}`;
  const known = reasonIn(output, target);
  if (known !== null) return `the controller at ${where}: ${known}`;
  const last = withoutChatter(output).trim().split('\n').at(-1) ?? '';
  return `the controller at ${where}: ${last === '' ? detail : last}`;
}
