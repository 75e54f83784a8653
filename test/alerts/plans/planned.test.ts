import { describe, expect, it } from 'vitest';
import type { PlannedOutage } from '#core/outage.ts';
import { hours, instant, minutes, seconds, toIso } from '#core/time.ts';
import { type MiniOptions, MiniWorld } from './mini-world.ts';

/** O-PWR-1: announced cuts, from their announcement to their end. The sample plan prepares two hours ahead. */

const H = 60;

interface Announced {
  readonly fromMin: number;
  readonly lengthMin: number;
  readonly id?: string;
  readonly upses?: readonly string[];
}

class Night {
  readonly world: MiniWorld;
  readonly start: number;
  outages: PlannedOutage[] = [];

  constructor(options: MiniOptions = {}) {
    this.world = new MiniWorld(options);
    this.start = this.world.clock.now();
    this.#tick();
  }

  #tick(): void {
    this.world.clock.after(minutes(1), () => {
      if (!this.world.dead) this.world.incidents.onPlannedOutages(this.outages);
      this.#tick();
    });
  }

  announce({ fromMin, lengthMin, id = 'cut-1', upses = [] }: Announced): void {
    const at = (min: number): string => toIso(instant(this.start + min * 60_000));
    this.outages = [
      ...this.outages,
      {
        id,
        from: at(fromMin),
        to: at(fromMin + lengthMin),
        upses,
        reason: 'new transformer',
        by: 'gao-jie',
        at: at(0),
        cancelled: null,
      },
    ];
    this.world.incidents.onPlannedOutages(this.outages);
  }

  cancel(id = 'cut-1'): void {
    this.outages = this.outages.map((one) =>
      one.id === id ? { ...one, cancelled: { by: 'gao-jie', at: one.at, reason: 'called off' } } : one,
    );
    this.world.incidents.onPlannedOutages(this.outages);
  }

  /** Runs until so many minutes after the beginning. */
  async until(min: number): Promise<void> {
    await this.world.run(minutes(Math.max(0, min - (this.world.clock.now() - this.start) / 60_000)));
  }

  lines(kind = 'decision'): string[] {
    return this.world
      .view()
      .timeline.filter((line) => line.kind === kind)
      .map((line) => line.what.en);
  }

  took(): string[] {
    return this.world
      .accepted()
      .filter((what) => what.endsWith(' shutdown') || /(server|array).*outlet-off/.test(what));
  }

  told(step: string) {
    return [...this.world.told].find(([key]) => key.includes(step))?.[1];
  }

  open(): boolean {
    return this.world.incidents.views().some((view) => view.phase !== 'closed');
  }
}

const approve = (night: Night) =>
  night.world.order({
    kind: 'incident.answer',
    incident: night.world.view().id,
    step: 'approve-planned',
    answer: 'backup-now',
  });

