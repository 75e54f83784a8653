import { describe, expect, it } from 'vitest';
import { scoreDrill } from '#core/drill-score.ts';
import type { IncidentView, StepView, TimelineEntry } from '#core/incident.ts';
import type { DeliveryView } from '#core/notification.ts';
import { sameText } from '#core/text.ts';

/** O-DRL-1: the score of a drill, from what was published of it. */

const AT = Date.parse('2026-01-14T02:00:00Z');
const iso = (s: number): string => new Date(AT + s * 1000).toISOString();

const step = (id: string, kind: StepView['kind'], more: Partial<StepView> = {}): StepView =>
  ({
    id,
    kind,
    title: sameText(id),
    stage: 'respond',
    state: 'done',
    role: kind === 'act' ? null : 'duty',
    person: 'lin-hao',
    answer: kind === 'ask' ? { id: 'yes', label: sameText('yes'), by: 'lin-hao', at: iso(60) } : null,
    startedAt: iso(0),
    endedAt: iso(60),
    withinS: 120,
    detail: null,
    ...more,
  }) as unknown as StepView;

const entry = (
  who: string,
  s: number,
  stepId: string | null,
  figures: TimelineEntry['figures'] = {},
): TimelineEntry => ({
  seq: s,
  at: iso(s),
  elapsedS: s,
  kind: 'order',
  what: sameText('x'),
  who,
  why: null,
  figures,
  step: stepId,
});

const view = (
  steps: readonly StepView[],
  timeline: readonly TimelineEntry[],
  more: Partial<IncidentView> = {},
): IncidentView =>
  ({
    id: 'inc-1',
    phase: 'closed',
    openedAt: iso(0),
    acknowledged: { by: 'lin-hao', at: iso(40) },
    steps,
    timeline,
    ...more,
  }) as unknown as IncidentView;

const message = (key: string, more: Partial<DeliveryView> = {}): DeliveryView =>
  ({ key: `inc-1/${key}`, incident: 'inc-1', person: 'lin-hao', state: 'sent', ...more }) as unknown as DeliveryView;

const part = (score: ReturnType<typeof scoreDrill>, id: string) => score.parts.find((one) => one.id === id);

describe('the score of a drill', () => {
  const well = [step('look', 'ask'), step('call', 'task'), step('sound:siren-1', 'act')];
  const said = [entry('lin-hao', 60, 'look'), entry('gao-jie', 90, 'call')];

  it('is 100 when everybody was in time, everything proven and every message taken', () => {
    const score = scoreDrill(view(well, said), [message('look/ask/1'), message('call/task/1', { person: 'gao-jie' })]);
    expect([score.figure, score.late, score.lacks, score.acknowledgedS]).toEqual([100, [], [], 40]);
    expect(score.people).toEqual([
      { person: 'gao-jie', firstWordS: 90, answers: 0, tasks: 1, late: 0, messages: 1 },
      { person: 'lin-hao', firstWordS: 60, answers: 1, tasks: 0, late: 0, messages: 1 },
    ]);
  });

  it.each<[string, IncidentView, readonly DeliveryView[], string, number, string]>([
    ['nobody acknowledged', view(well, said, { acknowledged: null }), [], 'acknowledged', 0, ''],
    [
      'only the product did',
      view(well, said, { acknowledged: { by: 'zhishou', at: iso(1) } }),
      [],
      'acknowledged',
      0,
      '',
    ],
    ['after fifteen minutes', view(well, said, { acknowledged: { by: 'x', at: iso(900) } }), [], 'acknowledged', 0, ''],
    [
      'a default was taken',
      view([step('look', 'ask', { answer: { id: 'no', label: sameText('no'), by: 'zhishou', at: iso(120) } })], []),
      [],
      'answers',
      0,
      'default was taken',
    ],
    [
      'a task was late',
      view([step('call', 'task')], [entry('x', 300, 'call', { lateS: 60 })]),
      [],
      'tasks',
      0,
      'Task late',
    ],
    ['a task is still open', view([step('call', 'task', { state: 'waiting' })], []), [], 'tasks', 0, 'Task late'],
    ['an act failed', view([step('sound:siren-1', 'act', { state: 'failed' })], []), [], 'acts', 0, 'Not achieved'],
    ['one reminder for one task', view([step('call', 'task')], []), [message('call/reminder/9')], 'reminders', 0, ''],
    ['a message died', view([], []), [message('a/b', { state: 'dead' })], 'messages', 0, 'do not reach'],
    [
      'nobody has the role',
      view([step('call', 'task', { person: null })], []),
      [],
      'tasks',
      25,
      'Nobody to give it to',
    ],
    ['it was not closed', view([step('call', 'task')], [], { phase: 'responding' }), [], 'tasks', 25, 'Not closed'],
  ])('tells that %s', (_, incident, deliveries, id, points, lack) => {
    const score = scoreDrill(incident, deliveries);
    expect(part(score, id)?.points).toBe(points);
    expect(score.lacks.map(({ en }) => en).join('; ')).toContain(lack);
    for (const text of score.lacks) expect(text.zh).toMatch(/\p{Script=Han}/u);
  });

  it('leaves out what had nothing to judge, and what was skipped', () => {
    const score = scoreDrill(view([step('leave', 'task', { state: 'skipped' })], []), []);
    expect(score.parts.map(({ id }) => id)).toEqual(['acknowledged']);
    expect(score.figure).toBe(100);
  });

  it('names who was late, by how much, and who did it in the end', () => {
    const score = scoreDrill(view([step('call', 'task')], [entry('gao-jie', 300, 'call', { lateS: 180 })]), []);
    expect(score.late).toEqual([
      { step: 'call', title: sameText('call'), role: 'duty', withinS: 120, tookS: 300, by: 'gao-jie' },
    ]);
  });
});
