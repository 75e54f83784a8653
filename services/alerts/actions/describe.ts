import { type Action, DRIVERS, type DriverName } from '#core/config/device.ts';
import { invariant } from '#core/errors.ts';
import { fillTemplate } from '#core/text.ts';
import { fillUrl } from './fill-url.ts';

export type ActionKind = DriverName;

export function actionKind(action: Action): ActionKind {
  const kind = DRIVERS.find((driver) => driver in action);
  invariant(kind !== undefined, 'an action names its driver');
  return kind;
}

type Values = Readonly<Record<string, string>>;

/** One line for people: what would be or was done, without secrets. Example: `ssh zhishou@10.0.0.5: sudo shutdown -h now`. */
export function describeAction(action: Action, values: Values): string {
  if ('ssh' in action) {
    const { user, host, port, command } = action.ssh;
    return `ssh ${user}@${at(host, port, 22)}: ${fillTemplate(command, values)}`;
  }
  if ('snmp_set' in action) {
    const { device, control, index, value } = action.snmp_set;
    const words = [`snmp set ${device} ${control}`, index, value === undefined ? undefined : `to ${value}`];
    return words.filter((word) => word !== undefined).join(' ');
  }
  if ('mqtt' in action)
    return `mqtt ${fillTemplate(action.mqtt.topic, values)}: ${fillTemplate(action.mqtt.payload, values)}`;
  if ('local' in action) {
    const { command, arguments: list } = action.local;
    return `local: ${[command, ...list].map((part) => fillTemplate(part, values)).join(' ')}`;
  }
  return describeOverTheNet(action, values);
}

type NetAction = Exclude<Action, { ssh: unknown } | { snmp_set: unknown } | { mqtt: unknown } | { local: unknown }>;

function describeOverTheNet(action: NetAction, values: Values): string {
  if ('ipmi' in action) {
    const { user, host, port, power } = action.ipmi;
    return `ipmi ${user}@${at(host, port, 623)}: chassis power ${power}`;
  }
  if ('redfish' in action) {
    const { user, url, system, reset } = action.redfish;
    return `redfish ${user}@${new URL(url).host}${system === undefined ? '' : ` ${system}`}: ${reset}`;
  }
  if ('nut' in action) {
    const { ups, host, port, command, value } = action.nut;
    return `nut ${ups}@${at(host, port, 3493)}: ${command}${value === undefined ? '' : ` ${value}`}`;
  }
  if ('nut_serve' in action) {
    const { ups, say } = action.nut_serve;
    return say === 'shutdown' ? `nut clients of ${ups}: shut down` : `nut clients of ${ups}: all is well again`;
  }
  if ('wake' in action) {
    const { mac, broadcast, port } = action.wake;
    return `wake ${mac} through ${at(broadcast, port, 9)}`;
  }
  return `http ${action.http.method} ${describeUrl(fillUrl(action.http.url, values))}`;
}

const at = (host: string, port: number, usual: number): string => {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === usual ? name : `${name}:${port}`;
};

/** Robots' addresses carry their key in the query, in the user part or in a long part of the path: none of these is shown. */
export function describeUrl(url: string): string {
  if (!URL.canParse(url)) return 'the address';
  const { origin, pathname } = new URL(url);
  const parts = pathname.split('/').map((part) => (part.length >= 20 && /\d/.test(part) ? '…' : part));
  return `${origin}${parts.join('/').replace(/\/$/, '')}`;
}
