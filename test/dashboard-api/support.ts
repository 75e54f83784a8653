import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import type { AlertView } from '#core/alert.ts';
import type { SessionView } from '#core/api.ts';
import type { Role } from '#core/command.ts';
import type { Config } from '#core/config/config.ts';
import { devicesFileSchema } from '#core/config/device.ts';
import { peopleFileSchema } from '#core/config/people.ts';
import { planSchema } from '#core/config/plan.ts';
import { calendarFileSchema, rotaFileSchema } from '#core/config/rota.ts';
import { siteSchema } from '#core/config/site.ts';
import type { ClocksView, IncidentView, StepView } from '#core/incident.ts';
import type { DeliveryView } from '#core/notification.ts';
import type { SeriesStore } from '#core/ports.ts';
import { seededRandom } from '#core/random.ts';
import type { Reading, ReadingBatch } from '#core/reading.ts';
import { Secret } from '#core/secret.ts';
import { type Instant, instant, milliseconds } from '#core/time.ts';
import { RETAINED, type TopicPattern, type TopicPayloads, topic } from '#core/topics.ts';
import { openAccounts } from '#platform/accounts-store.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { createPasswords } from '#platform/passwords.ts';
import { createMemorySeriesStore } from '#platform/series/memory-series-store.ts';
import { createMemoryFiles } from '#platform/series/spool/memory-files.ts';
import { openSpool } from '#platform/series/spool/spool.ts';
import type { SpoolFiles } from '#platform/series/spool/spool-files.ts';
import { type History, startHistory } from '#platform/series/write-behind/history.ts';
import { createDashboard, type DashboardDependencies } from '#services/dashboard-api/app.ts';

/** A dashboard on a bus in memory, with clocks that stand still until told. */

export const START = instant(Date.parse('2026-11-21T03:00:00Z'));
export const iso = (offsetS = 0): string => new Date(START + offsetS * 1000).toISOString();
export const SIGNATURE_KEY = new Secret('test-key');

export function makeConfig(change: { simulation?: boolean; port?: number } = {}): Config {
  const simulation = change.simulation ?? true;
  return {
    site: siteSchema.parse({
      id: 'sample',
      name: { zh: '示例机房', en: 'Sample room' },
      address: '1 Sample Road',
      floor: '3',
      time_zone: 'Asia/Shanghai',
      simulation,
      ...(change.port === undefined ? {} : { http: { port: change.port } }),
    }),
    devices: devicesFileSchema.parse({
      devices: [
        { id: 'ups-1', name: { zh: 'UPS 一号', en: 'UPS 1' }, kind: 'ups', snmp: { host: '127.0.0.1' } },
        { id: 'th-1', name: 'TH 1', kind: 'sensor', mqtt: { topic: 'z/th-1' }, place: { x: 1, y: 2 } },
        { id: 'server-1', name: 'Server 1', kind: 'server', depends_on: ['ups-1'], power: { feeds: ['ups-1'] } },
      ],
    }).devices,
    people: peopleFileSchema.parse({
      people: [
        { id: 'zhou-min', name: { zh: '周敏', en: 'Zhou Min' }, functions: ['director'] },
        { id: 'lin-hao', name: { zh: '林浩', en: 'Lin Hao' }, functions: ['deputy'] },
      ],
      contacts: { 'fire-brigade': { name: { zh: '消防', en: 'Fire brigade' }, phone: '119' } },
    }),
    rota: rotaFileSchema.parse({
      rota: { starts: '2026-01-05', handover: { day: 'mon', at: '08:30' }, order: ['lin-hao'] },
    }),
    calendar: calendarFileSchema.parse({ working_hours: [{ days: ['mon'], from: '08:30', to: '17:00' }] }),
    rules: [],
    plans: [
      planSchema.parse({
        id: 'power-outage',
        version: '1',
        title: { zh: '停电', en: 'Power outage' },
        source: 'the rules',
        level: 'serious',
        triggers: { alerts: ['on-battery'] },
        steps: [
          {
            id: 'ask',
            title: 'Ask',
            stage: 'respond',
            ask: {
              function: 'duty',
              contact: 'power-department',
              question: 'How long?',
              answers: [
                { id: 'within', label: 'within' },
                { id: 'over', label: 'over' },
              ],
              within: '10m',
              default: 'over',
            },
          },
          { id: 'off', title: 'Off', stage: 'protect', act: { operation: 'shutdown', on: { kinds: ['server'] } } },
        ],
      }),
    ],
    profiles: [],
    registers: [],
  };
}

