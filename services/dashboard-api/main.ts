import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openAccounts } from '#platform/accounts-store.ts';
import { drillsOf } from '#platform/drill-log.ts';
import { openDutyStore } from '#platform/duty-store.ts';
import { printLine } from '#platform/environment.ts';
import { openMeetingStore } from '#platform/meeting-store.ts';
import { openRegisterStore } from '#platform/register-store.ts';
import { openReportArchive } from '#platform/report-archive.ts';
import { openRoomPlanStore } from '#platform/room-plan-store.ts';
import { ensureKeyFile } from '#platform/secrets.ts';
import { openHistory } from '#platform/series/write-behind/open-history.ts';
import { sayAlive } from '#platform/service-alive.ts';
import { runService } from '#platform/service-process.ts';
import { openStateStore } from '#platform/state-store.ts';
import { createDashboard } from './app.ts';
import { troubleOf } from './history-trouble.ts';

/**
 * The dashboard on its own, beside a broker and the other services:
 * `node services/dashboard-api/main.ts --config DIR --state DIR [--key FILE] [--web DIR]`.
 * The key file signs people's commands; the alerts service must have the same.
 */
const { values } = parseArgs({
  options: {
    config: { type: 'string', default: 'config' },
    state: { type: 'string', default: 'state' },
    key: { type: 'string' },
    web: { type: 'string', default: join(import.meta.dirname, 'web', 'dist') },
  },
});
await runService('the dashboard', values, async (parts) => {
  const { config, stateDirectory, clock, random, log, metrics, bus, lifecycle } = parts;
  const history = await openHistory({ config, stateDirectory, clock, random, log, metrics });
  lifecycle.onStop('history', () => history.close());
  const accounts = openAccounts(join(stateDirectory, 'accounts.sqlite'));
  lifecycle.onStop('accounts', () => accounts.close());
  const store = openStateStore(join(stateDirectory, 'dashboard.sqlite'));
  lifecycle.onStop('dashboard state', () => store.close());
  const roomPlan = openRoomPlanStore(join(stateDirectory, 'room-plan.sqlite'));
  lifecycle.onStop('room plan', () => roomPlan.close());
  const registers = openRegisterStore(join(stateDirectory, 'registers.sqlite'));
  lifecycle.onStop('registers', () => registers.close());
  const duties = openDutyStore(join(stateDirectory, 'duties.sqlite'));
  lifecycle.onStop('duties', () => duties.close());
  const meetings = openMeetingStore(join(stateDirectory, 'meetings.sqlite'));
  lifecycle.onStop('meetings', () => meetings.close());
  const reports = openReportArchive(join(stateDirectory, 'reports.sqlite'), join(stateDirectory, 'reports'));
  lifecycle.onStop('reports', () => reports.close());
  const dashboard = createDashboard({
    config,
    clock,
    bus,
    log,
    metrics,
    history,
    accounts,
    store,
    roomPlan,
    registers,
    reports,
    duties,
    meetings,
    drills: () => drillsOf(stateDirectory, config.site.id),
    signatureKey: ensureKeyFile(values.key ?? join(stateDirectory, 'command-key')),
    webRoot: resolve(values.web),
    firstRun: config.site.simulation ? 'password' : 'setup',
  });
  lifecycle.onStop('dashboard-api', () => dashboard.stop());
  const { url } = await dashboard.start();
  const cease = sayAlive({
    ...{ site: config.site.id, service: 'dashboard-api', bus, wall: clock, log, metrics },
    trouble: () => troubleOf(history.status()),
  });
  lifecycle.onStop('word of being alive', async () => cease());
  log.info({ url }, 'the page is ready');
  if (dashboard.firstPassword !== null) {
    await printLine(`first administrator: admin, password (shown once): ${dashboard.firstPassword}`);
  }
  if (dashboard.setupCode !== null) {
    const page = config.site.http.public_url ?? url;
    await printLine(`make the first administrator, once: ${page.replace(/\/+$/, '')}/first-run#${dashboard.setupCode}`);
  }
});
