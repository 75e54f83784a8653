import { describe, expect, it } from 'vitest';
import type { Config } from '#core/config/config.ts';
import { minutes, seconds } from '#core/time.ts';
import { MiniWorld } from './mini-world.ts';
import { sampleConfig } from './outage-rig.ts';

/** L7: power is a graph. Two UPSes feed every machine; what one of them does is an outage only when a machine needs both. */

function twoUpses(minFeeds: 1 | 2): Config {
  const sample = sampleConfig();
  const devices = sample.devices.flatMap((device) => {
    if (device.id === 'ups-1') return [device, { ...device, id: 'ups-2' }];
    const fed = device.power?.feeds.some((feed) => feed.startsWith('pdu-1/')) === true;
    if (!fed || device.power === undefined) return [device];
    return [{ ...device, power: { ...device.power, feeds: [...device.power.feeds, 'ups-2'], min_feeds: minFeeds } }];
  });
  const plans = sample.plans.map((plan) =>
    plan.power === undefined ? plan : { ...plan, power: { ...plan.power, ups: ['ups-1', 'ups-2'] } },
  );
  return { ...sample, devices, plans };
}

/** ups-1 is the small world's own; ups-2 says what the test says. */
class TwoFeeds {
  readonly world: MiniWorld;
  constructor(minFeeds: 1 | 2) {
    this.world = new MiniWorld({ config: twoUpses(minFeeds) });
  }

  /** `chargePerMin`: how fast ups-2 empties while on battery. */
  async run(
    polls: number,
    second: { status: string; charge: number; runtimeS: number; chargePerMin?: number },
  ): Promise<void> {
    let { charge, runtimeS } = second;
    for (let i = 0; i < polls; i++) {
      const now = this.world.clock.now();
      const reading = (point: string, value: string | number) =>
        ({
          device: 'ups-2',
          point,
          value,
          quality: 'good',
          measuredAt: now,
          receivedAt: now,
          changedAt: now,
          simulated: true,
        }) as const;
      this.world.incidents.onReadings({
        device: 'ups-2',
        at: now,
        cause: 'schedule',
        readings: [
          reading('ups.status', second.status),
          reading('battery.charge', Math.round(charge)),
          reading('battery.runtime', Math.round(runtimeS)),
          reading('ups.realpower', 1200),
        ],
      });
      await this.world.run(seconds(5));
      if (second.status.includes('OB')) {
        charge -= (second.chargePerMin ?? 0) / 12;
        runtimeS -= 5;
      }
    }
  }
}

const ON_LINE = { status: 'OL', charge: 100, runtimeS: 14_400 };
const ON_BATTERY = { status: 'OB DISCHRG', charge: 100, runtimeS: 14_400, chargePerMin: 0.4 };

describe('two UPSes', () => {
  it('L7: each is shown for itself, so that the weak battery is seen behind the one figure', async () => {
    const feeds = new TwoFeeds(2);
    await feeds.run(4, ON_LINE);
    feeds.world.setMains(false);
    await feeds.run(2 * 12, ON_BATTERY);
    const { clocks } = feeds.world.view();
    const [first, second] = clocks?.upses ?? [];
    expect([first, second]).toMatchObject([
      { ups: 'ups-1', status: 'battery', loadWatts: feeds.world.load() },
      { ups: 'ups-2', status: 'battery', loadWatts: 1200 },
    ]);
    expect(first?.emptyAt).toBe(clocks?.exhaustion.at);
    expect(Date.parse(second?.emptyAt ?? '')).toBeGreaterThan(Date.parse(first?.emptyAt ?? '') + minutes(60));
    await feeds.run(1, ON_LINE);
    expect(feeds.world.view().clocks?.upses[1]).toMatchObject({ status: 'mains', emptyAt: null, source: null });
  });

  it('L7: where one feed is enough, one UPS on battery to its very end shuts nothing down', async () => {
    const feeds = new TwoFeeds(1);
    await feeds.run(4, ON_LINE);
    feeds.world.setMains(false);
    await feeds.run(6, ON_LINE);
    expect(feeds.world.view().headline.zh).toBe('有 UPS 未由市电供电，设备由另一路供电');
    await feeds.run(70 * 12, ON_LINE);
    expect(feeds.world.charge).toBe(0);
    const view = feeds.world.view();
    expect(view.clocks).toMatchObject({ mains: 'present', latestSafeStart: null });
    expect(view.phase).toBe('responding');
    expect(feeds.world.accepted()).toEqual([]);
  });

  it('L7: it ends by itself once that UPS is on mains again, and never says that mains was away', async () => {
    const feeds = new TwoFeeds(1);
    await feeds.run(4, ON_LINE);
    feeds.world.setMains(false);
    await feeds.run(60, ON_LINE);
    feeds.world.setMains(true);
    await feeds.run(40, ON_LINE);
    expect(feeds.world.view()).toMatchObject({ phase: 'closed', outcome: 'stood-down' });
    expect(feeds.world.view().timeline.some((line) => line.what.en.startsWith('Mains is back'))).toBe(false);
  });

  it('L7: the other UPS goes on battery too: now it is an outage, in the same incident', async () => {
    const feeds = new TwoFeeds(1);
    await feeds.run(4, ON_LINE);
    feeds.world.setMains(false);
    await feeds.run(120, ON_LINE);
    await feeds.run(12, ON_BATTERY);
    const view = feeds.world.view();
    expect(view.clocks).toMatchObject({ mains: 'lost' });
    // Counted from when the last feed went, not from the first.
    expect(view.clocks?.elapsedS).toBeLessThan(70);
    feeds.world.answer('over-limit');
    expect(feeds.world.view().phase).toBe('protecting');
  });

  it('L7: where both feeds are needed, the first UPS on battery is the outage', async () => {
    const feeds = new TwoFeeds(2);
    await feeds.run(4, ON_LINE);
    feeds.world.setMains(false);
    await feeds.run(12, ON_LINE);
    expect(feeds.world.view().clocks).toMatchObject({ mains: 'lost' });
    expect(feeds.world.view().clocks?.latestSafeStart).not.toBeNull();
  });

  it.each([
    { minFeeds: 1, reason: 'one feed is enough: the longer battery counts', least: 2 * 60, most: 4.2 * 60 },
    { minFeeds: 2, reason: 'both are needed: the shorter battery counts', least: 40, most: 65 },
  ] as const)('L7: both on battery, $reason', async ({ minFeeds, least, most }) => {
    const feeds = new TwoFeeds(minFeeds);
    await feeds.run(4, ON_LINE);
    feeds.world.setMains(false);
    await feeds.run(12, ON_BATTERY);
    const clocks = feeds.world.view().clocks;
    expect(clocks?.mains).toBe('lost');
    const left = (Date.parse(clocks?.exhaustion.at ?? '') - Date.parse(clocks?.at ?? '')) / minutes(1);
    expect(left).toBeGreaterThan(least);
    expect(left).toBeLessThan(most);
  });
});
