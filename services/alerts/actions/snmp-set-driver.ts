import type { Config } from '#core/config/config.ts';
import type { SnmpConnection } from '#core/config/connections.ts';
import type { Action } from '#core/config/device.ts';
import { type Control, valueProblem } from '#core/config/profile.ts';
import { resolveProfile } from '#core/config/resolve-profile.ts';
import { invariant, messageOf, ZhishouError } from '#core/errors.ts';
import type { ActionDriver, ActionOutcome, Clock, SnmpTransport } from '#core/ports.ts';
import { fillTemplate } from '#core/text.ts';
import type { Duration } from '#core/time.ts';
import { withinLimit } from './within-limit.ts';

/**
 * Sets one object of a device by the control that its profile names, e.g. `outlet.off` of outlet 3. Its test reads the same
 * object with the same credentials: that they may also write it cannot be proven without doing it.
 */
export function createSnmpSetDriver(dependencies: {
  readonly config: Pick<Config, 'devices' | 'profiles'>;
  readonly transport: SnmpTransport;
  readonly clock: Clock;
}): ActionDriver {
  const { config, transport, clock } = dependencies;
  const use = (
    action: Action,
    limit: Duration,
    work: (connection: SnmpConnection, varbinds: readonly SetVarbind[]) => Promise<ActionOutcome>,
  ): Promise<ActionOutcome> => {
    invariant('snmp_set' in action, 'the snmp_set driver is for snmp_set actions');
    const found = findObject(config, action.snmp_set);
    if (typeof found === 'string') return Promise.resolve({ result: 'failed', detail: found });
    return withinLimit(clock, limit, work(found.connection, found.varbinds));
  };
  return {
    run: (action, context) =>
      use(action, context.limit, (connection, varbinds) => set(transport, connection, varbinds)),
    test: (action, context) =>
      use(action, context.limit, (connection, varbinds) => read(transport, connection, varbinds)),
  };
}

type SetVarbind = Parameters<ReturnType<SnmpTransport['open']>['set']>[0][number];

/** All of them in one request: an agent takes all or none (RFC 3416 section 4.2.5). */
async function set(
  transport: SnmpTransport,
  connection: SnmpConnection,
  varbinds: readonly SetVarbind[],
): Promise<ActionOutcome> {
  const link = transport.open(connection);
  try {
    await link.set(varbinds);
    return { result: 'ok', detail: varbinds.map(({ oid, value }) => `set ${oid} to ${value}`).join(', ') };
  } catch (error) {
    // Refused by the agent: it did not do it. No answer: it may have done it (UDP loses answers too).
    const refused = error instanceof ZhishouError && error.code === 'REFUSED';
    return { result: refused ? 'failed' : 'unknown', detail: messageOf(error) };
  } finally {
    link.close();
  }
}

/** Reads them; no side effect. */
async function read(
  transport: SnmpTransport,
  connection: SnmpConnection,
  wanted: readonly SetVarbind[],
): Promise<ActionOutcome> {
  const link = transport.open(connection);
  try {
    const answers = await link.get(wanted.map(({ oid }) => oid));
    for (const [i, { oid }] of wanted.entries()) {
      const answer = answers[i];
      if (answer !== undefined && !ABSENT.has(answer.type)) continue;
      return { result: 'failed', detail: `the agent answers and has no ${oid} (${answer?.type ?? 'no value'})` };
    }
    const said = answers.map(({ oid, value }) => `${oid} is ${String(value)}`).join(', ');
    return { result: 'ok', detail: `${said}; that it may be written shows only when it is` };
  } catch (error) {
    return { result: 'failed', detail: messageOf(error) };
  } finally {
    link.close();
  }
}

const ABSENT: ReadonlySet<string> = new Set(['NoSuchObject', 'NoSuchInstance', 'EndOfMibView', 'Null']);

/** What would be set where, or why it cannot be. */
function findObject(
  config: Pick<Config, 'devices' | 'profiles'>,
  { device, control: name, index, value: given }: Extract<Action, { snmp_set: unknown }>['snmp_set'],
): { connection: SnmpConnection; varbinds: readonly SetVarbind[] } | string {
  const found = findControl(config, device, name);
  if (typeof found === 'string') return found;
  const { connection, control } = found;
  if (control.oid.includes('{index}') && index === undefined) return `${name} of ${device} needs an index`;
  const problem = valueProblem(control, given);
  if (problem !== null) return `${name} of ${device} ${problem}`;
  const fill = (oid: string): string => fillTemplate(oid, { index: String(index ?? '') });
  const companions = control.with.map(({ oid, type, value, plus }) => ({
    oid: fill(oid),
    type,
    value: value ?? (given ?? 0) + plus,
  }));
  const main = { oid: fill(control.oid), type: control.type, value: control.value ?? given ?? 0 };
  // What it is to do comes before what sets it off.
  return { connection, varbinds: [...companions, main] };
}

/** The device's connection and its profile's control, or why there is none. */
function findControl(
  config: Pick<Config, 'devices' | 'profiles'>,
  id: string,
  name: string,
): { connection: SnmpConnection; control: Control } | string {
  const device = config.devices.find((one) => one.id === id);
  if (device?.snmp === undefined) return `${id} is not a device read over SNMP`;
  const profile = device.profile === undefined ? null : resolveProfile(device.profile, config.profiles);
  const control = profile?.controls[name];
  if (control === undefined) return `the profile ${device.profile ?? '(none)'} of ${id} has no control ${name}`;
  return { connection: device.snmp, control };
}