export interface TestOptions extends Partial<DashboardDependencies> {
  readonly simulation?: boolean;
  readonly series?: SeriesStore;
  readonly spoolFiles?: SpoolFiles;
}

export type TestDashboard = Awaited<ReturnType<typeof startDashboard>>;

/** Cheap hashes: the real cost is measured elsewhere. */
export const FAST_PASSWORDS = createPasswords({ memoryKiB: 8, passes: 1 });

export async function startDashboard(options: TestOptions = {}) {
  const { simulation, series = createMemorySeriesStore(), spoolFiles, ...given } = options;
  const clock = createVirtualClock(START);
  const wall = createVirtualClock(START);
  const metrics = createMetrics();
  const bus = createMemoryBus({ metrics });
  const accounts = openAccounts(':memory:');
  const config = makeConfig(simulation === undefined ? {} : { simulation });
  const history = given.history ?? (await startTestHistory(series, spoolFiles ?? createMemoryFiles(), wall, metrics));
  const dashboard = createDashboard({
    config,
    clock,
    wall,
    bus,
    log: silentLog,
    metrics,
    history,
    accounts,
    signatureKey: SIGNATURE_KEY,
    webRoot: '/nowhere',
    passwords: FAST_PASSWORDS,
    limits: { reading: 1e9, changing: 1e9, signIn: 1e9 },
    listen: false,
    ...given,
  });
  const { url } = await dashboard.start();

  const publish = async <Pattern extends TopicPattern>(
    pattern: Pattern,
    part: string,
    payload: TopicPayloads[Pattern],
  ): Promise<void> => {
    await bus.publish(topic('sample', pattern, part), JSON.stringify(payload), { retain: RETAINED.has(pattern) });
    await bus.drained();
  };
  /** Signs in as `admin`, or makes an account of the role first. */
  const signIn = async (role: Role = 'administrator'): Promise<SignedIn> => {
    if (role !== 'administrator' && accounts.user(role) === null) {
      accounts.addUser({
        user: role,
        name: role,
        role,
        person: null,
        disabled: false,
        createdAt: wall.now(),
        lastSignInAt: null,
        passwordHash: await FAST_PASSWORDS.hash(PASSWORD),
        passwordChangedAt: wall.now(),
        mustChangePassword: false,
      });
    }
    const credentials =
      role === 'administrator'
        ? { user: 'admin', password: dashboard.firstPassword ?? '' }
        : { user: role, password: PASSWORD };
    return sessionOf(await dashboard.inject({ method: 'POST', url: '/api/v1/session', payload: credentials }));
  };
  return { dashboard, url, bus, clock, wall, accounts, metrics, series, history, config, publish, signIn };
}

/** History as the house has it, in memory. */
async function startTestHistory(
  series: SeriesStore,
  files: SpoolFiles,
  clock: ReturnType<typeof createVirtualClock>,
  metrics: ReturnType<typeof createMetrics>,
): Promise<History> {
  const parts = { clock, random: seededRandom(1), log: silentLog, metrics };
  const spool = await openSpool({ ...parts, files, limitBytes: 1e8 });
  return startHistory({ ...parts, spool, stores: [{ name: 'memory', store: series }], catchUpRate: 1e6 });
}

export const PASSWORD = 'a good password';

export interface SignedIn {
  readonly headers: { readonly cookie: string; readonly 'x-zhishou-csrf': string };
  readonly session: SessionView;
}

export function sessionOf(response: LightMyRequestResponse): SignedIn {
  if (response.statusCode !== 200) throw new Error(`sign-in answered ${response.statusCode}: ${response.body}`);
  const session = response.json<SessionView>();
  const cookie = response.cookies.find(({ name }) => name === 'zhishou_session');
  return { headers: { cookie: `zhishou_session=${cookie?.value}`, 'x-zhishou-csrf': session.csrf }, session };
}

/** As it would come from another machine. */
export const FROM_ELSEWHERE: Pick<InjectOptions, 'remoteAddress' | 'headers'> = {
  remoteAddress: '192.0.2.7',
  headers: { host: 'monitor.example' },
};

