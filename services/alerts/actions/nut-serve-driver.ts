import { invariant } from '#core/errors.ts';
import type { ActionDriver, ActionOutcome } from '#core/ports.ts';
import type { NutServer } from '../nut-server/nut-server.ts';
import type { ActionDrivers } from './action-runner.ts';

/** The drivers of a site with a NUT server of its own: whatever starts a device, its clients' order is taken back before. */
export function withNutServer(drivers: ActionDrivers, server: NutServer | null): ActionDrivers {
  if (server === null) return { ...drivers, nut_serve: createNutServeDriver(null) };
  const watched = Object.entries(drivers).map(([kind, driver]): [string, ActionDriver] => [
    kind,
    {
      ...driver,
      run(action, context) {
        server.beforeAction(action, context);
        return driver.run(action, context);
      },
    },
  ]);
  return { ...(Object.fromEntries(watched) as ActionDrivers), nut_serve: createNutServeDriver(server) };
}

/** Tells the clients of one UPS of our own NUT server to shut down, or that all is well again. */
export function createNutServeDriver(server: NutServer | null): ActionDriver {
  return {
    async run(action, context) {
      invariant('nut_serve' in action, 'the nut_serve driver runs nut_serve actions');
      if (server === null) return NO_SERVER;
      const { ups, say } = action.nut_serve;
      return say === 'shutdown' ? server.tellShutdown(ups, context) : server.takeBack(ups, context.run);
    },
    async test(action) {
      invariant('nut_serve' in action, 'the nut_serve driver tests nut_serve actions');
      if (server === null) return NO_SERVER;
      const { ups, say } = action.nut_serve;
      // Taking an order back needs nobody to hear it.
      return say === 'shutdown' ? server.test(ups) : { result: 'ok', detail: `FSD on ${ups} can be taken back` };
    },
  };
}

const NO_SERVER: ActionOutcome = { result: 'failed', detail: 'site.yaml has no nut_server' };
