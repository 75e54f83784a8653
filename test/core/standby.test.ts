import { describe, expect, it } from 'vitest';
import { planSchema } from '#core/config/plan.ts';
import { type Standby, standbySchema, withStandby } from '#core/config/standby.ts';

const spare = (id: string, kinds: string[], more = {}): Standby =>
  standbySchema.parse({
    id,
    name: { zh: `备件${id}`, en: `spare ${id}` },
    stands_for: kinds,
    place: { zh: '二号柜', en: 'rack 2' },
    how: { zh: '装上。', en: 'Put it in.' },
    function: 'network-administrator',
    within: '2h',
    ...more,
  });

const plan = (steps: unknown[]) =>
  planSchema.parse({
    id: 'theft',
    version: '1',
    title: 'Theft',
    source: 'test',
    level: 'serious',
    triggers: {},
    steps,
  });
const forEach = (more = {}) => ({
  id: 'standby',
  title: { zh: '启用{standby}', en: 'Put in: {standby}' },
  stage: 'respond',
  task: {
    for_each: { standby: ['server'] },
    function: 'duty',
    script: {
      zh: '{standby}在{standby_place}，{site}。{standby_how}',
      en: '{standby}: {standby_place}. {standby_how}',
    },
  },
  ...more,
});
const last = {
  id: 'last',
  title: 'Last',
  stage: 'respond',
  after: ['standby'],
  task: { function: 'duty', script: 'x' },
};

describe('the standby list (O-THF-3)', () => {
  it('makes one task of each thing that fits, in both languages, done by whom the list names', () => {
    const { steps } = withStandby(plan([forEach(), last]), [
      spare('a', ['server']),
      spare('b', ['network']),
      spare('c', ['storage', 'server']),
    ]);
    expect(steps.map(({ id }) => id)).toEqual(['standby-a', 'standby-c', 'last']);
    expect(steps[0]).toMatchObject({
      title: { zh: '启用备件a', en: 'Put in: spare a' },
      task: {
        function: 'network-administrator',
        within: 7_200_000,
        // What is filled in when the message is written stays.
        script: { zh: '备件a在二号柜，{site}。装上。', en: 'spare a: rack 2. Put it in.' },
      },
    });
    expect(steps[0]).not.toHaveProperty('task.for_each');
  });

  it('lets what waits for it wait for all of them, and for nothing where nothing is on the list', () => {
    const both = withStandby(plan([forEach(), last]), [spare('a', ['server']), spare('c', ['server'])]);
    expect(both.steps.at(-1)?.after).toEqual(['standby-a', 'standby-c']);
    const none = withStandby(plan([forEach(), last]), []);
    expect(none.steps.map(({ id, after }) => [id, after])).toEqual([['last', []]]);
  });

  it('reaches into what is done side by side and into branches', () => {
    const inner = [forEach({ stage: undefined }), { ...last, id: 'other', after: [] }];
    const { steps } = withStandby(
      plan([
        { id: 'both', title: 'Both', stage: 'respond', together: inner },
        {
          id: 'either',
          title: 'Either',
          stage: 'respond',
          choose: [{ when: { hours: 'off' }, steps: [forEach({ id: 'again', stage: undefined })] }, { steps: [last] }],
        },
      ]),
      [spare('a', ['server'])],
    );
    expect(JSON.stringify(steps)).toContain('"standby-a"');
    expect(JSON.stringify(steps)).toContain('"again-a"');
    expect(JSON.stringify(steps)).not.toContain('for_each');
  });

  it('leaves a plan without such a task as it is', () => {
    const plain = plan([{ ...last, after: [] }]);
    expect(withStandby(plain, [spare('a', ['server'])])).toBe(plain);
  });
});
