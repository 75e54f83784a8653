import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openRuleFiles } from '#platform/config/rule-files.ts';
import { lastDrills } from '#platform/drill-log.ts';
import { environmentVariables } from '#platform/environment.ts';
import { openJournal } from '#platform/journal.ts';
import { createLease } from '#platform/lease.ts';
import { createReachProbe, pingOverHttp } from '#platform/net.ts';
import { createTcpNutListener } from '#platform/nut/nut-listener.ts';
import { ensureKeyFile } from '#platform/secrets.ts';
import { runService } from '#platform/service-process.ts';
import { createSnmpTransport } from '#platform/snmp/snmp-transport.ts';
import { openStateStore } from '#platform/state-store.ts';
import { createDrivers } from './actions/create-drivers.ts';
import { createAlerts } from './app.ts';
import { createChannels } from './notify/channels/create-channels.ts';

/**
 * The alerts service on its own, beside a broker and the other services:
 * `node services/alerts/main.ts --config DIR --state DIR [--key FILE] [--rehearse]`.
 * The key file is the one that the page signs people's orders with.
 */
const { values } = parseArgs({
  options: {
    config: { type: 'string', default: 'config' },
    state: { type: 'string', default: 'state' },
    key: { type: 'string' },
    rehearse: { type: 'boolean', default: false },
  },
});
await runService('the alerts service', values, async (parts) => {
  const { config, stateDirectory, clock, log, metrics, random, bus, lifecycle } = parts;
  const journal = openJournal(join(stateDirectory, 'journal.sqlite'));
  lifecycle.onStop('journal', () => journal.close());
  // Before the lease is even asked for: a stand-by records nothing.
  const holder = journal.fence();
  const state = openStateStore(join(stateDirectory, 'state.sqlite'));
  lifecycle.onStop('state', () => state.close());
  const signatureKey = ensureKeyFile(values.key ?? join(stateDirectory, 'command-key'));
  const alerts = createAlerts({
    ...{ config, clock, bus, log, metrics, journal, state, random },
    drivers: createDrivers({ config, clock, bus, snmp: createSnmpTransport() }),
    reach: createReachProbe(),
    nut: createTcpNutListener(),
    ruleFiles: openRuleFiles(resolve(values.config), environmentVariables(), clock),
    lastDrills: () => lastDrills(stateDirectory, config.site.id),
    outward: { wall: clock, ping: pingOverHttp },
    channels: createChannels(config.site, { clock, bus, log, memory: state, key: signatureKey }),
    signatureKey,
    forcedMode: values.rehearse ? 'rehearsal' : config.site.simulation ? 'drill' : null,
    lease: ({ onHeld, onLost }) => createLease({ table: journal.lease, clock, log, holder, onHeld, onLost }),
  });
  lifecycle.onStop('alerts', () => alerts.stop());
  await alerts.start();
  log.info({ acting: alerts.acting() }, 'the alerts service is ready');
});
