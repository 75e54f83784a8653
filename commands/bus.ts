import type { Config } from '#core/config/config.ts';
import type { Bus, Clock, Log, Metrics } from '#core/ports.ts';
import type { Random } from '#core/random.ts';
import { createEmbeddedBroker } from '#platform/bus/embedded-broker.ts';
import { openOuterBus } from '#platform/service-process.ts';

/** The broker outside that the site names, or one inside. */
export async function openBus(
  { site }: Pick<Config, 'site'>,
  parts: { readonly clock: Clock; readonly random: Random; readonly log: Log; readonly metrics: Metrics },
): Promise<Bus> {
  const { bus } = site;
  if (bus.url === undefined) {
    const services =
      bus.user === undefined || bus.password === undefined ? [] : [{ user: bus.user, password: bus.password }];
    return createEmbeddedBroker({ ...bus.listen, services, ...parts });
  }
  return openOuterBus({ site }, parts);
}
