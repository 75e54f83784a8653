import { describe, expect, it } from 'vitest';
import type { CommandBody } from '#core/command.ts';
import type { Plan } from '#core/config/plan.ts';
import type { IncidentView, StepView } from '#core/incident.ts';
import { seededRandom } from '#core/random.ts';
import { sameText } from '#core/text.ts';
import { minutes } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { createPeople, parseAnswer } from '#simulators/people.ts';
import { START, silentLog } from './sample-room.ts';

const step = (more: Partial<StepView>): StepView =>
  ({ id: 'ask-outlook', kind: 'ask', state: 'waiting', answers: [], ...more }) as unknown as StepView;
const view = (steps: readonly StepView[], more: Partial<IncidentView> = {}): IncidentView =>
  ({
    id: 'inc-1',
    plan: { id: 'power-outage', version: '1', title: sameText('x') },
    phase: 'responding',
    acknowledged: null,
    clocks: { limitS: 5400 },
    steps,
    ...more,
  }) as unknown as IncidentView;
const option = (id: string, takes: 'nothing' | 'duration' | 'time' = 'nothing') => ({
  id,
  takes,
  label: sameText(id),
  people: 1,
  givenBy: [],
  consequence: null,
});
const planWith = (answers: readonly { id: string; takes: string; outlook?: string }[]): Plan =>
  ({ id: 'power-outage', steps: [{ id: 'ask-outlook', ask: { answers } }] }) as unknown as Plan;

function run(
  answer: string,
  steps: readonly StepView[],
  plans: readonly Plan[] = [],
  more: Partial<Parameters<typeof createPeople>[0]> = {},
) {
  const clock = createVirtualClock(START);
  const sent: CommandBody[] = [];
  const persons: string[] = [];
  const people = createPeople({
    clock,
    random: seededRandom(1),
    log: silentLog,
    answer: parseAnswer(answer),
    plans,
    send: (body, _, person) => {
      sent.push(body);
      persons.push(person);
    },
    ...more,
  });
  people.onIncident(view(steps));
  return { clock, sent, persons, people };
}

