import { beforeAll, describe, expect, it } from 'vitest';
import { loadSite, SAMPLE_CONFIG } from '#commands/configuration.ts';
import type { Config } from '#core/config/config.ts';
import { instant, milliseconds, minutes } from '#core/time.ts';
import { makeTemporaryFolder } from '#platform/environment.ts';
import { provePlans } from '#services/alerts/readiness/static-checks.ts';

const NOW = instant(Date.parse('2026-11-23T02:00:00Z'));
let sample: Config;

beforeAll(() => {
  const secrets = makeTemporaryFolder('zhishou-prove-');
  const { config, problems } = loadSite(SAMPLE_CONFIG, { secretsDirectory: secrets.path });
  expect(problems).toEqual([]);
  if (config === null) throw new Error('the sample configuration does not load');
  sample = config;
  secrets.remove();
});

const outage = (config: Config) => config.plans.find((plan) => plan.id === 'power-outage');
const withDevices = (change: (device: Config['devices'][number]) => Config['devices'][number]): Config => ({
  ...sample,
  devices: sample.devices.map(change),
});
const withOutage = (change: (plan: NonNullable<ReturnType<typeof outage>>) => Config['plans'][number]): Config => ({
  ...sample,
  plans: sample.plans.map((plan) => (plan.id === 'power-outage' ? change(plan) : plan)),
});
const messages = (config: Config, severity: 'error' | 'warning' = 'error'): string[] =>
  provePlans(config, NOW)
    .findings.filter((finding) => finding.severity === severity)
    .map((finding) => `${finding.plan}${finding.step === null ? '' : `#${finding.step}`}: ${finding.message.en}`);

describe('what check proves of plans beforehand', () => {
  it('finds nothing wrong with the sample, and says that its sequence fits the battery with figures', () => {
    expect(messages(sample)).toEqual([]);
    const fits = provePlans(sample, NOW).battery.filter((fit) => fit.plan === 'power-outage');
    expect(fits.map((fit) => [fit.case, fit.fits])).toEqual([
      ['full', 'with-backups'],
      ['aged', 'with-backups'],
    ]);
    for (const fit of fits) {
      expect(fit.needS).toBeGreaterThan(fit.bareNeedS);
      expect(fit.bareNeedS).toBeGreaterThan(60);
    }
  });

  const withBattery = (runtime: number): Config =>
    withDevices((device) =>
      device.battery === undefined ? device : { ...device, battery: { ...device.battery, runtime: minutes(runtime) } },
    );

  it.each([
    {
      runtime: 14,
      why: 'backups fit a new battery, not an aged one',
      severity: 'warning' as const,
      says: /80 % health lasts 11 min; backups and shutdown needs/,
    },
    {
      runtime: 8,
      why: 'only a bare shutdown fits',
      severity: 'warning' as const,
      says: /a full battery lasts 8 min; backups and shutdown needs/,
    },
    {
      runtime: 3,
      why: 'not even a bare shutdown fits',
      severity: 'error' as const,
      says: /a full battery lasts 3 min; a bare shutdown needs/,
    },
  ])('$why: says so with the figures (battery of $runtime min)', ({ runtime, severity, says }) => {
    expect(messages(withBattery(runtime), severity).some((message) => says.test(message))).toBe(true);
  });

  it('says that nothing is proven without a discharge test', () => {
    const config = withDevices(({ battery: _, ...device }) => device);
    expect(messages(config, 'warning').some((message) => /no discharge test/.test(message))).toBe(true);
  });

  it('finds a server that no plan shuts down: it would lose its power while it runs (I1)', () => {
    const config = withDevices((device) => {
      const { shutdown: _, ...rest } = device;
      return device.id === 'server-2' ? rest : device;
    });
    expect(messages(config)).toContain('power-outage: server-2 is never shut down: it loses power while it runs');
  });

  it('warns where one kind of evidence alone proves a shutdown (L16)', () => {
    const config = withDevices((device) =>
      device.id === 'server-2' && device.shutdown !== undefined
        ? { ...device, shutdown: { ...device.shutdown, verify: device.shutdown.verify.slice(0, 1) } }
        : device,
    );
    expect(messages(config, 'warning').join('\n')).toMatch(/server-2 is proven off by one kind of evidence only/);
  });

  it('finds hours of the coming year without anybody on duty (L25)', () => {
    const late = { ...sample, rota: { ...sample.rota, rota: { ...sample.rota.rota, starts: '2027-02-01' } } };
    expect(messages(late).join('\n')).toMatch(/nobody is on duty/);
    const gone = {
      ...sample,
      rota: {
        ...sample.rota,
        rota: {
          ...sample.rota.rota,
          overrides: [{ from: '2027-05-01T00:00:00+08:00', to: '2027-05-03T00:00:00+08:00', person: 'left-long-ago' }],
        },
      },
    };
    expect(messages(gone).join('\n')).toMatch(
      /from Sat 1 May 2027 00:00 until Mon 3 May 2027 00:00 left-long-ago, on duty, is nobody of people.yaml: nobody is on duty \(L25\)/,
    );
  });

  it('finds a step that waits for one of a later stage, and one that acts on nothing', () => {
    const waits = withOutage((plan) => ({
      ...plan,
      steps: plan.steps.map((step) => (step.id === 'ask-outlook' ? { ...step, after: ['tell-recovered'] } : step)),
    }));
    expect(messages(waits)).toContain(
      'power-outage#ask-outlook: the step ask-outlook waits for tell-recovered of a later stage',
    );
    const nothing = withDevices((device) => {
      const { shed: _, restore: __, ...rest } = device;
      return rest;
    });
    expect(messages(nothing, 'warning').join('\n')).toMatch(/power-outage#shed: the step shed acts on no device/);
  });

  it('finds a call without a number', () => {
    const silent = withOutage((plan) => ({
      ...plan,
      steps: plan.steps.map((step) =>
        'task' in step && step.id === 'call-power-department'
          ? { ...step, task: { ...step.task, script: { zh: '请致电', en: 'Call them' } } }
          : step,
      ),
    }));
    expect(messages(silent)).toContain(
      'power-outage#call-power-department: the script of call-power-department has no number to call',
    );
  });

  it('needs no clock of its own: the same moment gives the same findings', () => {
    expect(provePlans(sample, NOW)).toEqual(provePlans(sample, instant(NOW + milliseconds(0))));
  });
});
