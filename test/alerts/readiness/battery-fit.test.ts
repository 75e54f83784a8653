import { describe, expect, it } from 'vitest';
import type { Config } from '#core/config/config.ts';
import { type Device, deviceSchema } from '#core/config/device.ts';
import { sameText } from '#core/text.ts';
import { minutes } from '#core/time.ts';
import { describeAction } from '#services/alerts/actions/describe.ts';
import { batteryFits } from '#services/alerts/readiness/battery-fit.ts';
import { batteryItem } from '#services/alerts/readiness/items.ts';
import { sampleConfig } from '../plans/outage-rig.ts';

/** Does the sequence fit the battery, where there are several batteries, or equipment without one? */

/** The sample with a second UPS of so many minutes, and more devices. */
function site(second: number | null, more: readonly object[] = []): Config {
  const sample = sampleConfig();
  const devices = sample.devices.flatMap((device): Device[] => {
    if (device.id !== 'ups-1' || second === null || device.battery === undefined) return [device];
    return [device, { ...device, id: 'ups-2', battery: { ...device.battery, runtime: minutes(second) } }];
  });
  const ups = second === null ? ['ups-1'] : ['ups-1', 'ups-2'];
  const plans = sample.plans.map((plan) =>
    plan.power === undefined ? plan : { ...plan, power: { ...plan.power, ups } },
  );
  return { ...sample, plans, devices: [...devices, ...more.map((one) => deviceSchema.parse(one))] };
}

function fitsOf(config: Config) {
  const plan = config.plans.find((one) => one.id === 'power-outage');
  if (plan === undefined) throw new Error('the sample has a plan for outages');
  const context = { config, recordedP95: () => null, describe: describeAction };
  return batteryFits(plan, context, () => ({ charge: 100, loadW: 2400 }));
}
const full = (config: Config) => fitsOf(config).find((fit) => fit.case === 'full');

const SERVER = {
  ...{ id: 'server-9', name: 'Server 9', kind: 'server' },
  shutdown: {
    by: { wake: { mac: '00:11:22:33:44:55' } },
    ...{ estimate: '2m', verify: [{ tcp: { host: '127.0.0.1', port: 9 }, is: 'closed' }] },
  },
};

describe('the battery fit of readiness', () => {
  it('L7: names each UPS, and what hangs on the weaker one decides', () => {
    const fit = full(site(25, [{ ...SERVER, power: { feeds: ['ups-2'] } }]));
    expect(fit?.upses).toEqual([
      { ups: 'ups-1', runtimeS: 3600 },
      { ups: 'ups-2', runtimeS: 1500 },
    ]);
    expect(fit?.runtimeS).toBe(1500);
  });

  it('says both figures in both languages; one UPS needs no list', () => {
    const [fit] = fitsOf(site(25));
    const [alone] = fitsOf(site(null));
    if (fit === undefined || alone === undefined) throw new Error('no fit');
    const title = sameText('power-outage');
    expect(batteryItem(fit, title, sameText).detail).toMatchObject({
      zh: expect.stringMatching(/其中ups-1 .*，ups-2 .*。/),
      en: expect.stringMatching(/Of these ups-1 .*, ups-2 .*\./),
    });
    expect(batteryItem(alone, title, sameText).detail.zh).not.toContain('其中');
  });

  it('a device on a bare feed is off with the mains: no battery is judged by it', () => {
    const feed = { id: 'feed-a', name: 'Feed A', kind: 'feed' };
    const bare = site(null, [feed, { ...SERVER, power: { feeds: ['feed-a'] } }]);
    expect(full(bare)?.runtimeS).toBe(3600);
    const either = site(null, [feed, { ...SERVER, power: { feeds: ['feed-a', 'ups-1'] } }]);
    expect(full(either)?.runtimeS).toBe(3600);
    const both = site(null, [feed, { ...SERVER, power: { feeds: ['feed-a', 'ups-1'], min_feeds: 2 } }]);
    expect(full(both)?.runtimeS).toBe(3600);
  });
});
