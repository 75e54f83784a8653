import { describe, expect, it } from 'vitest';
import { type Check, checksSchema } from '#core/config/checks.ts';
import type { ServiceAnswer } from '#core/ports.ts';
import { instant, milliseconds, minutes, plus, seconds } from '#core/time.ts';
import { judgeCheck, tellCheck } from '#services/collector/check-judge.ts';
import { climateDevice, START, startSite, upsDevice } from './support/site.ts';

const only = (check: object): Check => checksSchema.parse([check])[0]!;
const TCP = only({ name: 'ssh', tcp: { host: '10.0.0.5', port: 22, greets: 'SSH-2.0' } });
const PAGE = only({ name: 'web', http: { url: 'http://10.0.0.5/', contains: 'Welcome' } });
const TLS = only({ name: 'cert', tls: { host: 'www.example.com' } });
const answered = (more: object = {}): ServiceAnswer => ({ result: 'answered', latency: milliseconds(120), ...more });
const certificate = (days: number, doubt: 'untrusted' | 'of-another' | null = null) => ({
  certificate: { until: plus(START, milliseconds(days * 86_400_000)), doubt },
});

describe('a look at a service', () => {
  it.each<[string, Check, ServiceAnswer, string, boolean]>([
    ['a greeting as expected', TCP, answered({ text: 'SSH-2.0-OpenSSH_9.2' }), 'ok', true],
    ['another program on its port', TCP, answered({ text: '220 mail' }), 'wrong-content', true],
    ['a port that is closed: the machine runs', TCP, { result: 'refused', detail: 'x' }, 'refused', true],
    ['silence', TCP, { result: 'timed-out', detail: 'x' }, 'timed-out', false],
    ['the page with its words', PAGE, answered({ status: 200, text: 'Welcome!' }), 'ok', true],
    ['a page that redirects', PAGE, answered({ status: 302, text: 'Welcome' }), 'ok', true],
    [
      'the page without its words (an error page with 200)',
      PAGE,
      answered({ status: 200, text: 'x' }),
      'wrong-content',
      true,
    ],
    ['an error of the server', PAGE, answered({ status: 503, text: 'Welcome' }), 'wrong-status', true],
    ['a name that nobody knows', PAGE, { result: 'name-unknown', detail: 'x' }, 'name-unknown', false],
    ['a good certificate', TLS, answered(certificate(90)), 'ok', true],
    ['one that has run out', TLS, answered(certificate(-1)), 'certificate-expired', true],
    ['one of nobody known', TLS, answered(certificate(90, 'untrusted')), 'certificate-untrusted', true],
    ['one of another name', TLS, answered(certificate(90, 'of-another')), 'certificate-of-another', true],
  ])('%s', (_reason, check, answer, word, alive) => {
    const result = judgeCheck(check, answer, START);
    expect(result).toMatchObject({ word, alive });
    expect(tellCheck(check, result)[0]).toEqual({
      point: `service.${check.name}.available`,
      decoded: { value: word === 'ok', quality: 'good' },
    });
  });

  it('what was not measured is no value with the reason, never an old one', () => {
    const said = tellCheck(TLS, judgeCheck(TLS, { result: 'timed-out', detail: 'no answer in 5 s' }, START));
    expect(said.slice(2).map((one) => [one.point, one.decoded])).toEqual([
      ['service.cert.latency', { value: null, quality: 'missing', reason: 'no answer in 5 s' }],
      ['service.cert.certificate.remaining', { value: null, quality: 'missing', reason: 'no answer in 5 s' }],
    ]);
  });

  it('an own issuer is enough where that is said', () => {
    const check = only({ name: 'bmc', tls: { host: '10.0.0.9', trusted: false } });
    expect(judgeCheck(check, answered(certificate(10, 'untrusted')), START)).toMatchObject({
      word: 'ok',
      remainingS: 864_000,
    });
  });

  it.each([
    [
      'two of one name',
      [
        { name: 'a', ping: { host: 'x' } },
        { name: 'a', ping: { host: 'y' } },
      ],
      'a second check called a',
    ],
    ['a password in the address', [{ name: 'a', http: { url: 'http://u:p@x/' } }], 'carries no user'],
    ['more often than a network likes', [{ name: 'a', every: '1s', ping: { host: 'x' } }], 'every 5s'],
    ['an option of ping for a host', [{ name: 'a', ping: { host: '-f 10.0.0.1' } }], 'host name'],
  ])('refuses %s', (_title, checks, hint) => {
    expect(JSON.stringify(checksSchema.safeParse(checks).error?.issues)).toContain(hint);
  });
});

