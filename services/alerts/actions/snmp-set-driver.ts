import type { Config } from '#core/config/config.ts';
import type { Action, SnmpConnection } from '#core/config/device.ts';
import { type Control, resolveProfile } from '#core/config/profile.ts';
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
    work: (connection: SnmpConnection, varbind: SetVarbind) => Promise<ActionOutcome>,
  ): Promise<ActionOutcome> => {
    invariant('snmp_set' in action, 'the snmp_set driver is for snmp_set actions');
    const found = findObject(config, action.snmp_set);
    if (typeof found === 'string') return Promise.resolve({ result: 'failed', detail: found });
    return withinLimit(clock, limit, work(found.connection, found.varbind));
  };
  return {
    run: (action, context) => use(action, context.limit, (connection, varbind) => set(transport, connection, varbind)),
    test: (action, context) => use(action, context.limit, (connection, { oid }) => read(transport, connection, oid)),
  };
}

type SetVarbind = Parameters<ReturnType<SnmpTransport['open']>['set']>[0][number];

async function set(transport: SnmpTransport, connection: SnmpConnection, varbind: SetVarbind): Promise<ActionOutcome> {
  const link = transport.open(connection);
  try {
    await link.set([varbind]);
    return { result: 'ok', detail: `set ${varbind.oid} to ${varbind.value}` };
  } catch (error) {
    // Refused by the agent: it did not do it. No answer: it may have done it (UDP loses answers too).
    const refused = error instanceof ZhishouError && error.code === 'REFUSED';
    return { result: refused ? 'failed' : 'unknown', detail: messageOf(error) };
  } finally {
    link.close();
  }
}

/** Reads it; no side effect. */
async function read(transport: SnmpTransport, connection: SnmpConnection, oid: string): Promise<ActionOutcome> {
  const link = transport.open(connection);
  try {
    const [varbind] = await link.get([oid]);
    if (varbind === undefined || ABSENT.has(varbind.type))
      return { result: 'failed', detail: `the agent answers and has no ${oid} (${varbind?.type ?? 'no value'})` };
    const detail = `${oid} is ${String(varbind.value)}; that it may be written shows only when it is`;
    return { result: 'ok', detail };
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
): { connection: SnmpConnection; varbind: SetVarbind } | string {
  const found = findControl(config, device, name);
  if (typeof found === 'string') return found;
  const { connection, control } = found;
  if (control.oid.includes('{index}') && index === undefined) return `${name} of ${device} needs an index`;
  if (control.value !== undefined && given !== undefined) return `${name} of ${device} takes no value`;
  const value = control.value ?? given;
  if (value === undefined) return `${name} of ${device} needs a value`;
  const oid = fillTemplate(control.oid, { index: String(index ?? '') });
  return { connection, varbind: { oid, type: control.type, value } };
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
