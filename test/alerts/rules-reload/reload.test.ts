import { describe, expect, it } from 'vitest';
import type { Rule } from '#core/config/rule.ts';
import { minutes, seconds } from '#core/time.ts';
import { openStateStore } from '#platform/state-store.ts';
import { makeService, type Service, type ServiceOptions } from '../service.ts';
import { makeBatch, makeConfig, makeRule, T0 } from '../support.ts';
import { BROKEN, fakeFiles } from './reload-rig.ts';

const hot = (more: Record<string, unknown> = {}): Rule =>
  makeRule({
    ...{ id: 'hot', on: { kinds: ['sensor'] }, for: '5m', severity: 'medium' },
    when: { point: 'ambient.temperature', above: 27, clear: 26 },
    ...more,
  });
const wet = (more: Record<string, unknown> = {}): Rule =>
  makeRule({ id: 'wet', on: { devices: ['th-1'] }, when: { point: 'ambient.humidity', above: 60 }, ...more });

async function begin(rules: readonly Rule[], more: ServiceOptions = {}) {
  const files = fakeFiles(rules);
  const service = makeService({ config: makeConfig({ rules }), ruleFiles: files, ...more });
  await service.start();
  return { service, files };
}

const measure = (service: Service, points: Record<string, number | null>): Promise<void> =>
  service.publish(makeBatch('th-1', service.clock.now(), points));
const alerts = (service: Service, rule: string) => service.seen('alert/+').filter((view) => view.rule === rule);
const newest = (service: Service, rule: string) => alerts(service, rule).at(-1);
/** Of the rules under test. */
const subjects = (service: Service): readonly string[] =>
  service.channels.phone.sent.map(({ subject }) => subject).filter((subject) => subject.includes('Rule'));
const write = async (
  { service, files }: Awaited<ReturnType<typeof begin>>,
  ...what: Parameters<(typeof files)['write']>
): Promise<void> => {
  files.write(...what);
  await service.advance(seconds(0));
};