describe('O-PWR-1: ahead of the cut', () => {
  it('nothing happens before its time; then an incident prepares, tells, asks and backs up while mains is there', async () => {
    const night = new Night();
    night.announce({ fromMin: 5 * H, lengthMin: 2 * H });
    await night.until(3 * H - 2);
    expect(night.world.incidents.views()).toEqual([]);
    await night.until(3 * H + 2);
    expect(night.world.view()).toMatchObject({ phase: 'preparing', planned: { id: 'cut-1' } });
    expect(night.world.view().acknowledged?.by).toBe('gao-jie');
    expect([...night.world.told.keys()].some((key) => key.includes('tell-planned'))).toBe(true);
    expect(approve(night)).toMatchObject({ ok: true });
    await night.until(3 * H + 20);
    expect(night.world.step('backup-ahead:server-1').state).toBe('done');
    expect(night.took()).toEqual([]);
  });

  it('I3: no shutdown before mains is really lost, whatever the announced length', async () => {
    const night = new Night();
    night.announce({ fromMin: 3 * H, lengthMin: 9 * H });
    await night.until(3 * H + 10);
    expect(night.world.view().phase).toBe('preparing');
    expect(night.took()).toEqual([]);
  });

  it('a person may order the shutdown ahead of it; nothing is started again before the announced end', async () => {
    const night = new Night();
    night.announce({ fromMin: 3 * H, lengthMin: 2 * H });
    await night.until(2 * H);
    const { id } = night.world.view();
    const ordered = night.world.order({ kind: 'incident.start-sequence', incident: id, reason: 'before they cut it' });
    expect(ordered).toMatchObject({ ok: true });
    await night.until(4 * H);
    expect(night.world.view().phase).toBe('shut-down');
    expect(night.world.machines.get('array-1')?.state).toBe('off');
    await night.until(6 * H);
    expect(night.world.view().outcome).toBe('recovered');
    expect(night.world.machines.get('array-1')).toMatchObject({ state: 'running', lost: false });
  });

  it('called off: it stands down and closes', async () => {
    const night = new Night();
    night.announce({ fromMin: 3 * H, lengthMin: 2 * H });
    await night.until(2 * H);
    night.cancel();
    await night.world.until((view) => view.phase === 'closed', minutes(10));
    expect(night.world.view().outcome).toBe('stood-down');
    expect(night.took()).toEqual([]);
    await night.until(4 * H);
    expect(night.open()).toBe(false);
  });

  it('a new time (the old one called off, a new one entered) is prepared for anew', async () => {
    const night = new Night();
    night.announce({ fromMin: 3 * H, lengthMin: 2 * H });
    await night.until(2 * H);
    night.cancel();
    night.announce({ id: 'cut-2', fromMin: 3 * H + 30, lengthMin: H });
    await night.until(2 * H + 5);
    expect(night.world.view()).toMatchObject({ phase: 'preparing', planned: { id: 'cut-2' } });
    expect(night.world.incidents.views().filter((view) => view.phase !== 'closed')).toHaveLength(1);
  });

  it('the start passes and mains is still there: people are told once to ask; at its end it stands down', async () => {
    const night = new Night();
    night.announce({ fromMin: 3 * H, lengthMin: 2 * H });
    await night.until(3 * H + 10);
    expect(night.lines()).not.toContain('The planned outage has not begun');
    await night.until(3 * H + 20);
    expect(night.lines().filter((line) => line === 'The planned outage has not begun')).toHaveLength(1);
    expect([...night.world.told.keys()].some((key) => key.includes('planned-late'))).toBe(true);
    await night.until(5 * H + 5);
    expect(night.open()).toBe(false);
    expect(night.took()).toEqual([]);
    // Nobody is told of an outage that never was.
    const told = night.told('tell-stand-down');
    expect(told?.subject).toEqual({
      zh: expect.stringContaining('计划停电没有发生，应急解除'),
      en: expect.stringContaining('the announced cut did not come, stood down'),
    });
    expect(told?.body.zh).toContain('计划的停电没有发生，未关闭任何服务器');
    expect(told?.body.en).toContain('The announced cut never came; no server was shut down');
  });

  it('what came and went is told with how long mains was away, not with how long it was prepared for', async () => {
    const night = new Night({ battery: hours(4) });
    night.announce({ fromMin: 3 * H, lengthMin: H });
    await night.until(3 * H);
    night.world.setMains(false);
    await night.until(3 * H + 12);
    night.world.setMains(true);
    await night.until(5 * H);
    const told = night.told('tell-stand-down');
    expect(told?.subject.zh).toContain('来电，应急解除');
    expect(told?.body).toEqual({
      zh: expect.stringContaining('停电历时 12 分钟，'),
      en: expect.stringContaining('Mains was away for 12 min'),
    });
  });

  it('only the plan whose UPS is concerned prepares', async () => {
    const night = new Night();
    night.announce({ fromMin: 2 * H, lengthMin: H, upses: ['ups-of-another-room'] });
    await night.until(2 * H - 5);
    expect(night.world.incidents.views()).toEqual([]);
  });
});

