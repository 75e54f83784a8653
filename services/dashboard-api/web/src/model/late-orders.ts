import type { CommandBody, CommandKind } from '#core/command.ts';

/** Orders that did not get through when they were pressed: which of them may still go out by themselves, and as what. Pure. */

/** What it would mean later is what it meant when it was pressed. */
const MAY_FOLLOW: ReadonlySet<CommandKind> = new Set<CommandKind>([
  'incident.answer',
  'incident.task-done',
  'incident.acknowledge',
  'incident.note',
  'alert.acknowledge',
]);
const FOLLOWS_WITHIN_MS = 10 * 60_000;

/** It goes out by itself with the connection; otherwise its person is asked. `lateMs` below nothing: somebody has set the clock. */
export const follows = (body: CommandBody, lateMs: number): boolean =>
  MAY_FOLLOW.has(body.kind) && lateMs >= 0 && lateMs <= FOLLOWS_WITHIN_MS;

/** "Thirty minutes from now" was said then: what is left of them. */
export function asMeantThen(body: CommandBody, lateMs: number): CommandBody {
  if (body.kind !== 'incident.answer' || body.minutes === undefined) return body;
  return { ...body, minutes: Math.max(0, body.minutes - Math.floor(Math.max(0, lateMs) / 60_000)) };
}
