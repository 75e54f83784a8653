import type { RedfishReadConnection } from '#core/config/connections.ts';
import { ZhishouError } from '#core/errors.ts';
import type { Clock } from '#core/ports.ts';
import { type Duration, hours, minutes } from '#core/time.ts';
import type { RedfishGet, RedfishReader } from '#platform/redfish/redfish-reader.ts';
import { findPages, type RedfishLayout } from '../redfish-pages.ts';
import { type RedfishBody, readRedfish } from '../redfish-plan.ts';
import type { PolledDriver } from './polled-driver.ts';

/** Looks for the pages anew after so long; sooner when one of them has gone. */
const LOOK_AGAIN: Duration = hours(6);
const LOOK_AGAIN_INCOMPLETE: Duration = minutes(10);

/** A page that cannot be read spoils no other (L36); a service that falls silent or refuses ends it all. */
const lenient =
  (get: RedfishGet): RedfishGet =>
  (path) =>
    get(path).catch((error: unknown) => {
      if (error instanceof ZhishouError && error.code === 'BAD_ANSWER') return null;
      throw error;
    });

/** Reads a server's sensors from its Redfish service: finds the pages that tell of it once, then gets those alone. */
export function createRedfishReadDriver({
  device,
  connection,
  reader,
  clock,
}: {
  readonly device: string;
  readonly connection: RedfishReadConnection;
  readonly reader: RedfishReader;
  readonly clock: Clock;
}): PolledDriver {
  let layout: (RedfishLayout & { readonly until: Duration }) | null = null;
  const look = async (get: RedfishGet): Promise<RedfishLayout> => {
    const now = clock.monotonic();
    if (layout !== null && now < layout.until) return layout;
    const found = await findPages(get, device, connection.system);
    const complete = found.pages.length > 1;
    layout = { ...found, until: (now + (complete ? LOOK_AGAIN : LOOK_AGAIN_INCOMPLETE)) as Duration };
    return layout;
  };
  return {
    poll: () =>
      reader.converse(connection, connection.timeout, async (get) => {
        const { pages } = await look(get);
        const bodies: RedfishBody[] = [];
        // One after the other: a controller is a small computer.
        for (const page of pages)
          bodies.push({ ...page, body: await (page.kind === 'system' ? get : lenient(get))(page.path) });
        const soon = (clock.monotonic() + LOOK_AGAIN_INCOMPLETE) as Duration;
        if (layout !== null && soon < layout.until && bodies.some(({ body }) => body === null))
          layout = { ...layout, until: soon };
        return readRedfish(bodies);
      }),
    profile: () => null,
    close: () => {},
  };
}