describe('checks of a device', () => {
  const CHECKS = [
    { name: 'web', every: '30s', http: { url: 'http://10.0.0.5/' } },
    { name: 'ssh', every: '30s', tcp: { host: '10.0.0.5', port: 22 } },
    { name: 'cert', every: '30s', tls: { host: '10.0.0.5' } },
  ];
  const say = new Map<string, ServiceAnswer>();
  const services = { ask: async (check: Check) => say.get(check.name) ?? answered() };
  const site = (device: object) => {
    say.clear();
    say.set('web', answered({ status: 200 }));
    say.set('cert', answered(certificate(30)));
    return startSite([{ ...device, checks: CHECKS }], { links: { services } });
  };

  it('O-WK-2: each is told, and all in one for rules; the device answers while anything of it does', async () => {
    const server = { id: 'server-1', name: 'Server 1', kind: 'server' };
    const { clock, reading, status } = await site(server);
    await clock.advanceByAsync(minutes(2));
    expect(reading('server-1/service.web.available')?.value).toBe(true);
    expect(reading('server-1/service.web.latency')?.value).toBe(0.12);
    expect(reading('server-1/service.cert.certificate.remaining')?.value).toBeLessThan(30 * 86_400);
    expect(reading('server-1/service.available')?.value).toBe(true);
    say.set('web', answered({ status: 503 }));
    say.set('cert', { result: 'timed-out', detail: 'silent' });
    await clock.advanceByAsync(minutes(1));
    expect(reading('server-1/service.web.result')?.value).toBe('wrong-status');
    expect(reading('server-1/service.available')?.value).toBe(false);
    expect(reading('server-1/service.ssh.available')?.value).toBe(true);
    expect(reading('server-1/service.cert.certificate.remaining')).toMatchObject({ value: null, quality: 'missing' });
    expect(status('server-1')?.state).toBe('responding');
    for (const { name } of CHECKS) say.set(name, { result: 'timed-out', detail: 'silent' });
    await clock.advanceByAsync(minutes(1));
    expect(status('server-1')).toMatchObject({ state: 'silent', reason: 'nothing of it answers' });
  });

  it('L14: what is looked at from outside is neither told missing nor stale by the device’s own conversation, nor the other way', async () => {
    const { clock, reading, status, agents } = await site(upsDevice());
    await clock.advanceByAsync(minutes(2));
    expect(reading('ups-1/service.web.available')).toMatchObject({ value: true, quality: 'good' });
    expect(reading('ups-1/ups.status')?.quality).toBe('good');
    agents.get(1161)!.behave = () => new Promise(() => {});
    await clock.advanceByAsync(minutes(3));
    expect(reading('ups-1/ups.status')?.quality).toBe('stale');
    expect(reading('ups-1/service.web.available')).toMatchObject({ value: true, quality: 'good' });
    expect(status('ups-1')?.state).toBe('silent');
  });

  it('a sensor that speaks by itself leaves the checks alone', async () => {
    const { clock, reading, bus } = await site(climateDevice());
    const speak = () => bus.publish('zigbee2mqtt/th-1', JSON.stringify({ temperature: 22.5, humidity: 45 }));
    for (let minute = 0; minute < 4; minute++) {
      await speak();
      await clock.advanceByAsync(seconds(20));
    }
    expect(reading('th-1/ambient.temperature')).toMatchObject({ value: 22.5, quality: 'good' });
    expect(reading('th-1/service.ssh.available')).toMatchObject({ value: true, quality: 'good' });
  });

  it('a collector without a way to look tells nothing of services', async () => {
    const one = await startSite([{ ...upsDevice(), checks: CHECKS }]);
    await one.clock.advanceByAsync(minutes(2));
    expect(one.reading('ups-1/service.available')).toBeUndefined();
    expect(instant(one.clock.now())).toBeGreaterThan(START);
  });
});
