import type { Action } from '#core/config/device.ts';
import { fillTemplate } from '#core/text.ts';

export type ActionKind = 'ssh' | 'snmp_set' | 'mqtt' | 'local';

export function actionKind(action: Action): ActionKind {
  if ('ssh' in action) return 'ssh';
  if ('snmp_set' in action) return 'snmp_set';
  return 'mqtt' in action ? 'mqtt' : 'local';
}

/** One line for people: what would be or was done, without secrets. Example: `ssh zhishou@10.0.0.5: sudo shutdown -h now`. */
export function describeAction(action: Action, values: Readonly<Record<string, string>>): string {
  if ('ssh' in action) {
    const { user, host, port, command } = action.ssh;
    return `ssh ${user}@${host}${port === 22 ? '' : `:${port}`}: ${fillTemplate(command, values)}`;
  }
  if ('snmp_set' in action) {
    const { device, control, index } = action.snmp_set;
    return `snmp set ${device} ${control}${index === undefined ? '' : ` ${index}`}`;
  }
  if ('mqtt' in action)
    return `mqtt ${fillTemplate(action.mqtt.topic, values)}: ${fillTemplate(action.mqtt.payload, values)}`;
  const { command, arguments: list } = action.local;
  return `local: ${[command, ...list].map((part) => fillTemplate(part, values)).join(' ')}`;
}
