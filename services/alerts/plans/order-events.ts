import type { PersonCommand } from '#core/command.ts';
import type { Person } from '#core/config/people.ts';
import { fromIso, plus, seconds } from '#core/time.ts';
import type { EventBody } from './events.ts';

/** A person's command as an event of the incident; times become steady time. Null: it is none. */
export function orderOf(
  command: PersonCommand,
  offsetMs: number,
  people: readonly Person[],
): EventBody | 'nobody' | null {
  const { body } = command;
  const by = command.by.user;
  switch (body.kind) {
    case 'incident.answer': {
      const wall = body.until === undefined ? null : fromIso(body.until);
      return {
        type: 'answer',
        step: body.step,
        answer: body.answer,
        by,
        minutes: body.minutes ?? null,
        until: wall === null ? null : plus(wall, seconds(-offsetMs / 1000)),
      };
    }
    case 'incident.task-done':
      return { type: 'task-done', step: body.step, by, note: body.note ?? null };
    case 'incident.waive':
      return { type: 'waive', step: body.step, by, reason: body.reason };
    case 'incident.acknowledge':
      return { type: 'acknowledge', by, ...(body.via === undefined ? {} : { via: body.via }) };
    case 'incident.start-sequence':
      return { type: 'start-sequence', by, reason: body.reason };
    case 'incident.stand-down':
      return { type: 'stand-down', by, reason: body.reason };
    case 'incident.close':
      return { type: 'close', by, reason: body.reason };
    case 'incident.hand-over': {
      const person = people.find(({ id }) => id === body.to);
      if (person === undefined) return 'nobody';
      const to = { id: person.id, name: person.name, phone: person.phone ?? null };
      return { type: 'hand-over', by, to, note: body.note };
    }
    case 'incident.raise-level':
      return { type: 'raise-level', by, level: body.level, reason: body.reason };
    case 'incident.note':
      return { type: 'note', by, text: body.text };
    default:
      return null;
  }
}
