import type { Action } from '#core/config/device.ts';
import { invariant } from '#core/errors.ts';
import type { ActionDriver, ActionOutcome, Clock } from '#core/ports.ts';
import { openRedfish, RedfishRefusal, type RedfishTalk } from '#platform/redfish/redfish-talk.ts';
import { calledOffAt } from './within-limit.ts';

/**
 * A server's power by its Redfish service (DSP0266, schema ComputerSystem): read the system, see that the reset wanted is
 * offered, order it. What the service does not offer has failed before anything was ordered, so that the plan takes its
 * `otherwise`; what is so already is not ordered again.
 */
type RedfishTarget = Extract<Action, { redfish: unknown }>['redfish'];
type Reset = RedfishTarget['reset'];

export function createRedfishDriver({ clock }: { readonly clock: Clock }): ActionDriver {
  return {
    run(action, context) {
      invariant('redfish' in action, 'the redfish driver runs redfish actions');
      const { redfish } = action;
      return calledOffAt(clock, context.limit, (signal) => talk(redfish, signal, (line) => order(line, redfish)));
    },
    test(action, context) {
      invariant('redfish' in action, 'the redfish driver tests redfish actions');
      const { redfish } = action;
      return calledOffAt(clock, context.limit, (signal) => talk(redfish, signal, (line) => look(line, redfish)));
    },
  };
}

/** Opens, uses and closes; a refusal or a broken connection on the way becomes the outcome. */
async function talk(
  target: RedfishTarget,
  signal: AbortSignal,
  use: (line: RedfishTalk) => Promise<ActionOutcome>,
): Promise<ActionOutcome> {
  let line: RedfishTalk | null = null;
  try {
    line = await openRedfish(target, signal);
    return await use(line);
  } catch (error) {
    if (!(error instanceof RedfishRefusal)) throw error;
    return { result: error.fate, detail: error.message };
  } finally {
    await line?.close();
  }
}

interface System {
  readonly path: string;
  readonly power: string;
  readonly resetPath: string | null;
  /** Null: the service does not say. */
  readonly resets: readonly string[] | null;
}

async function order(line: RedfishTalk, target: RedfishTarget): Promise<ActionOutcome> {
  const system = await findSystem(line, target);
  const { reset } = target;
  if (ALREADY[reset] !== undefined && ALREADY[reset] === system.power)
    return { result: 'ok', detail: `the system's power is ${system.power.toLowerCase()} already; nothing was ordered` };
  if (system.resetPath === null) return { result: 'failed', detail: `${system.path} offers no reset` };
  if (system.resets !== null && !system.resets.includes(reset)) {
    const offered = system.resets.length === 0 ? 'nothing' : system.resets.join(', ');
    return { result: 'failed', detail: `${system.path} does not offer ${reset}; it offers ${offered}` };
  }
  await line.post(system.resetPath, { ResetType: reset });
  return { result: 'ok', detail: `${system.path} took ${reset} (power was ${system.power.toLowerCase()})` };
}

/** With these there is nothing left to do. */
const ALREADY: Readonly<Partial<Record<Reset, string>>> = {
  GracefulShutdown: 'Off',
  ForceOff: 'Off',
  On: 'On',
  ForceOn: 'On',
};

async function look(line: RedfishTalk, target: RedfishTarget): Promise<ActionOutcome> {
  const system = await findSystem(line, target);
  const seen = `signed in as ${target.user}, power of ${system.path} is ${system.power.toLowerCase()}`;
  const output = system.power.toLowerCase();
  // Known today and not in the night: what the plan would order is not offered.
  if (system.resetPath === null) return { result: 'failed', detail: `${seen}; it offers no reset`, output };
  if (system.resets !== null && !system.resets.includes(target.reset))
    return { result: 'failed', detail: `${seen}; ${target.reset} is not offered: ${system.resets.join(', ')}`, output };
  return { result: 'ok', detail: seen, output };
}

async function findSystem(line: RedfishTalk, target: RedfishTarget): Promise<System> {
  const path = target.system === undefined ? await onlySystem(line) : `/redfish/v1/${target.system}`;
  const system = asObject(await line.get(path));
  const action = asObject(asObject(system.Actions)['#ComputerSystem.Reset']);
  return {
    path,
    power: typeof system.PowerState === 'string' ? system.PowerState : 'not known',
    resetPath: typeof action.target === 'string' ? action.target : null,
    resets: textsOf(action['ResetType@Redfish.AllowableValues']) ?? (await resetsByInfo(line, action)),
  };
}

async function onlySystem(line: RedfishTalk): Promise<string> {
  const members = asObject(await line.get('/redfish/v1/Systems')).Members;
  const paths = (Array.isArray(members) ? members : []).flatMap((member: unknown) => {
    const path = asObject(member)['@odata.id'];
    return typeof path === 'string' ? [path] : [];
  });
  const [only, ...others] = paths;
  if (only === undefined) throw new RedfishRefusal('failed', 'the service knows no system');
  if (others.length > 0) throw new RedfishRefusal('failed', `it has several systems: ${paths.join(', ')}; name one`);
  return only;
}

/** DSP0266, Action info: the values stand in a resource of their own. */
async function resetsByInfo(line: RedfishTalk, action: Fields): Promise<readonly string[] | null> {
  const path = action['@Redfish.ActionInfo'];
  if (typeof path !== 'string') return null;
  const { Parameters: parameters } = asObject(await line.get(path));
  const all = Array.isArray(parameters) ? parameters.map(asObject) : [];
  return textsOf(all.find((one) => one.Name === 'ResetType')?.AllowableValues);
}

type Fields = Readonly<Record<string, unknown>>;

const asObject = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

const textsOf = (value: unknown): readonly string[] | null =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : null;
