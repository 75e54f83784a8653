import { describe, expect, it } from 'vitest';
import type { IncidentView } from '#core/incident.ts';
import { hours, instant, minutes, seconds, toIso } from '#core/time.ts';
import { MiniWorld } from './mini-world.ts';
import { type Rig, sampleConfig, startRig } from './outage-rig.ts';

/** What each answer is said to lead to, against what the engine then does in the simulated room. */

const optionOf = (view: IncidentView, id: string) => {
  const option = view.steps.find((step) => step.id === 'ask-outlook')?.answers.find((one) => one.id === id);
  if (option?.consequence == null) throw new Error(`no consequence of ${id}`);
  return option.consequence;
};

/** `10:23` at the site, on the day of the run, as an instant. */
function timeOf(rig: Rig, text: string | undefined): number {
  const [h = Number.NaN, m = Number.NaN] = (text ?? '').split(':').map(Number);
  const day = toIso(rig.clock.now()).slice(0, 10);
  return Date.parse(`${day}T00:00:00Z`) + ((h + 24 - 8) % 24) * 3_600_000 + m * 60_000;
}

const timesIn = (text: string): string[] => text.match(/\d\d:\d\d/g) ?? [];
const atOf = (rig: Rig, what: string): number => {
  const line = rig.view().timeline.find((one) => one.what.en === what);
  if (line === undefined) throw new Error(`never: ${what}`);
  return Date.parse(line.at);
};
const began = (rig: Rig): number => atOf(rig, 'The shutdown sequence starts');
const displayOff = (rig: Rig): boolean =>
  rig.view().steps.some((step) => step.id.startsWith('shed:') && step.state === 'done');

/** Mains lost, and the view that people see first. */
async function firstView(): Promise<{ rig: Rig; view: IncidentView }> {
  const rig = await startRig();
  rig.mains(false);
  await rig.until(() => true, minutes(1));
  const view = rig.view();
  expect(view.clocks?.elapsedS).toBeLessThan(12);
  expect(view.phase).toBe('responding');
  return { rig, view };
}