describe('other rules taken over while the service runs', () => {
  it('keep the timer of a pending `for` of a rule whose texts alone have changed (L28)', async () => {
    const rig = await begin([hot()]);
    const { service } = rig;
    await measure(service, { 'ambient.temperature': 30 });
    await service.advance(minutes(4));
    await write(rig, [hot({ title: { zh: '热', en: 'Hot' } })]);
    await measure(service, { 'ambient.temperature': 30 });
    await service.advance(seconds(59));
    expect(newest(service, 'hot')).toMatchObject({ state: 'pending', title: { en: 'Hot' } });
    await service.advance(seconds(1));
    expect(newest(service, 'hot')).toMatchObject({ state: 'firing' });
    await service.stop();
  });

  it('keep since when it has been so under another limit and a shorter `for`, and fire by the next reading (L28)', async () => {
    const rig = await begin([hot()]);
    const { service } = rig;
    await measure(service, { 'ambient.temperature': 30 });
    await service.advance(minutes(3));
    await write(rig, [hot({ for: '2m', when: { point: 'ambient.temperature', above: 28, clear: 26 } })]);
    expect(newest(service, 'hot')).toMatchObject({ state: 'pending' });
    await measure(service, { 'ambient.temperature': 30 });
    expect(newest(service, 'hot')).toMatchObject({ state: 'firing' });
    await service.stop();
  });

  it('begin nothing by being loaded: a limit that is passed already fires with the next reading, also with one that says the same (L8)', async () => {
    const rig = await begin([hot({ for: '0s' })]);
    const { service } = rig;
    await measure(service, { 'ambient.temperature': 25, 'ambient.humidity': 70 });
    await write(rig, [hot({ for: '0s', when: { point: 'ambient.temperature', above: 24 } }), wet()]);
    expect(service.seen('alert/+')).toEqual([]);
    await measure(service, { 'ambient.temperature': 25, 'ambient.humidity': 70 });
    expect(newest(service, 'hot')).toMatchObject({ state: 'firing' });
    expect(newest(service, 'wet')).toMatchObject({ state: 'firing' });
    await service.stop();
  });

  it('keep the alert, the same one, where it is still so, with the new words and severity', async () => {
    const rig = await begin([hot({ for: '0s' })]);
    const { service } = rig;
    await measure(service, { 'ambient.temperature': 30 });
    const before = newest(service, 'hot');
    const told = subjects(service).length;
    await write(rig, [hot({ for: '0s', severity: 'high', when: { point: 'ambient.temperature', above: 29 } })]);
    await measure(service, { 'ambient.temperature': 30 });
    expect(newest(service, 'hot')).toMatchObject({ id: before?.id, state: 'firing', severity: 'high' });
    expect(subjects(service)).toHaveLength(told);
    await service.stop();
  });

  it('end the alert of a limit that was raised above the value, and say that the rules ended it and not the room (L8, L31)', async () => {
    const rig = await begin([hot({ for: '0s' })]);
    const { service } = rig;
    await measure(service, { 'ambient.temperature': 30 });
    await write(rig, [hot({ for: '0s', when: { point: 'ambient.temperature', above: 33 } })]);
    expect(newest(service, 'hot')).toMatchObject({ state: 'cleared' });
    expect(subjects(service).filter((subject) => subject.includes('ENDED BY A CHANGE OF RULES'))).toHaveLength(1);
    expect(subjects(service).join()).not.toContain('RECOVERED');
    await measure(service, { 'ambient.temperature': 30 });
    expect(alerts(service, 'hot').filter(({ state }) => state === 'cleared')).toHaveLength(1);
    await service.stop();
  });

  it('retire the alert of a rule that is gone, tell its end once, and never again (L8, L31)', async () => {
    const rig = await begin([hot({ for: '0s' }), wet()]);
    const { service } = rig;
    await measure(service, { 'ambient.temperature': 30 });
    await write(rig, [wet()]);
    expect(newest(service, 'hot')).toMatchObject({ state: 'cleared' });
    const told = subjects(service).length;
    await measure(service, { 'ambient.temperature': 20 });
    await measure(service, { 'ambient.temperature': 31 });
    await service.advance(minutes(30));
    expect(subjects(service)).toHaveLength(told);
    expect([...service.state.entries('alerts/rule/hot/')]).toEqual([]);
    await service.stop();
  });

  it('tell the files’ own state: which rules run, since when', async () => {
    const rig = await begin([hot()]);
    await rig.service.advance(minutes(1));
    await write(rig, [hot(), wet()]);
    const view = rig.service.seen('rules').at(-1);
    expect(view?.rules.map(({ id }) => id)).toEqual(['hot', 'wet']);
    expect(view).toMatchObject({ since: '2026-11-23T02:01:00.000Z', problems: [], overrides: [] });
    await rig.service.stop();
  });

  it('are read again when an operator says so, and by nobody below', async () => {
    const { service } = await begin([hot()]);
    await service.advance(minutes(1));
    expect(await service.command({ kind: 'rules.reload' }, { role: 'duty' })).toMatchObject({ error: 'FORBIDDEN' });
    expect(await service.command({ kind: 'rules.reload' }, { role: 'operator' })).toMatchObject({ ok: true });
    expect(service.seen('rules').at(-1)).toMatchObject({ readAt: '2026-11-23T02:01:00.000Z' });
    await service.stop();
  });

  it.each([
    ['files that have nothing to do with it', () => [hot({ for: '0s' }), wet()]],
    ['the same files written again', () => [hot({ for: '0s' })]],
  ])('change nothing of what goes on: %s', async (_why, next) => {
    const rig = await begin([hot({ for: '0s' })]);
    const { service } = rig;
    await measure(service, { 'ambient.temperature': 30 });
    const before = [...service.state.entries('alerts/rule/')];
    const seen = service.seen('alert/+').length;
    await write(rig, next());
    expect([...service.state.entries('alerts/rule/')]).toEqual(before);
    expect(service.seen('alert/+')).toHaveLength(seen);
    await service.stop();
  });
});

describe('rules that cannot be taken over', () => {
  it('leave the old ones at work, are told once with file, line and mend, and are well again when mended (L8)', async () => {
    const rig = await begin([hot({ for: '0s' })]);
    const { service } = rig;
    await write(rig, null, [BROKEN]);
    await write(rig, null, [BROKEN]);
    expect(alerts(service, 'zhishou-rules-broken')).toHaveLength(1);
    expect(newest(service, 'zhishou-rules-broken')).toMatchObject({ state: 'firing', severity: 'medium' });
    const message = service.channels.phone.sent.find(({ body }) => body.includes('rules/climate.yaml:12:7'));
    expect(message?.body).toContain('write one of them');
    expect(service.seen('rules').at(-1)).toMatchObject({ problems: [BROKEN] });
    await measure(service, { 'ambient.temperature': 30 });
    expect(newest(service, 'hot')).toMatchObject({ state: 'firing' });
    await write(rig, [hot({ for: '0s' })]);
    expect(newest(service, 'zhishou-rules-broken')).toMatchObject({ state: 'cleared' });
    await service.stop();
  });

  it('are well by a start, which a broken file would have refused', async () => {
    const state = openStateStore(':memory:');
    const rig = await begin([hot()], { state });
    await write(rig, null, [BROKEN]);
    await rig.service.stop();
    const again = await begin([hot()], { state });
    expect(newest(again.service, 'zhishou-rules-broken')).toMatchObject({ state: 'cleared' });
    await again.service.stop();
  });
});

