import type { CommandKind, Role } from '#core/command.ts';

/**
 * Who may do what, for showing or explaining buttons. core/command.ts is the truth, but it carries zod, which would cost
 * the first load 20 kB; test/web/roles.test.ts keeps this copy equal to it.
 */
export const ROLE_ORDER: readonly Role[] = ['viewer', 'duty', 'operator', 'director', 'administrator'];

export const NEEDED_ROLE: Readonly<Record<CommandKind, Role>> = {
  'incident.answer': 'duty',
  'incident.task-done': 'duty',
  'incident.waive': 'operator',
  'incident.acknowledge': 'duty',
  'incident.start-sequence': 'duty',
  'incident.stand-down': 'operator',
  'incident.open': 'duty',
  'incident.close': 'operator',
  'incident.hand-over': 'duty',
  'incident.raise-level': 'duty',
  'incident.note': 'duty',
  'outage.plan': 'duty',
  'outage.cancel': 'operator',
  'readiness.test': 'operator',
  'alert.acknowledge': 'duty',
  'rules.reload': 'operator',
  'rule.override': 'operator',
  'rule.override-remove': 'operator',
  'alert.silence': 'operator',
  'alert.unshelve': 'duty',
  'maintenance.start': 'operator',
  'maintenance.end': 'duty',
  'rota.swap': 'duty',
  'rota.cover': 'duty',
  'rota.cancel': 'duty',
  'rota.note': 'duty',
  'rota.accept': 'duty',
  'delivery.retry': 'operator',
  'delivery.dismiss': 'operator',
  'contact.test': 'operator',
  'battery-test.start': 'operator',
  'battery-test.confirm': 'operator',
  'battery-test.stop': 'duty',
  'site.arm': 'administrator',
  'site.disarm': 'operator',
};

export const atLeast = (role: Role, needed: Role): boolean => ROLE_ORDER.indexOf(role) >= ROLE_ORDER.indexOf(needed);
export const mayOrder = (role: Role | null, kind: CommandKind): boolean =>
  role !== null && atLeast(role, NEEDED_ROLE[kind]);