describe('simulated people', () => {
  const answers = [option('back-soon'), option('long'), option('for', 'duration'), option('no-idea')];
  const plan = planWith([
    { id: 'back-soon', takes: 'nothing', outlook: 'within' },
    { id: 'long', takes: 'nothing', outlook: 'over' },
    { id: 'for', takes: 'duration', outlook: 'given' },
    { id: 'no-idea', takes: 'nothing', outlook: 'unknown' },
  ]);

  it.each([
    ['>90m', { answer: 'long' }, 'the plan says which answer means over'],
    ['over', { answer: 'long' }, 'in words'],
    ['<90m', { answer: 'back-soon' }, 'the plan says which answer means within'],
    ['within', { answer: 'back-soon' }, 'in words'],
    ['45m', { answer: 'for', minutes: 45 }, 'a length goes to the answer that takes one'],
  ])('told %s answer by what the plan’s answers mean', (said, expected, _reason) => {
    const { clock, sent } = run(said, [step({ answers })], [plan]);
    clock.advanceBy(minutes(4));
    expect(sent.filter((one) => one.kind === 'incident.answer')).toEqual([
      { kind: 'incident.answer', incident: 'inc-1', step: 'ask-outlook', ...expected },
    ]);
  });

  it('give a time where the plan asks for one, and a choice where it takes no length', () => {
    const timed = run(
      '45m',
      [step({ answers: [option('at', 'time')] })],
      [planWith([{ id: 'at', takes: 'time', outlook: 'given' }])],
    );
    timed.clock.advanceBy(minutes(4));
    expect(timed.sent.find((one) => one.kind === 'incident.answer')).toMatchObject({
      until: expect.stringMatching(/^2026-11-23T01:4/),
    });
    const chosen = run('3h', [step({ answers: answers.filter((one) => one.takes === 'nothing') })], [plan]);
    chosen.clock.advanceBy(minutes(4));
    expect(chosen.sent.find((one) => one.kind === 'incident.answer')).toMatchObject({ answer: 'long' });
  });

  it('acknowledge, do their tasks, answer other questions, and each once while it takes effect', () => {
    const { clock, sent, people } = run('>90m', [
      step({ id: 'call', kind: 'task' }),
      step({ id: 'evacuate', answers: [option('yes'), option('no')] }),
    ]);
    clock.advanceBy(minutes(4));
    expect(sent.map((one) => one.kind).sort()).toEqual([
      'incident.acknowledge',
      'incident.answer',
      'incident.task-done',
    ]);
    people.onIncident(view([step({ id: 'call', kind: 'task', state: 'done' })], { acknowledged: { by: 'x', at: '' } }));
    clock.advanceBy(minutes(60));
    expect(sent).toHaveLength(3);
  });

  it('try again when an order had no effect, three times at most', () => {
    const { clock, sent } = run('>90m', [step({ id: 'call', kind: 'task' })]);
    clock.advanceBy(minutes(120));
    expect(sent.filter((one) => one.kind === 'incident.task-done')).toHaveLength(3);
  });

  it('told none never do anything, not even acknowledge', () => {
    const { clock, sent } = run('none', [step({ answers })], [plan]);
    clock.advanceBy(minutes(600));
    expect(sent).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('take the same time for the same seed', () => {
    const times = (): number[] => {
      const { clock, sent } = run('>90m', [step({ answers })], [plan]);
      const at: number[] = [];
      for (let i = 0; i < 240; i++) {
        const before = sent.length;
        clock.advanceBy(1000 as never);
        if (sent.length > before) at.push(i);
      }
      return at;
    };
    expect(times()).toEqual(times());
    expect(times()).toHaveLength(2);
  });

  describe('with habits', () => {
    const answersOf = (sent: readonly CommandBody[]) =>
      sent.flatMap((one) => (one.kind === 'incident.answer' ? [one.answer] : []));

    it('leave one step to nobody and do the others', () => {
      const steps = [step({ id: 'call', kind: 'task' }), step({ id: 'look', kind: 'task' })];
      const { clock, sent } = run('>90m', steps, [], { habits: { steps: { call: { never: true } } } });
      clock.advanceBy(minutes(60));
      const done = new Set(sent.flatMap((one) => (one.kind === 'incident.task-done' ? [one.step] : [])));
      expect([...done]).toEqual(['look']);
    });

    it('come later than the step allows', () => {
      const habits = { all: { late: minutes(30) } };
      const { clock, sent } = run('>90m', [step({ id: 'call', kind: 'task', withinS: 300 })], [], { habits });
      clock.advanceBy(minutes(29));
      expect(sent.some((one) => one.kind === 'incident.task-done')).toBe(false);
      clock.advanceBy(minutes(5));
      expect(sent.some((one) => one.kind === 'incident.task-done')).toBe(true);
    });

    it('say the wrong thing first and the right one afterwards', () => {
      const habits = { all: { wrong: true, corrects: minutes(2) } };
      const { clock, sent } = run('>90m', [step({ answers })], [plan], { habits });
      clock.advanceBy(minutes(4.9));
      expect(answersOf(sent)).toEqual(['back-soon', 'long']);
    });

    it('differ by person: of two who must both confirm, one never comes', () => {
      const both = { ...option('cut'), people: 2 };
      const cut = step({ id: 'cut-power', answers: [both, option('wait')] });
      const options = { choices: { 'cut-power': 'cut' }, people: ['gao-jie', 'lin-hao'] };
      const whole = run('>90m', [cut], [], options);
      whole.clock.advanceBy(minutes(4));
      expect(answersOf(whole.sent)).toEqual(['cut', 'cut']);
      expect(new Set(whole.persons)).toEqual(new Set(['gao-jie', 'lin-hao']));
      const half = run('>90m', [cut], [], { ...options, habits: { people: { 'lin-hao': { never: true } } } });
      half.clock.advanceBy(minutes(4));
      expect(answersOf(half.sent)).toEqual(['cut']);
    });

    it('hand the incident over, once (O-ORG-2)', () => {
      const { clock, sent, people } = run('>90m', [], [], {
        habits: { handOver: { after: minutes(10), to: 'lin-hao' } },
      });
      people.onIncident(view([]));
      clock.advanceBy(minutes(60));
      people.onIncident(view([]));
      clock.advanceBy(minutes(60));
      expect(sent.filter((one) => one.kind === 'incident.hand-over')).toEqual([
        expect.objectContaining({ incident: 'inc-1', to: 'lin-hao' }),
      ]);
    });
  });

  it('an answer that means nothing is refused with the mend', () => {
    expect(() => parseAnswer('perhaps')).toThrow(/write/);
  });
});