describe('what people change of a rule on the page', () => {
  const limits = (limit: number) => ({ limits: [{ path: '0', limit, clear: null }] });

  it('counts at once for the device that is named, for no other, and after a restart, over the files (L28)', async () => {
    const state = openStateStore(':memory:');
    const rules = [hot({ for: '0s' })];
    const first = await begin(rules, { state });
    const reason = 'stands beside the UPS';
    const values = limits(32);
    const answer = await first.service.command({ kind: 'rule.override', rule: 'hot', device: 'th-1', values, reason });
    expect(answer).toMatchObject({ ok: true });
    await measure(first.service, { 'ambient.temperature': 30 });
    await first.service.publish(makeBatch('smoke-1', T0, { 'ambient.temperature': 30 }));
    expect(alerts(first.service, 'hot').map(({ device }) => device)).toEqual(['smoke-1']);
    await first.service.stop();
    const { service } = await begin(rules, { state });
    await measure(service, { 'ambient.temperature': 31 });
    expect(alerts(service, 'hot').filter(({ device }) => device === 'th-1')).toEqual([]);
    expect(service.seen('rules').at(-1)?.overrides).toEqual([
      { rule: 'hot', device: 'th-1', values, reason, by: 'ann', at: '2026-11-23T02:00:00.000Z' },
    ]);
    const which = { rule: 'hot', device: 'th-1' } as const;
    const removed = await service.command({ kind: 'rule.override-remove', ...which, reason }, { id: 'second' });
    expect(removed).toMatchObject({ ok: true });
    await measure(service, { 'ambient.temperature': 31 });
    expect(alerts(service, 'hot').findLast(({ device }) => device === 'th-1')).toMatchObject({ state: 'firing' });
    await service.stop();
  });

  it('switches a rule off and on again; on again it is judged by the next reading, though that says the same', async () => {
    const { service } = await begin([hot({ for: '0s' })]);
    await measure(service, { 'ambient.temperature': 30 });
    const which = { rule: 'hot', device: 'th-1', reason: 'r' } as const;
    await service.command({ kind: 'rule.override', ...which, values: { off: true } });
    expect(newest(service, 'hot')).toMatchObject({ state: 'cleared' });
    await service.command({ kind: 'rule.override-remove', ...which });
    expect(newest(service, 'hot')).toMatchObject({ state: 'cleared' });
    await measure(service, { 'ambient.temperature': 30 });
    expect(newest(service, 'hot')).toMatchObject({ state: 'firing' });
    await service.stop();
  });

  it.each([
    ['off', { off: true as const }, 'FORBIDDEN'],
    ['a milder severity', { severity: 'low' as const }, 'FORBIDDEN'],
    ['later', { forS: 60 }, 'FORBIDDEN'],
    ['a wider limit', limits(70), 'FORBIDDEN'],
    ['a limit that it does not have', { limits: [{ path: '0.4', limit: 1, clear: null }] }, 'FORBIDDEN'],
    ['a stricter limit', limits(50), null],
  ])('never widens a safety rule: %s (L34)', async (_what, values, error) => {
    const { service } = await begin([wet({ safety: true })]);
    const answer = await service.command({ kind: 'rule.override', rule: 'wet', device: null, values, reason: 'r' });
    expect(answer).toMatchObject({ error });
    await service.stop();
  });

  it('names a rule and a device that are there', async () => {
    const { service } = await begin([hot()]);
    const values = limits(30);
    const answer = (rule: string, device: string | null) =>
      service.command({ kind: 'rule.override', rule, device, values, reason: 'r' });
    expect(await answer('cold', null)).toMatchObject({ error: 'NOT_FOUND' });
    expect(await answer('hot', 'th-9')).toMatchObject({ error: 'NOT_FOUND' });
    await service.stop();
  });
});
