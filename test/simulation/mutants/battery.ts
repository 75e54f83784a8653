import { milliseconds } from '#core/time.ts';
import type { PowerDefinition } from '#services/alerts/plans/definition.ts';
import type { PowerSample } from '#services/alerts/plans/events.ts';
import { compiles, compilesActs, decides, type Mutant, mayAct, samples } from './mutant.ts';

/** Believes what it should weigh, and miscounts the time. */

const withPower = (change: (power: PowerDefinition) => PowerDefinition): ReturnType<typeof compiles> =>
  compiles((definition) =>
    definition.power === null ? definition : { ...definition, power: change(definition.power) },
  );

/** A gauge that agrees with the firmware's own figure, whatever is measured. */
const asTheFirmwareSays = (sample: PowerSample, elapsedS: number): PowerSample =>
  sample.runtimeS === null
    ? sample
    : { ...sample, charge: (100 * sample.runtimeS) / Math.max(1, sample.runtimeS + elapsedS) };

export const BATTERY: readonly Mutant[] = [
  {
    id: 'trusts-the-ups',
    wrong: 'the UPS’s own runtime is believed, whatever was measured or tested',
    breaks: ['I1', 'I3'],
    engine: () => {
      let since = 0;
      return {
        ...decides((real) => (before, event) => {
          if (event.type === 'opened') {
            since = event.at;
            const power = event.definition.power;
            if (power === null) return real(before, event);
            const batteries = Object.fromEntries(
              Object.entries(power.batteries).map(([id, battery]) => [id, { ...battery, test: null }]),
            );
            return real(before, { ...event, definition: { ...event.definition, power: { ...power, batteries } } });
          }
          if (event.type !== 'power') return real(before, event);
          return real(before, { ...event, sample: asTheFirmwareSays(event.sample, (event.at - since) / 1000) });
        }),
      };
    },
    concerns: mayAct,
  },
  {
    id: 'believes-low-battery-flags',
    wrong: 'the UPS’s low-battery flag starts the shutdown at once (L4)',
    breaks: ['I1', 'I3'],
    engine: () =>
      samples((sample) =>
        (sample.status ?? '').split(' ').includes('LB') ? { ...sample, charge: 1, runtimeS: 1 } : sample,
      ),
    concerns: mayAct,
  },
  {
    id: 'starts-at-the-limit-only',
    wrong: 'the battery is thought endless; only the hour and a half counts',
    breaks: ['I1'],
    engine: () => samples((sample) => ({ ...sample, charge: sample.charge === null ? null : 100, runtimeS: 360_000 })),
    concerns: mayAct,
  },
  {
    // No margin at all would be no broken product here: the forecast's own caution keeps nearly every site safe without one.
    id: 'margin-the-wrong-way',
    wrong: 'the margin is taken the wrong way: the sequence starts minutes after the latest safe start',
    breaks: ['I1', 'I2'],
    engine: () =>
      withPower(({ margin, ...power }) => ({
        ...power,
        margin: { share: -2 * margin.share, at_least: milliseconds(-2 * margin.at_least) },
      })),
    concerns: mayAct,
  },
  {
    id: 'margin-huge',
    wrong: 'the shutdown begins when half the battery is left',
    breaks: ['I3'],
    engine: () => withPower((power) => ({ ...power, margin: { share: 0.6, at_least: milliseconds(900_000) } })),
    concerns: mayAct,
  },
  {
    id: 'need-forgets-the-queue',
    wrong: 'the time needed is reckoned as if everything ran side by side at once',
    breaks: ['I1', 'I2'],
    engine: () => compilesActs((act) => ({ ...act, expectedMs: milliseconds(act.expectedMs / 8) })),
    concerns: mayAct,
  },
  {
    id: 'never-cuts-backups',
    wrong: 'unfinished backups are waited for to the end',
    breaks: ['I1'],
    engine: () =>
      decides((real) => (before, event) => {
        const decision = real(before, event);
        if (before === null) return decision;
        const cut = Object.entries(decision.state.steps).some(
          ([id, step]) => step.state === 'cut' && before.steps[id]?.state !== 'cut',
        );
        return cut ? { state: { ...before, now: event.at }, commands: [] } : decision;
      }),
    concerns: mayAct,
  },
  {
    id: 'counts-the-ups-own-seconds',
    wrong: 'a stale counter says that mains has been away for two hours (L6)',
    breaks: ['I3'],
    engine: () =>
      decides(
        (real) => (before, event) =>
          real(
            before,
            event.type === 'opened' && event.outageSince !== null
              ? { ...event, outageSince: (event.outageSince - 7_200_000) as typeof event.outageSince }
              : event,
          ),
      ),
    concerns: mayAct,
  },
  {
    id: 'takes-a-glitch-for-an-outage',
    wrong: 'nothing is confirmed by time (L2)',
    breaks: ['I3'],
    engine: () =>
      decides((real) => (before, event) => {
        const decision = real(before, event);
        const { power } = decision.state;
        if (power !== null && power.mains === 'lost')
          for (const ups of Object.values(power.ups)) {
            ups.batterySamples = 99;
            ups.since = (ups.since - 3_600_000) as typeof ups.since;
          }
        return decision;
      }),
    concerns: mayAct,
  },
];
