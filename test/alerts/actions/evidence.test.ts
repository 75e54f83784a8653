import { describe, expect, it } from 'vitest';
import type { Evidence } from '#core/config/device.ts';
import type { ActionOutcome } from '#core/ports.ts';
import type { Quality, Reading, Value } from '#core/reading.ts';
import { Secret } from '#core/secret.ts';
import { minus, minutes, seconds, toIso } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { actionKind } from '#services/alerts/actions/describe.ts';
import { createEvidenceChecker } from '#services/alerts/actions/evidence.ts';
import { makeReading, T0 } from '../support.ts';

const started = minus(T0, minutes(1));
const context = { run: 'i1/shutdown/1', limit: seconds(30), values: { started: toIso(started) } };
const outlet = { device: 'pdu-1', point: 'outlet.1.realpower' };

interface Options {
  readonly reading?: Reading | null;
  readonly tcp?: 'open' | 'closed';
  readonly tcpNow?: 'open' | 'closed' | null;
  readonly outcome?: ActionOutcome;
}

function setUp(options: Options = {}) {
  const polled: string[] = [];
  const runs: string[] = [];
  const tests: string[] = [];
  const clock = createVirtualClock(T0);
  const checker = createEvidenceChecker({
    clock,
    reach: { tcp: () => Promise.resolve(options.tcp ?? 'closed'), tcpNow: () => options.tcpNow ?? null },
    runner: {
      describe: () => '',
      run: (_action, { run }) => {
        runs.push(run);
        return Promise.resolve(options.outcome ?? { result: 'ok', detail: 'exit code 0', exitCode: 0 });
      },
      test: (action, { run }) => {
        tests.push(`${actionKind(action)} ${run}`);
        return Promise.resolve(options.outcome ?? { result: 'ok', detail: 'seen' });
      },
    },
    latest: { reading: () => options.reading ?? null, interval: () => seconds(10) },
    pollNow: (device) => polled.push(device),
  });
  return { checker, polled, runs, tests, clock };
}

const seen = (value: Value | null, ageS: number, quality: Quality = 'good'): Reading =>
  makeReading('pdu-1', 'outlet.1.realpower', value, minus(T0, seconds(ageS)), quality);

describe('evidence by a point', () => {
  it.each<[string, Reading | null, Evidence, boolean | null]>([
    ['a fresh good reading below', seen(3, 5), { point: outlet, below: 15 }, true],
    ['a fresh good reading that is not below', seen(80, 5), { point: outlet, below: 15 }, false],
    ['at the limit is not below', seen(15, 5), { point: outlet, below: 15 }, false],
    ['above', seen(80, 5), { point: outlet, above: 50 }, true],
    ['a word', seen('off', 5), { point: outlet, is: 'off' }, true],
    ['another word', seen('on', 5), { point: outlet, is: 'off' }, false],
    ['no reading at all', null, { point: outlet, below: 15 }, null],
    ['a reading from before the action began (L16)', seen(3, 61), { point: outlet, below: 15 }, null],
    ['a reading older than three intervals (L9)', seen(3, 31), { point: outlet, below: 15 }, null],
    ['a value that is frozen', seen(3, 5, 'frozen'), { point: outlet, below: 15 }, null],
    ['a value that is missing', seen(null, 5, 'missing'), { point: outlet, below: 15 }, null],
  ])('%s', async (_title, reading, evidence, holds) => {
    const { checker, polled } = setUp({ reading });
    expect(await checker.check([evidence], context)).toMatchObject([{ kind: 'point', holds }]);
    // What cannot be told is asked for.
    expect(polled).toEqual(holds === null ? ['pdu-1'] : []);
  });

  it('asks a device for a reading at most once a second', async () => {
    const { checker, polled, clock } = setUp();
    const evidence: Evidence[] = [
      { point: outlet, below: 15 },
      { point: { ...outlet, point: 'outlet.1.status' }, is: 'off' },
    ];
    await checker.check(evidence, context);
    await checker.check(evidence, context);
    expect(polled).toEqual(['pdu-1']);
    clock.advanceBy(seconds(1));
    await checker.check(evidence, context);
    expect(polled).toEqual(['pdu-1', 'pdu-1']);
  });
});

