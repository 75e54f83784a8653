import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Action } from '#core/config/device.ts';
import { Secret } from '#core/secret.ts';
import { minutes } from '#core/time.ts';
import { createRedfishDriver } from '#services/alerts/actions/redfish-driver.ts';
import { type LiveRoom, startLiveRoom, until } from './live-room.ts';

/** Virtual seconds in a real one. */
const SPEED = 200;
const context = { run: 'r1', limit: minutes(30), values: {} };
type Redfish = Extract<Action, { redfish: unknown }>['redfish'];

describe('the management controller of the sample room over real HTTP', () => {
  let live: LiveRoom;
  beforeAll(async () => {
    live = await startLiveRoom(SPEED);
  });
  afterAll(() => live.stop());

  const controller = (): Redfish => {
    const ways = live.config.devices.find(({ id }) => id === 'server-1')?.shutdown?.otherwise ?? [];
    return ways.flatMap((way) => ('redfish' in way ? [way.redfish] : []))[0]!;
  };
  const told = (): string[] =>
    live.room
      .truth()
      .commands.filter(({ device }) => device === 'server-1')
      .map(({ command, effect, over }) => `${command} ${effect} over ${over}`);

  it('is tested without a trace, refuses another password, and shuts its server down in order', async () => {
    const driver = createRedfishDriver({ clock: live.clock });
    const redfish = controller();
    expect(await driver.test!({ redfish }, context)).toMatchObject({ result: 'ok', output: 'on' });
    const wrong = { redfish: { ...redfish, password: new Secret('not-this-one') } };
    expect(await driver.run(wrong, context)).toEqual({ result: 'failed', detail: 'login refused for zhishou' });
    expect(told()).toEqual([]);

    expect(await driver.run({ redfish }, context)).toMatchObject({ result: 'ok' });
    await until(() => live.room.bmcPower('server-1') === 'off');
    expect(told()).toEqual([`power-soft accepted over redfish ${new URL(redfish.url).host}`]);
    expect(live.room.truth().transitions.filter(({ dataLoss }) => dataLoss)).toEqual([]);
    expect(await driver.test!({ redfish }, context)).toMatchObject({ result: 'ok', output: 'off' });

    expect(await driver.run({ redfish: { ...redfish, reset: 'On' } }, context)).toMatchObject({ result: 'ok' });
    await until(() => live.room.reachable('server-1'));
  });

  it('falls silent with its outlet', async () => {
    live.room.orderOutlet('pdu-1', 1, false, 'test');
    const outcome = await createRedfishDriver({ clock: live.clock }).test!({ redfish: controller() }, context);
    expect(outcome.result).toBe('failed');
    expect(outcome.output).toBeUndefined();
  });
});