describe('O-PWR-3: what an answer would lead to is what it leads to, from the first view on', () => {
  it('more than 90 minutes: backs up and shuts down at once, done by the time that was said', async () => {
    const { rig, view } = await firstView();
    const { zh, en } = optionOf(view, 'over-limit');
    expect(zh).toMatch(/^立即备份并关机，约 \d\d:\d\d 完成，电池 \d\d:\d\d 耗尽$/);
    expect(en).toMatch(/^Backup and shutdown start now, done at \d\d:\d\d; battery empty at \d\d:\d\d$/);
    expect(timesIn(zh)).toEqual(timesIn(en));
    const now = rig.clock.now();
    rig.answer('over-limit');
    await rig.until((one) => one.phase === 'shut-down', hours(2));
    expect(began(rig) - now).toBeLessThan(30_000);
    const done = timeOf(rig, timesIn(en)[0]);
    const ended = atOf(rig, 'Shutdown complete, waiting for mains');
    expect(ended).toBeLessThan(done + 90_000);
    // Declared durations are the careful side, not a fantasy.
    expect(ended - now).toBeGreaterThan(0.4 * (done - now));
    await rig.stop();
  }, 60_000);

  it.each([
    {
      answer: 'within-limit',
      zh: /^关闭大屏与照明，等待来电；未来电则约/,
      en: /^Wall screens and lights off, then waits; without/,
    },
    { answer: 'unknown', zh: /^继续等待；未来电则约/, en: /^Goes on waiting; without/ },
  ])(
    '$answer: waits, and begins by itself at about the time that was said',
    async ({ answer, zh, en }) => {
      const { rig, view } = await firstView();
      const said = optionOf(view, answer);
      expect(said.zh).toMatch(zh);
      expect(said.en).toMatch(en);
      expect(timesIn(said.zh)).toEqual(timesIn(said.en));
      const now = rig.clock.now();
      rig.answer(answer);
      await rig.run(minutes(1));
      expect(displayOff(rig)).toBe(answer === 'within-limit');
      await rig.until((one) => one.phase === 'protecting', hours(2));
      const start = timeOf(rig, timesIn(said.en)[0]);
      expect(said.en.includes('or later')).toBe(answer === 'within-limit');
      expect(began(rig) - start).toBeGreaterThan(-0.2 * (start - now));
      if (answer === 'unknown') expect(began(rig) - start).toBeLessThan(0.2 * (start - now));
      await rig.stop();
    },
    60_000,
  );

  it.each([
    { answer: 'duration', beyond: true },
    { answer: 'duration', beyond: false },
    { answer: 'time', beyond: true },
    { answer: 'time', beyond: false },
  ])(
    '$answer, beyond the border that was said: $beyond',
    async ({ answer, beyond }) => {
      const { rig, view } = await firstView();
      const said = optionOf(view, answer);
      expect(said.zh).toMatch(/^晚于 \d\d:\d\d：立即备份并关机，.*。早于：关闭大屏与照明，等待来电；未来电则约/);
      expect(said.en).toMatch(/^Later than \d\d:\d\d: backup and shutdown start now, .*\. Earlier: wall screens/);
      const border = timeOf(rig, timesIn(said.en)[0]) + (beyond ? 3 : -3) * 60_000;
      const given =
        answer === 'time'
          ? { until: toIso(instant(border)) }
          : { minutes: Math.round((border - rig.clock.now()) / 60_000) };
      expect(rig.answer(answer, given)).toMatchObject({ ok: true });
      await rig.run(seconds(30));
      expect(rig.view().phase).toBe(beyond ? 'protecting' : 'holding');
      await rig.run(minutes(1));
      expect(displayOff(rig)).toBe(true);
      await rig.stop();
    },
    60_000,
  );

  it('while the sequence runs by an answer, the others say that it is taken back; by the battery, that it goes on', async () => {
    const world = new MiniWorld();
    await world.run(seconds(20));
    world.setMains(false);
    await world.run(seconds(40));
    world.answer('over-limit');
    await world.run(seconds(30));
    expect(optionOf(world.view(), 'over-limit').en).toMatch(/^Backup and shutdown go on, done at/);
    expect(optionOf(world.view(), 'unknown').zh).toMatch(/^停止关机，继续等待；/);
    world.answer('unknown');
    expect(world.view().phase).toBe('responding');
    const other = new MiniWorld();
    await other.run(seconds(20));
    other.setMains(false);
    await other.until((view) => view.phase === 'protecting', hours(2));
    await other.run(seconds(10));
    expect(other.view().pointOfNoReturn).toBeNull();
    for (const id of ['within-limit', 'unknown', 'duration'])
      expect(optionOf(other.view(), id).zh).toMatch(/^备份和关机继续/);
    other.answer('within-limit');
    expect(other.view().phase).toBe('protecting');
  });

  it('a battery that is too short for all says that backups are given up', async () => {
    const world = new MiniWorld({ battery: minutes(8) });
    await world.run(seconds(20));
    world.setMains(false);
    await world.run(seconds(5));
    const { zh, en } = optionOf(world.view(), 'over-limit');
    expect(zh).toMatch(/来不及的备份会放弃$/);
    expect(en).toMatch(/backups that do not fit are given up$/);
  });

  it('an unarmed site and a rehearsal do not promise what they will not do', async () => {
    for (const [options, now, later] of [
      [{ mode: null, armed: false }, /^People are told to back up/, /people are told to shut down at about/],
      [{ mode: 'rehearsal' }, /are rehearsed now, nothing is done/, /the shutdown is rehearsed at about/],
    ] as const) {
      const world = new MiniWorld(options);
      await world.run(seconds(20));
      world.setMains(false);
      await world.run(seconds(5));
      expect(optionOf(world.view(), 'over-limit').en).toMatch(now);
      expect(optionOf(world.view(), 'unknown').en).toMatch(later);
    }
  });

  it('mains that is back, a shutdown past its point of no return: no answer changes that, and each says so', async () => {
    const world = new MiniWorld({ config: sampleConfig() });
    await world.run(seconds(20));
    world.setMains(false);
    await world.run(seconds(40));
    world.answer('over-limit');
    await world.until((view) => view.pointOfNoReturn !== null, minutes(30));
    expect(optionOf(world.view(), 'within-limit').zh).toBe('关机已开始，不再停止');
    await world.until((view) => view.phase === 'shut-down', minutes(40));
    expect(optionOf(world.view(), 'within-limit').zh).toBe('设备已关闭，等待来电');
    world.setMains(true);
    await world.run(seconds(20));
    expect(optionOf(world.view(), 'within-limit').zh).toBe('市电已恢复，稳定后恢复设备');
  });
});
