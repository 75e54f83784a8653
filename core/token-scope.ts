/**
 * What an API token may be used for, beside the role it has: the lesser of both holds. A route that names no scope and changes
 * something is for people alone.
 */
export const TOKEN_SCOPES = [
  /** Everything that only looks. */
  'read',
  /** GET /metrics, where site.yaml asks for a token there. */
  'metrics',
  /** POST /alertmanager: alerts of other systems. */
  'alertmanager',
  /** Orders about alerts: to acknowledge, shelve, unshelve them. */
  'alerts:write',
  /** Every order of POST /commands that the role allows. */
  'commands',
  /** Tasks of people, written and changed. */
  'tasks:write',
  /** Entries of registers: a door's reader, a backup program. */
  'paperwork:write',
  /** Devices that are not configured yet are asked. */
  'surveys',
  /** The simulated room is changed. */
  'simulator',
] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];
