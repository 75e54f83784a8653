import { describe, expect, it } from 'vitest';
import { FIGURES, type FigureMeaning, type FigureValue } from '#core/incident.ts';
import { hours, minutes, seconds } from '#core/time.ts';
import { MiniWorld } from './mini-world.ts';

/** The figures of the record are machine values that every language can say. */

const TYPES: Readonly<Record<FigureMeaning['unit'], (value: FigureValue) => boolean>> = {
  s: Number.isFinite,
  min: Number.isFinite,
  '%': Number.isFinite,
  W: Number.isFinite,
  '°C': Number.isFinite,
  count: Number.isInteger,
  instant: (value) => typeof value === 'string' && new Date(value).toISOString() === value,
  'yes-no': (value) => typeof value === 'boolean',
  // No sentence hides in an identifier.
  id: (value) => typeof value === 'string' && /^[\w.:/@ +-]+$/.test(value),
};

async function wholeOutage(answer: string): Promise<MiniWorld> {
  const world = new MiniWorld();
  await world.run(seconds(20));
  world.setMains(false);
  await world.run(seconds(40));
  world.answer(answer, answer === 'duration' ? { minutes: 20 } : {});
  await world.until((view) => view.phase === 'shut-down' || view.phase === 'closed', minutes(55));
  world.setMains(true);
  await world.until((view) => view.outcome === 'recovered' || view.phase === 'closed', hours(4));
  return world;
}

describe('figures of the record', () => {
  it.each(['over-limit', 'within-limit', 'duration', 'unknown'])(
    'I7: each is named in FIGURES and is a value of its unit, answer %s',
    async (answer) => {
      const world = await wholeOutage(answer);
      const figures = world.view().timeline.flatMap((line) => Object.entries(line.figures));
      expect(figures.length).toBeGreaterThan(100);
      const wrong = figures.filter(([name, value]) => {
        const meaning: FigureMeaning | undefined = (FIGURES as Record<string, FigureMeaning>)[name];
        if (meaning === undefined) return true;
        if (value === null) return false;
        return !TYPES[meaning.unit](value) || (meaning.values !== undefined && !(String(value) in meaning.values));
      });
      expect(wrong).toEqual([]);
    },
  );

  it('the outlook is an instant and a yes or no, the gates carry their units', async () => {
    const world = await wholeOutage('over-limit');
    const lines = world.view().timeline.filter((line) => line.kind === 'decision');
    expect(lines.find((line) => line.what.en === 'The shutdown sequence starts')?.figures).toMatchObject({
      outlookUntil: null,
      outlookOverLimit: true,
    });
    const gates = lines.find((line) => line.what.en === 'Not starting yet')?.figures;
    expect(gates).toMatchObject({ mainsStableS: expect.any(Number), temperatureC: 24 });
    const within = await wholeOutage('within-limit');
    const shed = within.view().timeline.find((line) => line.what.en.startsWith('Shedding load'));
    expect(shed?.figures).toMatchObject({ outlookOverLimit: false });
    const limit = Date.parse(within.view().openedAt) + minutes(90);
    expect(Math.abs(Date.parse(String(shed?.figures.outlookUntil)) - limit)).toBeLessThan(15_000);
  });
});
