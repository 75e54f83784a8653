import type { Config } from '#core/config/config.ts';
import type { SnmpConnection } from '#core/config/device.ts';
import { type Control, resolveProfile } from '#core/config/profile.ts';
import { invariant, messageOf, ZhishouError } from '#core/errors.ts';
import type { ActionDriver, ActionOutcome, Clock, SnmpTransport } from '#core/ports.ts';
import { fillTemplate } from '#core/text.ts';
import { withinLimit } from './within-limit.ts';

/** Sets one object of a device by the control that its profile names, e.g. `outlet.off` of outlet 3. */
export function createSnmpSetDriver(dependencies: {
  readonly config: Pick<Config, 'devices' | 'profiles'>;
  readonly transport: SnmpTransport;
  readonly clock: Clock;
}): ActionDriver {
  const { config, transport, clock } = dependencies;
  return {
    run(action, context) {
      invariant('snmp_set' in action, 'the snmp_set driver runs snmp_set actions');
      const { device: id, control: name, index } = action.snmp_set;
      const found = findControl(config, id, name);
      if (typeof found === 'string') return Promise.resolve({ result: 'failed', detail: found });
      const { connection, control } = found;
      if (control.oid.includes('{index}') && index === undefined) {
        return Promise.resolve({ result: 'failed', detail: `${name} of ${id} needs an index` });
      }
      const oid = fillTemplate(control.oid, { index: String(index ?? '') });
      return withinLimit(
        clock,
        context.limit,
        set(transport, connection, { oid, type: control.type, value: control.value }),
      );
    },
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
