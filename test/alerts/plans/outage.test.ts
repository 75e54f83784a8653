import { describe, expect, it } from 'vitest';
import { hours, minutes, seconds } from '#core/time.ts';
import { startRig } from './outage-rig.ts';

describe('a whole outage', () => {
  it('O-PWR-4: "more than 90 minutes" backs up, shuts down in order, recovers', async () => {
    const rig = await startRig();
    rig.mains(false);
    await rig.run(seconds(40));
    console.log(JSON.stringify(rig.view().clocks, null, 1));
    console.log(rig.answer('over-limit'));
    await rig.until((view) => view.phase === 'shut-down', hours(1));
    await rig.run(minutes(5));
    rig.mains(true);
    await rig.until((view) => view.outcome === 'recovered', hours(3));
    const view = rig.view();
    for (const line of view.timeline)
      console.log(
        line.elapsedS,
        line.kind,
        line.what.en,
        '|',
        line.why?.en ?? '',
        JSON.stringify(line.figures).slice(0, 160),
      );
    for (const step of view.steps) console.log(step.id, step.state, step.attempts, step.detail?.en);
    console.log(view.phase, view.outcome, rig.told.length);
    const truth = rig.room.truth();
    console.log(
      truth.commands
        .map((c) => `${(c.at - truth.startedAt) / 1000} ${c.device} ${c.command} ${c.effect} ${c.state}`)
        .join('\n'),
    );
    expect(truth.transitions.filter((t) => t.dataLoss)).toEqual([]);
    await rig.stop();
  });
});
