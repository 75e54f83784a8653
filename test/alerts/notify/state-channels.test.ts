import { expect, it } from 'vitest';
import { channelSchema } from '#core/config/channels.ts';
import { minutes, seconds } from '#core/time.ts';
import { openStateStore } from '#platform/state-store.ts';
import { fakeChannel, makeConfig, makeRequest, T0, unreachable } from '../support.ts';
import { setUp } from './outbox-set-up.ts';

/** Ann's first route, `phone`, is a siren here. */
function withSiren() {
  const { site, ...rest } = makeConfig();
  const phone = channelSchema.parse({ kind: 'mqtt-signal', topic: 'siren/set', on: { high: 'ON' }, off: 'OFF' });
  const channels = { phone: fakeChannel(), email: fakeChannel() };
  const config = makeConfig({ ...rest, site: { ...site, channels: { phone } } });
  return { ...setUp(openStateStore(':memory:'), channels, T0, {}, config), siren: channels.phone };
}

it('L27: a siren that sounds is nobody told: the person’s own way is used beside it, at once', async () => {
  const { outbox, siren, channels, clock } = withSiren();
  outbox.start();
  outbox.tell(makeRequest({ severity: 'medium' }));
  await clock.advanceByAsync(seconds(0));
  expect(siren.sent).toHaveLength(1);
  expect(channels.email.sent).toHaveLength(1);
});

it('a siren is told although the person was reached before, and a siren that is dead keeps nobody from being told', async () => {
  const { outbox, siren, channels, clock } = withSiren();
  outbox.start();
  siren.answer = unreachable;
  outbox.tell(makeRequest({ severity: 'medium' }));
  await clock.advanceByAsync(seconds(0));
  expect(channels.email.sent).toHaveLength(1);
  siren.answer = () => {};
  await clock.advanceByAsync(minutes(5));
  expect(siren.sent.length).toBeGreaterThan(1);
});
