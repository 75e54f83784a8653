import type { Config } from '#core/config/config.ts';
import { type Action, type Device, type Evidence, OPERATIONS } from '#core/config/device.ts';
import { driverOf } from '../plans/compile.ts';

/**
 * What a plan would reach out to: each address with its credentials once, however many operations use it. A backup over SSH
 * and its verification are one target; the outlet of a PDU is another.
 */
export interface Target {
  /** Stable: `server-1/ssh/zhishou@10.0.0.5:22`. */
  readonly id: string;
  readonly device: Device;
  /** Whether only an `otherwise` uses it: then its failure leaves another way. */
  readonly fallback: boolean;
  readonly action: Action;
}

export function targetsOf(config: Pick<Config, 'devices'>): readonly Target[] {
  const targets = new Map<string, Target>();
  for (const device of config.devices) {
    for (const name of OPERATIONS) {
      const operation = device[name];
      if (operation === undefined) continue;
      const proofs = operation.verify.flatMap(commandOf);
      for (const action of [operation.by, ...proofs]) add(targets, device, action, false);
      for (const action of operation.otherwise) add(targets, device, action, true);
    }
  }
  return [...targets.values()];
}

const commandOf = (evidence: Evidence): Action[] => ('command' in evidence ? [evidence.command] : []);

function add(targets: Map<string, Target>, device: Device, action: Action, fallback: boolean): void {
  const id = `${device.id}/${driverOf(action)}/${addressOf(action)}`;
  const known = targets.get(id);
  if (known === undefined) targets.set(id, { id, device, action, fallback });
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
  return new URL(action.http.url).host;
}
