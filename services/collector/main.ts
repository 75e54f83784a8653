import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createProfileLibrary } from '#platform/config/profile-library.ts';
import { createReachProbe, postAsJson } from '#platform/net.ts';
import { ensureKeyFile } from '#platform/secrets.ts';
import { sayAlive } from '#platform/service-alive.ts';
import { runService } from '#platform/service-process.ts';
import { createSnmpTransport } from '#platform/snmp/snmp-transport.ts';
import { createTrapSource } from '#platform/snmp/trap-source.ts';
import { createCollector } from './app.ts';
import { openDeviceLinks } from './device-links.ts';
import { startWatchdog } from './watchdog.ts';

/**
 * The collector on its own, beside a broker and the other services:
 * `node services/collector/main.ts --config DIR [--state DIR] [--key FILE]`. It keeps no state but the key that it shares with
 * the page's server.
 */
const { values } = parseArgs({
  options: {
    config: { type: 'string', default: 'config' },
    state: { type: 'string', default: 'state' },
    key: { type: 'string' },
  },
});
await runService('the collector', values, async (parts) => {
  const { config, stateDirectory, clock, log, metrics, random, bus, lifecycle } = parts;
  const { traps } = config.site;
  const connections = config.devices.flatMap((device) => device.snmp ?? []);
  const collector = createCollector({
    ...{ config, clock, bus, log, metrics, random },
    snmp: createSnmpTransport(),
    reach: createReachProbe(),
    links: openDeviceLinks(),
    surveys: {
      key: ensureKeyFile(values.key ?? join(stateDirectory, 'command-key')),
      wall: clock,
      profiles: createProfileLibrary(resolve(values.config), clock),
    },
    traps: traps === undefined ? null : createTrapSource({ ...traps, connections, log, metrics }),
  });
  lifecycle.onStop('collector', () => collector.stop());
  await collector.start();
  const watching = { bus, wall: clock, log, metrics };
  const cease = sayAlive({ ...watching, site: config.site.id, service: 'collector' });
  lifecycle.onStop('word of being alive', async () => cease());
  lifecycle.onStop('watchdog', await startWatchdog({ ...watching, config, post: postAsJson }));
  log.info({ devices: config.devices.length }, 'the collector is ready');
});