export const reading = (change: Partial<Reading> = {}): Reading => ({
  device: 'ups-1',
  point: 'battery.charge',
  value: 100,
  quality: 'good',
  measuredAt: START,
  receivedAt: START,
  changedAt: START,
  simulated: true,
  ...change,
});

export const batch = (readings: readonly Reading[] = [reading()], at: Instant = START): ReadingBatch => ({
  device: readings[0]?.device ?? 'ups-1',
  at,
  readings,
  cause: 'schedule',
});

export const alert = (change: Partial<AlertView> = {}): AlertView => ({
  id: 'on-battery.ups-1',
  rule: 'on-battery',
  device: 'ups-1',
  title: { zh: '市电中断', en: 'Mains lost' },
  severity: 'high',
  safety: false,
  state: 'firing',
  value: 'OB DISCHRG',
  point: 'ups.status',
  consequence: { zh: '电池会耗尽', en: 'The battery runs empty' },
  response: { zh: '按预案', en: 'Follow the plan' },
  respondWithinS: 300,
  since: iso(),
  firedAt: iso(),
  acknowledged: null,
  clearedAt: null,
  inhibitedBy: null,
  silenced: null,
  doubtful: false,
  simulated: true,
  ...change,
});

export const step = (change: Partial<StepView> = {}): StepView => ({
  id: 'ask',
  kind: 'ask',
  title: { zh: '询问配电室', en: 'Ask the power department' },
  stage: 'respond',
  device: null,
  operation: null,
  obligations: ['O-PWR-3'],
  state: 'waiting',
  after: [],
  role: 'duty',
  person: 'lin-hao',
  phone: null,
  contact: null,
  script: null,
  answers: [],
  answer: null,
  dueAt: iso(600),
  startedAt: iso(),
  endedAt: null,
  expectedS: null,
  withinS: null,
  attempts: 0,
  detail: null,
  ...change,
});

/** An outage has clocks to its end; only plans that people declare over have none. */
const OUTAGE_CLOCKS: ClocksView = {
  at: iso(),
  elapsedS: 2520,
  threat: 'battery',
  mains: 'lost',
  temperatureC: null,
  temperatureLimitC: null,
  outlook: { kind: 'unknown', until: null, by: null, overLimit: null },
  exhaustion: { at: null, source: null, estimates: [] },
  upses: [],
  needS: 600,
  needPath: [],
  marginS: 300,
  latestSafeStart: null,
  chargePercent: 100,
  loadWatts: 2270,
  limitS: 5400,
};

export const incident = (change: Partial<IncidentView> = {}): IncidentView => ({
  id: '20261121-1',
  site: 'sample',
  plan: { id: 'power-outage', version: '1', title: { zh: '停电应急预案', en: 'Power outage plan' } },
  mode: 'drill',
  simulated: true,
  level: 'serious',
  phase: 'responding',
  outcome: null,
  openedAt: iso(),
  closedAt: null,
  cause: { zh: '一号 UPS 市电中断', en: 'UPS 1 lost its mains' },
  headline: { zh: '等待配电室答复', en: 'Waiting for the power department' },
  acknowledged: null,
  lead: null,
  planned: null,
  pointOfNoReturn: null,
  clocks: OUTAGE_CLOCKS,
  steps: [step()],
  timeline: [
    {
      seq: 1,
      at: iso(),
      elapsedS: 0,
      kind: 'opened',
      what: { zh: '事件开始', en: 'Opened' },
      who: 'zhishou',
      why: { zh: '市电中断 10 秒', en: 'Mains lost for 10 s' },
      figures: { chargePercent: 100 },
      step: null,
    },
  ],
  ...change,
});

export const delivery = (change: Partial<DeliveryView> = {}): DeliveryView => ({
  id: 'd-1',
  key: 'k-1',
  person: 'lin-hao',
  personName: { zh: '林浩', en: 'Lin Hao' },
  channel: 'phone',
  to: 'lin-hao',
  subject: '【演练】市电中断',
  body: '电池还可支撑 40 分',
  severity: 'high',
  incident: '20261121-1',
  alert: null,
  state: 'sent',
  attempts: 1,
  error: null,
  queuedAt: iso(),
  sentAt: iso(1),
  drill: true,
  simulated: true,
  ...change,
});

export const ms = milliseconds;