describe('evidence that need not be waited for', () => {
  const port: Evidence = { tcp: { host: '127.0.0.1', port: 22 }, is: 'closed' };
  const point: Evidence = { point: outlet, below: 15 };
  const command: Evidence = { command: { local: { command: 'true', arguments: [] } } };

  it('is told at once, and is what is told otherwise', async () => {
    const { checker } = setUp({ reading: seen(3, 5), tcpNow: 'closed' });
    expect(checker.checkNow?.([port, point], context)).toEqual(await checker.check([port, point], context));
  });

  it.each<[string, Evidence[], 'open' | 'closed' | null]>([
    ['a port whose answer has to be waited for', [point, port], null],
    ['a command among it', [point, command], 'closed'],
  ])('is none with %s, and nothing was looked at', (_title, evidence, tcpNow) => {
    const { checker, polled, runs } = setUp({ tcpNow });
    expect(checker.checkNow?.(evidence, context)).toBeNull();
    expect([polled, runs]).toEqual([[], []]);
  });
});

describe('evidence by a port and by a command', () => {
  it.each([
    ['closed', 'closed', true],
    ['open', 'closed', false],
    ['open', 'open', true],
  ] as const)('a port that is %s where it should be %s', async (tcp, is, holds) => {
    const { checker } = setUp({ tcp });
    expect(await checker.check([{ tcp: { host: '127.0.0.1', port: 22 }, is }], context)).toMatchObject([
      { kind: 'tcp', holds },
    ]);
  });

  it.each<[string, ActionOutcome, boolean | null]>([
    ['exit code 0 is a yes', { result: 'ok', detail: 'exit code 0', exitCode: 0 }, true],
    ['another exit code is a no', { result: 'failed', detail: 'exit code 1', exitCode: 1 }, false],
    ['a connection refused tells nothing', { result: 'failed', detail: 'connection refused' }, null],
    ['no answer tells nothing', { result: 'unknown', detail: 'no end' }, null],
  ])('%s', async (_title, outcome, holds) => {
    const { checker, runs } = setUp({ outcome });
    const command = { local: { command: 'true', arguments: [] } };
    expect(await checker.check([{ command }], context)).toMatchObject([{ kind: 'command', holds }]);
    expect(runs).toEqual(['i1/shutdown/1/verify']);
  });

  const account = { user: 'u', password: new Secret('p-4242') };
  const ipmi = (is: 'on' | 'off'): Evidence => ({
    ipmi: { ...account, host: 'h', port: 623, cipher: 17, level: 'operator' },
    is,
  });
  const redfish = (is: 'on' | 'off'): Evidence => ({ redfish: { ...account, url: 'https://h', auth: 'basic' }, is });
  const http = (is: 'up' | 'down'): Evidence => ({ http: { url: 'http://h/', headers: {}, accept: [200] }, is });

  it.each<[string, Evidence, string | undefined, boolean | null]>([
    ['a controller that sees the power off', ipmi('off'), 'off', true],
    ['a controller that sees the power on', ipmi('off'), 'on', false],
    ['a controller that does not answer', ipmi('off'), undefined, null],
    ['Redfish: off', redfish('off'), 'off', true],
    ['Redfish: on, where on is wanted', redfish('on'), 'on', true],
    ['Redfish: on its way down is neither', redfish('off'), 'poweringoff', null],
    ['a service that answers', http('up'), 'up', true],
    ['a service that answers where it should be down', http('down'), 'up', false],
    ['a port that refuses', http('down'), 'down', true],
    ['a port that refuses where it should be up', http('up'), 'down', false],
    ['silence counts as down, as with a bare port', http('down'), 'silent', true],
    ['silence does not prove that a service is not up', http('up'), 'silent', null],
    ['a login refused tells nothing', http('up'), undefined, null],
  ])('%s', async (_title, evidence, output, holds) => {
    const outcome: ActionOutcome = { result: 'failed', detail: 'd', ...(output === undefined ? {} : { output }) };
    const { checker, runs, tests } = setUp({ outcome });
    const [kind = ''] = Object.keys(evidence);
    expect(await checker.check([evidence], context)).toEqual([{ kind, holds, detail: 'd' }]);
    // It looks by the driver's test; nothing is ever ordered.
    expect(tests).toEqual([`${kind} i1/shutdown/1/verify`]);
    expect(runs).toEqual([]);
  });

  it('a checker that fails tells nothing and spoils no other', async () => {
    const clock = createVirtualClock(T0);
    const checker = createEvidenceChecker({
      clock,
      reach: { tcp: () => Promise.reject(new Error('no network')) },
      runner: {
        describe: () => '',
        run: () => Promise.resolve({ result: 'ok', detail: '' }),
        test: () => Promise.resolve({ result: 'ok', detail: '' }),
      },
      latest: { reading: () => seen(3, 5), interval: () => seconds(10) },
      pollNow: () => {},
    });
    const items = await checker.check(
      [
        { tcp: { host: 'h', port: 1 }, is: 'closed' },
        { point: outlet, below: 15 },
      ],
      context,
    );
    expect(items.map(({ holds }) => holds)).toEqual([null, true]);
  });
});
