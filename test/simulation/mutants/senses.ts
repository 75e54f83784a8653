import type { Reading, ReadingBatch } from '#core/reading.ts';
import { decides, type Mutant, mayAct } from './mutant.ts';

/** Sees what is not there, or what was there long ago. */

const isUps = (batch: ReadingBatch): boolean => batch.device.startsWith('ups-');
const pointOf = (batch: ReadingBatch, point: string): Reading | undefined =>
  batch.readings.find((one) => one.point === point && one.quality === 'good');

/** The same batch with other readings, without the short cut for what has changed. */
function saying(batch: ReadingBatch, change: (reading: Reading) => Reading): ReadingBatch {
  const { news: _, ...rest } = batch;
  return { ...rest, readings: batch.readings.map(change) };
}

const LATE_MS = 300_000;

export const SENSES: readonly Mutant[] = [
  {
    id: 'acts-on-stale-data',
    wrong: 'what is read is five minutes old and taken for new',
    breaks: ['I1', 'I3'],
    engine: () => {
      const kept = new Map<string, ReadingBatch[]>();
      return {
        readings: (batch) => {
          if (!isUps(batch)) return batch;
          const list = kept.get(batch.device) ?? [];
          list.push(batch);
          kept.set(batch.device, list);
          const old = list.findLast((one) => one.at <= batch.at - LATE_MS) ?? list[0] ?? batch;
          return saying(batch, (reading) => {
            const before = old.readings.find((one) => one.point === reading.point);
            return before === undefined ? reading : { ...reading, value: before.value, quality: before.quality };
          });
        },
      };
    },
    concerns: mayAct,
  },
  {
    id: 'takes-silence-for-an-outage',
    wrong: 'a UPS that does not answer is taken for one that is empty (L1)',
    breaks: ['I1', 'I3'],
    engine: () => ({
      readings: (batch) => {
        if (!isUps(batch) || pointOf(batch, 'device.responding')?.value !== false) return batch;
        const told = (point: string, value: Reading['value']): Reading => ({
          device: batch.device,
          point,
          value,
          quality: 'good',
          measuredAt: batch.at,
          receivedAt: batch.at,
          changedAt: batch.at,
          simulated: true,
        });
        const { news: _, ...rest } = batch;
        const others = batch.readings.filter(
          (one) => !['ups.status', 'battery.charge', 'battery.runtime'].includes(one.point),
        );
        return {
          ...rest,
          readings: [...others, told('ups.status', 'OB'), told('battery.charge', 1), told('battery.runtime', 10)],
        };
      },
    }),
    concerns: (draft) => mayAct(draft) && draft.scenario.some((one) => one.do.kind === 'network'),
  },
  {
    id: 'does-not-see-mains-return',
    wrong: 'once on battery, a UPS is on battery for the next half hour',
    breaks: ['I1', 'I3', 'I6'],
    engine: () => {
      const since = new Map<string, number>();
      return {
        readings: (batch) => {
          if (!isUps(batch)) return batch;
          const status = pointOf(batch, 'ups.status')?.value;
          if (typeof status === 'string' && status.includes('OB')) since.set(batch.device, batch.at);
          const last = since.get(batch.device);
          if (last === undefined || batch.at - last > 1_800_000) return batch;
          return saying(batch, (reading) =>
            reading.point === 'ups.status' && reading.quality === 'good'
              ? { ...reading, value: 'OB DISCHRG' }
              : reading.point === 'battery.charge' && typeof reading.value === 'number'
                ? { ...reading, value: Math.max(1, reading.value - (batch.at - last) / 30_000) }
                : reading,
          );
        },
      };
    },
    concerns: mayAct,
  },
  {
    id: 'takes-one-ups-for-all',
    wrong: 'one of two UPSes on battery shuts down what has its other feed (L7)',
    breaks: ['I3'],
    engine: () =>
      decides((real) => (before, event) => {
        if (event.type !== 'opened' || event.definition.power === null) return real(before, event);
        const power = event.definition.power;
        const supplies = power.ups.map((ups) => ({ ups }));
        return real(before, { ...event, definition: { ...event.definition, power: { ...power, supplies } } });
      }),
    concerns: (draft) =>
      mayAct(draft) && draft.upses.length > 1 && draft.scenario.some((one) => one.do.kind === 'ups-input'),
  },
  {
    id: 'forgets-the-settling-time',
    wrong: 'a flicker of mains ends the outage and begins the recovery (L2, L23)',
    breaks: ['I3', 'I6'],
    engine: () =>
      decides((real) => (before, event) => {
        if (event.type !== 'opened' || event.definition.power === null) return real(before, event);
        const power = event.definition.power;
        const none = 0 as typeof power.settle;
        return real(before, {
          ...event,
          definition: {
            ...event.definition,
            power: { ...power, settle: none, recovery: { ...power.recovery, settle: none } },
          },
        });
      }),
    concerns: mayAct,
  },
  {
    id: 'recovers-onto-an-empty-battery',
    wrong: 'equipment is started before the battery has its charge (L23)',
    breaks: ['I6'],
    engine: () =>
      decides((real) => (before, event) => {
        if (event.type !== 'opened' || event.definition.power === null) return real(before, event);
        const power = event.definition.power;
        return real(before, {
          ...event,
          definition: {
            ...event.definition,
            power: { ...power, recovery: { ...power.recovery, charge_above: 0 } },
          },
        });
      }),
    concerns: (draft) => mayAct(draft) && draft.plan.chargeAbove >= 30,
  },
];
