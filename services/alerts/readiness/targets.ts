import type { Config } from '#core/config/config.ts';
import { type Action, type Device, type DriverName, type Evidence, OPERATIONS } from '#core/config/device.ts';
import { lookOf } from '../actions/controller-evidence.ts';
import { driverOf } from '../plans/compile.ts';

/**
 * What a plan would reach out to: each address with its credentials once, however many operations use it. A backup over SSH
 * and its verification are one target; the outlet of a PDU is another. A controller that only proves is a target, too: a
 * proof that cannot be read is a shutdown that cannot be verified (L16).
 */
export interface Target {
  /** Stable: `server-1/ssh/zhishou@10.0.0.5:22`. */
  readonly id: string;
  readonly device: Device;
  readonly driver: DriverName;
  /** Where it goes and as whom, without the device: `zhishou@10.0.0.5:22`. */
  readonly address: string;
  /** Whether only an `otherwise` uses it: then its failure leaves another way. */
  readonly fallback: boolean;
  readonly action: Action;
}

export function targetsOf(config: Pick<Config, 'devices'>): readonly Target[] {
  const targets = new Map<string, Target>();
  const operations = config.devices.flatMap((device) =>
    OPERATIONS.flatMap((name) => {
      const operation = device[name];
      return operation === undefined ? [] : [{ device, operation }];
    }),
  );
  for (const { device, operation } of operations) {
    add(targets, device, operation.by, false);
    for (const action of operation.otherwise) add(targets, device, action, true);
  }
  // After the orders: where both go to one address, the order's test asks for more rights than a look does.
  for (const { device, operation } of operations) {
    for (const look of operation.verify.flatMap(lookAt)) add(targets, device, look, false);
  }
  return [...targets.values()];
}

/** Ports and points need no credentials: whether they answer is what the alerts of their devices say. */
function lookAt(evidence: Evidence): Action[] {
  if ('command' in evidence) return [evidence.command];
  return 'ipmi' in evidence || 'redfish' in evidence || 'http' in evidence ? [lookOf(evidence)] : [];
}

function add(targets: Map<string, Target>, device: Device, action: Action, fallback: boolean): void {
  const [driver, address] = [driverOf(action), addressOf(action)];
  const id = `${device.id}/${driver}/${address}`;
  const known = targets.get(id);
  if (known === undefined) targets.set(id, { id, device, driver, address, action, fallback });
  else if (known.fallback && !fallback) targets.set(id, { ...known, fallback });
}

/** Where it goes and as whom, never with a secret. */
function addressOf(action: Action): string {
  if ('ssh' in action) return `${action.ssh.user}@${action.ssh.host}:${action.ssh.port}`;
  if ('snmp_set' in action) {
    const { device, control, index } = action.snmp_set;
    return `${device}/${control.split('.')[0] ?? control}${index === undefined ? '' : `.${index}`}`;
  }
  if ('mqtt' in action) return action.mqtt.topic;
  if ('local' in action) return action.local.command;
  if ('ipmi' in action) return `${action.ipmi.user}@${action.ipmi.host}:${action.ipmi.port}`;
  if ('redfish' in action) return `${action.redfish.user}@${new URL(action.redfish.url).host}`;
  if ('nut' in action) return `${action.nut.ups}@${action.nut.host}:${action.nut.port}`;
  if ('nut_serve' in action) return action.nut_serve.ups;
  if ('wake' in action) return action.wake.mac;
  // Services of one host are proven each by its own path; the query may hold what is nobody's business.
  const { host, pathname } = new URL(action.http.test?.url ?? action.http.url);
  return `${host}${pathname === '/' ? '' : pathname.replaceAll('%7B', '{').replaceAll('%7D', '}')}`;
}
