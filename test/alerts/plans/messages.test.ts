import { describe, expect, it } from 'vitest';
import type { NotificationRequest } from '#core/notification.ts';
import { hours, minutes, seconds } from '#core/time.ts';
import { resolveRecipients } from '#services/alerts/notify/recipients.ts';
import { createRota } from '#services/alerts/rota/rota.ts';
import { type MiniOptions, MiniWorld } from './mini-world.ts';
import { MONDAY, NIGHT, sampleConfig } from './outage-rig.ts';

/** The first minute's messages, as the person woken at 03:00 reads them. */

async function firstMinute(options: MiniOptions): Promise<NotificationRequest[]> {
  const world = new MiniWorld(options);
  await world.run(seconds(20));
  world.setMains(false);
  await world.run(seconds(40));
  return [...world.told.values()];
}

describe('O-PWR-2 O-PWR-6: the first messages of an outage', () => {
  it.each([
    { when: 'working hours', at: MONDAY },
    { when: 'night', at: NIGHT },
  ])('$when: the duty person gets one message, everyone else of the plan another', async ({ at }) => {
    const config = sampleConfig();
    const rota = createRota(config);
    const duty = rota.dutyAt(at)?.person.id;
    const told = await firstMinute({ at });
    const peopleOf = (request: NotificationRequest) =>
      resolveRecipients(request, config, rota, at).people.map((person) => person.id);
    expect(told.filter((request) => peopleOf(request).includes(duty ?? ''))).toHaveLength(1);
    expect(told.flatMap(peopleOf)).toContain('zhou-min');
    expect(told).toHaveLength(2);
  });

  it('the deputy who is on duty is asked and not told the same once more', () => {
    const config = sampleConfig();
    const people = resolveRecipients(
      { functions: ['deputy', 'director'], people: [], butNot: ['lin-hao'] },
      config,
      createRota(config),
      NIGHT,
    ).people.map((person) => person.id);
    expect(people).toEqual(['zhou-min']);
    const alone = resolveRecipients(
      { functions: ['deputy'], people: [], butNot: ['lin-hao'] },
      config,
      createRota(config),
      NIGHT,
    );
    expect(alone.people.map((person) => person.id)).toEqual(['lin-hao']);
  });

  it('says what, where, how long the battery lasts and what happens by itself; then question, number, script', async () => {
    const told = await firstMinute({ at: NIGHT });
    const ask = told.find((request) => request.about.step === 'ask-outlook');
    const zh = ask?.body.zh.split('\n') ?? [];
    const en = ask?.body.en.split('\n') ?? [];
    expect(zh[0]).toMatch(
      /^示例市样本路 1 号办公楼三层 301机房停电，UPS 供电。电池还可用 .*（至 \d\d:\d\d）；最迟 \d\d:\d\d 自动开始关机。$/,
    );
    expect(en[0]).toMatch(
      /is without mains.* Battery lasts .*, until \d\d:\d\d; shutdown starts by itself no later than \d\d:\d\d\.$/,
    );
    expect(zh.slice(1, 3)).toEqual([
      '示例机房停电：何时恢复供电？',
      '电话：动力分公司配电室 100 0000 0100。问清后请在页面答复。',
    ]);
    expect(en[2]).toBe('Call Power department (distribution room), 100 0000 0100, then answer on the page.');
    expect(zh[3]).toMatch(/^致电/);
    expect(zh[3]).toContain('停电不到 1 分钟');
    // The clocks that the first line has not said: when mains is back, how long the shutdown takes.
    expect(zh[4]).toMatch(/^恢复供电：未知；全部关机约需 \d+ 分钟。$/);
    expect(zh).toHaveLength(5);
    expect(ask?.subject.zh).toBe('示例机房停电：何时恢复供电？');
  });

  it('no message holds a gap, a code or an id', async () => {
    for (const at of [MONDAY, NIGHT]) {
      for (const { subject, body } of await firstMinute({ at }))
        for (const text of [subject.zh, subject.en, body.zh, body.en]) expect(text).not.toMatch(/\{|ups-1|inc-|O-PWR/);
    }
  });

  it.each([
    { when: 'working hours', at: MONDAY },
    { when: 'night', at: NIGHT },
  ])(
    '$when: nobody answers for three hours: each person gets what a human can read, and always all that is open',
    async ({ at }) => {
      const config = sampleConfig();
      const rota = createRota(config);
      const world = new MiniWorld({ at, battery: hours(5) });
      const heard = new Map<string, { at: number; request: NotificationRequest }[]>();
      await world.run(seconds(20));
      world.setMains(false);
      for (let minute = 0, seen = 0; minute < 180; minute++) {
        await world.run(minutes(1));
        const fresh = [...world.told.values()].slice(seen);
        seen += fresh.length;
        for (const request of fresh)
          for (const { id } of resolveRecipients(request, config, rota, world.clock.now()).people)
            heard.set(id, [...(heard.get(id) ?? []), { at: minute, request }]);
      }
      expect([...heard.keys()]).toContain('lin-hao');
      for (const messages of heard.values()) {
        // One a quarter of an hour, and what is new: what happened, what is asked, whose turn it is.
        expect(messages.length).toBeLessThanOrEqual(22);
        const gaps = (kind: RegExp): readonly number[] => {
          const minutesOf = messages.filter(({ request }) => kind.test(request.key)).map((one) => one.at);
          return minutesOf.slice(1).map((one, nth) => one - (minutesOf[nth] ?? 0));
        };
        // Never two at one moment; and down the list quickly, then slowly.
        expect(Math.min(5, ...gaps(/\/(escalation|reminder)\//))).toBeGreaterThanOrEqual(5);
        expect(new Set(gaps(/\/escalation\//).slice(3))).toEqual(new Set([15]));
      }
      const last = [...(heard.get('lin-hao') ?? [])].findLast(({ request }) => request.key.includes('/escalation/'));
      expect(last?.at).toBeGreaterThan(160);
    },
  );

  it('an unarmed site does not say that it shuts down by itself', async () => {
    for (const { body } of await firstMinute({ at: NIGHT, mode: null, armed: false })) {
      expect(body.zh).not.toMatch(/自动/);
      expect(body.en).not.toMatch(/by itself/);
    }
  });
});