describe('O-PWR-1: when it comes', () => {
  const rows = [
    { reason: 'on time', lostMin: 3 * H },
    { reason: 'ten minutes early', lostMin: 3 * H - 10 },
    { reason: 'an hour late', lostMin: 4 * H },
  ];
  it.each(rows)('$reason: its announced end is the outlook, and by its length it is judged', async ({ lostMin }) => {
    const night = new Night({ battery: hours(4) });
    night.announce({ fromMin: 3 * H, lengthMin: 2 * H + 40 });
    await night.until(2 * H);
    await night.until(lostMin);
    night.world.setMains(false);
    await night.world.run(minutes(2));
    expect(night.world.view().clocks?.outlook).toMatchObject({ kind: 'until', by: 'gao-jie' });
    expect(night.world.view().clocks?.outlook.until).toBe(night.outages[0]?.to);
    // More than ninety minutes to its announced end: the sequence begins at once.
    expect(night.world.view().phase).toBe('protecting');
  });

  it('short enough: it sheds and waits', async () => {
    const night = new Night({ battery: hours(4) });
    night.announce({ fromMin: 3 * H, lengthMin: H });
    await night.until(3 * H);
    night.world.setMains(false);
    await night.world.run(minutes(2));
    expect(night.world.view().phase).toBe('holding');
    await night.until(4 * H - 1);
    night.world.setMains(true);
    await night.world.until((view) => view.phase === 'closed', minutes(20));
    expect(night.world.view().outcome).toBe('stood-down');
    expect(night.took()).toEqual([]);
  });

  it('longer than the battery: the sequence begins at once', async () => {
    const night = new Night({ battery: minutes(40) });
    night.announce({ fromMin: 3 * H, lengthMin: H });
    await night.until(3 * H);
    night.world.setMains(false);
    await night.world.run(minutes(2));
    expect(night.world.view().phase).toBe('protecting');
    await night.world.until((view) => view.phase === 'shut-down', minutes(40));
    expect([...night.world.machines.values()].some((machine) => machine.lost)).toBe(false);
  });

  it('a backup verified in preparation is not made again', async () => {
    const night = new Night();
    night.announce({ fromMin: 3 * H, lengthMin: 3 * H });
    await night.until(H + 5);
    approve(night);
    await night.until(3 * H);
    night.world.setMains(false);
    await night.world.until((view) => view.phase === 'shut-down', minutes(40));
    expect(night.world.step('backup:server-1').state).toBe('skipped');
    expect(night.world.step('backup:server-1').detail?.en).toMatch(/backed up in preparation at/);
    const backups = night.world.accepted().filter((what) => what.startsWith('server-1 backup'));
    expect(backups).toHaveLength(1);
    expect(night.world.step('shutdown-servers:server-1').state).toBe('done');
  });

  it('a backup that is stale by then is made again, and it says so', async () => {
    const night = new Night();
    night.announce({ fromMin: 3 * H, lengthMin: 9 * H });
    await night.until(H + 5);
    approve(night);
    await night.until(6 * H);
    night.world.setMains(false);
    await night.world.until((view) => view.phase === 'shut-down', minutes(50));
    expect(night.lines()).toContain('Backed up again: Server 1 (business system)');
    expect(night.world.step('backup:server-1').state).toBe('done');
  });

  it('a backup still running in preparation is waited for, not doubled', async () => {
    const night = new Night();
    await night.until(2 * H - 3);
    night.announce({ fromMin: 2 * H, lengthMin: 3 * H });
    approve(night);
    await night.until(2 * H);
    expect(night.world.step('backup-ahead:server-1').state).toMatch(/running|verifying/);
    night.world.setMains(false);
    await night.world.until((view) => view.phase === 'shut-down', minutes(50));
    expect(night.world.accepted().filter((what) => what.startsWith('server-1 backup'))).toHaveLength(1);
  });

  it('lost long before the announced start: a sudden outage, its outlook is asked for', async () => {
    const night = new Night({ battery: hours(6) });
    night.announce({ fromMin: 3 * H, lengthMin: 4 * H });
    await night.until(2 * H);
    night.world.setMains(false);
    await night.world.run(minutes(2));
    expect(night.world.view().clocks?.outlook.kind).toBe('unknown');
    expect(night.world.step('ask-outlook').state).toBe('waiting');
    expect(night.world.view().phase).toBe('responding');
  });

  it('a person’s word revises the plan’s, and no default takes it back', async () => {
    const night = new Night({ battery: hours(6) });
    await night.until(3 * H - 5);
    night.announce({ fromMin: 3 * H, lengthMin: 3 * H });
    await night.until(3 * H);
    night.world.setMains(false);
    await night.world.run(minutes(2));
    // The backups of the sequence run; nothing was taken away yet.
    expect(night.world.view()).toMatchObject({ phase: 'protecting', pointOfNoReturn: null });
    expect(night.world.answer('within-limit')).toMatchObject({ ok: true });
    expect(night.world.view().phase).toBe('holding');
    await night.world.run(minutes(30));
    expect(night.world.view().phase).toBe('holding');
    expect(night.world.view().clocks?.outlook).toMatchObject({ by: 'gao-jie', overLimit: false });
  });

  it('called off while mains is away: the plan’s end holds no longer, and people are asked', async () => {
    const night = new Night({ battery: hours(6) });
    night.announce({ fromMin: 3 * H, lengthMin: H });
    await night.until(3 * H);
    night.world.setMains(false);
    await night.world.run(minutes(2));
    expect(night.world.view().phase).toBe('holding');
    night.cancel();
    await night.world.run(seconds(20));
    expect(night.world.view().clocks?.outlook.kind).toBe('unknown');
    expect(night.world.step('ask-outlook').state).toBe('waiting');
  });

  it('longer than announced: after its end people are asked', async () => {
    const night = new Night({ battery: hours(6) });
    night.announce({ fromMin: 3 * H, lengthMin: H });
    await night.until(3 * H);
    night.world.setMains(false);
    await night.until(4 * H + 2);
    expect(night.world.view().clocks?.outlook.kind).toBe('unknown');
    expect(night.world.step('ask-outlook').state).toBe('waiting');
  });

  it('lost again within the window after it had stood down: known as planned again', async () => {
    const night = new Night({ battery: hours(6) });
    night.announce({ fromMin: 3 * H, lengthMin: H + 20 });
    await night.until(3 * H);
    night.world.setMains(false);
    await night.until(3 * H + 10);
    night.world.setMains(true);
    await night.world.until((view) => view.phase === 'closed', minutes(15));
    night.world.setMains(false);
    await night.world.run(minutes(2));
    expect(night.world.view()).toMatchObject({ planned: { id: 'cut-1' }, phase: 'holding' });
  });

  it('killed and restarted while preparing: it goes on preparing, and opens nothing twice', async () => {
    const night = new Night();
    night.announce({ fromMin: 3 * H, lengthMin: 2 * H });
    await night.until(2 * H);
    night.world.crash();
    await night.world.run(minutes(3));
    expect(night.world.incidents.views()).toHaveLength(1);
    expect(night.world.view()).toMatchObject({ phase: 'preparing', planned: { id: 'cut-1' } });
  });
});
