import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '#core/config/config.ts';
import type { Action } from '#core/config/device.ts';
import { secretsOf } from '#core/hide-secrets.ts';
import type { ActionContext, ActionDriver, ActionOutcome, Clock } from '#core/ports.ts';
import { minutes, seconds } from '#core/time.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { createVirtualClock, type VirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { withAbsent } from '#services/alerts/actions/absent-driver.ts';
import { createActionRunner } from '#services/alerts/actions/action-runner.ts';
import { actionKind, describeAction } from '#services/alerts/actions/describe.ts';
import { fakeMetrics, makeConfig, T0 } from '../support.ts';

/** What every driver promises (core/ports.ts), real ones and those of the simulated room. */
export interface DriverSubject {
  /** The same driver on any clock. */
  driver(clock: Clock): ActionDriver;
  /** Works. */
  readonly action: Action;
  /** Names credentials that the target does not take; null where there are none. */
  readonly refused: Action | null;
  /** Names a target that never answers; null where none can be silent. */
  readonly silent: Action | null;
  /** Names a target that is not there at all; null where its absence has another face. */
  readonly absent: Action | null;
  /** How much has been done at the target so far: orders, messages, files. */
  effects(): number | Promise<number>;
  /** In memory: time passes only when it is told to. */
  readonly virtual?: VirtualClock;
  readonly stop: () => Promise<void>;
}

const context: ActionContext = {
  run: 'i1/shutdown/1',
  limit: minutes(1),
  values: {
    run: 'r-1',
    device: 'server-1',
    incident: 'i1',
    started: '2026-11-23T02:00:00Z',
    started_epoch: '1795399200',
  },
};
const MOST_DETAIL = 500;

/** What can go wrong at a target; some drivers cannot know of all of it (nobody answers a magic packet). */
const FAULTS = ['refused', 'absent', 'silent'] as const;
export type Fault = (typeof FAULTS)[number];

/** `faults`: those that this driver's target can have; the rows of the others do not exist. */
export function describeDriver(
  name: string,
  setUp: () => Promise<DriverSubject>,
  faults: readonly Fault[] = FAULTS,
): void {
  describe(`the contract of action drivers: ${name}`, () => {
    let subject: DriverSubject;
    let driver: ActionDriver;
    beforeEach(async () => {
      subject = await setUp();
      // Neither a row without its target nor a target without its row.
      expect(FAULTS.filter((fault) => subject[fault] !== null)).toEqual(
        FAULTS.filter((fault) => faults.includes(fault)),
      );
      driver = subject.driver(subject.virtual ?? createSystemClock());
    });
    afterEach(() => subject.stop());

    /** Lets the time of a simulated room pass until it has settled. */
    async function settle(work: Promise<ActionOutcome>): Promise<ActionOutcome> {
      if (subject.virtual === undefined) return await work;
      const state = { done: false };
      void work.then(() => {
        state.done = true;
      });
      for (let i = 0; i < 600 && !state.done; i++) await subject.virtual.advanceByAsync(seconds(0.2));
      return await work;
    }
    const test = (action: Action): Promise<ActionOutcome> => settle(driver.test!(action, context));
    const run = (action: Action): Promise<ActionOutcome> => settle(driver.run(action, context));
    /** Through the runner, as people and logs get it. */
    const viaRunner = (action: Action) => {
      const config: Pick<Config, 'site' | 'devices'> = makeConfig();
      const drivers = withAbsent({ [actionKind(action)]: driver });
      return createActionRunner({ config, drivers, mode: null, log: silentLog, metrics: fakeMetrics() });
    };

    it('its test proves a good target, and has no side effect', async () => {
      const before = await subject.effects();
      const outcome = await test(subject.action);
      expect(outcome).toMatchObject({ result: 'ok' });
      expect(outcome.detail).not.toBe('');
      expect(await subject.effects()).toBe(before);
      expectNoSecret(subject.action, outcome);
    });

    it('running it has an effect at the target', async () => {
      const before = await subject.effects();
      const outcome = await run(subject.action);
      expect(outcome).toMatchObject({ result: 'ok' });
      expect(await subject.effects()).toBe(before + 1);
      expectNoSecret(subject.action, outcome);
    });

    for (const fault of faults) {
      const row = ROWS[fault];
      it(row.behaviour, async () => {
        const action = subject[fault];
        if (action === null) throw new Error(`no target is ${fault}`);
        await row.prove(action, subject, { test, run });
      });
    }

    it('what people get is bounded, one line, and the same through the runner', async () => {
      const outcome = await settle(viaRunner(subject.action).test(subject.action, context));
      expect(outcome.result).toBe('ok');
      expect(outcome.detail.length).toBeLessThanOrEqual(MOST_DETAIL);
      expect(outcome.detail).not.toContain('\n');
      expect(describeAction(subject.action, context.values)).not.toContain('\n');
    });
  });
}

function expectNoSecret(action: Action, outcome: ActionOutcome): void {
  const shown = `${JSON.stringify(outcome)} ${describeAction(action, context.values)}`;
  for (const secret of secretsOf(action)) expect(shown).not.toContain(secret);
}

type Ways = Readonly<Record<'test' | 'run', (action: Action) => Promise<ActionOutcome>>>;

const ROWS: Readonly<
  Record<Fault, { behaviour: string; prove(action: Action, subject: DriverSubject, ways: Ways): Promise<void> }>
> = {
  refused: {
    behaviour: 'credentials that are refused fail, in the test as in the order, and nothing is done',
    prove: failsAndDoesNothing,
  },
  absent: { behaviour: 'a target that is not there fails and throws nothing', prove: failsAndDoesNothing },
  silent: { behaviour: 'a target that never answers ends with the limit of the clock', prove: endsWithTheLimit },
};

async function failsAndDoesNothing(action: Action, subject: DriverSubject, { test, run }: Ways): Promise<void> {
  const before = await subject.effects();
  for (const outcome of [await test(action), await run(action)]) {
    expect(outcome.result).toBe('failed');
    expect(outcome.detail).not.toBe('');
    expectNoSecret(action, outcome);
  }
  expect(await subject.effects()).toBe(before);
}

async function endsWithTheLimit(action: Action, subject: DriverSubject): Promise<void> {
  for (const way of ['test', 'run'] as const) {
    const clock = subject.virtual ?? createVirtualClock(T0);
    const begun = clock.monotonic();
    const working = subject.driver(clock)[way]!(action, { ...context, limit: seconds(3) });
    let ended: number | null = null;
    void working.then(() => {
      ended = clock.monotonic();
    });
    await clock.advanceByAsync(seconds(3));
    const outcome = await working;
    expect(outcome.result).not.toBe('ok');
    expect((ended ?? clock.monotonic()) - begun).toBeLessThanOrEqual(seconds(3));
    expectNoSecret(action, outcome);
  }
}
