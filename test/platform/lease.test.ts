import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { instant, minutes, seconds } from '#core/time.ts';
import { createVirtualClock, type VirtualClock } from '#platform/clock/virtual-clock.ts';
import { openJournal, type SiteJournal } from '#platform/journal.ts';
import { createLease, type Lease } from '#platform/lease.ts';

const folder = mkdtempSync(join(tmpdir(), 'zhishou-lease-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;
const AT = instant(Date.UTC(2026, 0, 5));

interface Instance {
  readonly journal: SiteJournal;
  readonly lease: Lease;
  readonly events: string[];
  act(): boolean;
}

/** An instance with its own connection to the site's journal, as another process would have. */
function startInstance(file: string, clock: VirtualClock, holder: string, alive = 'unknown'): Instance {
  const journal = openJournal(file);
  journal.fence(holder);
  const events: string[] = [];
  const lease = createLease({
    table: journal.lease,
    clock,
    holder,
    ttl: seconds(15),
    onHeld: () => events.push('held'),
    onLost: () => events.push('lost'),
    process: `process of ${holder}`,
    isAlive: () => alive as 'alive' | 'gone' | 'unknown',
  });
  const act = (): boolean => {
    try {
      journal.append([{ at: AT, stream: 'site', kind: 'act', body: holder }]);
      return true;
    } catch {
      return false;
    }
  };
  return { journal, lease, events, act };
}

describe('two instances never act on one site at once (EMERGENCY.md)', () => {
  const setUp = () => ({ file: join(folder, `${++made}.sqlite`), clock: createVirtualClock(AT) });

  it('gives a lone instance the lease at once', () => {
    const { file, clock } = setUp();
    const a = startInstance(file, clock, 'a');
    expect([a.lease.held, a.events, a.act()]).toEqual([true, ['held'], true]);
  });

  it('keeps the second standing by, for as long as the first shows life, and its journal takes nothing from it', () => {
    const { file, clock } = setUp();
    const a = startInstance(file, clock, 'a');
    const b = startInstance(file, clock, 'b');
    clock.advanceBy(minutes(60));
    expect([a.lease.held, b.lease.held, a.act(), b.act()]).toEqual([true, false, true, false]);
    expect(b.events).toEqual([]);
  });

  it('lets the second take over once the first has shown no life for the whole time to live', () => {
    const { file, clock } = setUp();
    const stopped = createVirtualClock(AT);
    const a = startInstance(file, stopped, 'a'); // its clock stands: it hangs
    const b = startInstance(file, clock, 'b');
    clock.advanceBy(seconds(14));
    expect(b.lease.held).toBe(false);
    clock.advanceBy(seconds(6));
    expect([b.lease.held, b.act(), a.act()]).toEqual([true, true, false]);
    stopped.advanceBy(seconds(16)); // it wakes and finds out
    expect([a.lease.held, a.events]).toEqual([false, ['held', 'lost']]);
    expect(b.lease.held).toBe(true);
  });

  it('lets a lone instance keep the lease after a long stall: nobody has taken it', () => {
    const { file, clock } = setUp();
    const a = startInstance(file, clock, 'a');
    const late = startInstance(file, createVirtualClock(AT), 'b');
    clock.advanceTo(instant(AT + 3_600_000));
    expect([a.lease.held, a.events, a.act(), late.act()]).toEqual([true, ['held'], true, false]);
  });

  it('loses the lease when its store cannot be reached for the whole time to live', () => {
    const { file, clock } = setUp();
    const a = startInstance(file, clock, 'a');
    a.journal.close();
    clock.advanceBy(seconds(15));
    expect(a.events).toEqual(['held']);
    clock.advanceBy(seconds(15));
    expect([a.lease.held, a.events]).toEqual([false, ['held', 'lost']]);
  });

  it('takes over at once when the holder stopped in order, or its process is known to be gone (kill -9, reboot)', async () => {
    const { file, clock } = setUp();
    const a = startInstance(file, clock, 'a');
    await a.lease.stop();
    const b = startInstance(file, clock, 'b');
    expect([a.act(), b.lease.held]).toEqual([false, true]);
    const c = startInstance(file, createVirtualClock(AT), 'c', 'gone');
    expect([c.lease.held, b.act(), c.act()]).toEqual([true, false, true]);
  });

  it('holds at most one lease at any moment, whoever hangs and wakes', () => {
    const { file } = setUp();
    const clocks = [0, 1, 2].map(() => createVirtualClock(AT));
    const instances = clocks.map((clock, i) => startInstance(file, clock, `i${i}`));
    let turn = 7;
    for (let i = 0; i < 300; i++) {
      turn = (turn * 1103515245 + 12345) % 2 ** 31;
      clocks[turn % 3]?.advanceBy(seconds(1 + (turn % 20)));
      expect(instances.filter((one) => one.act()).length).toBeLessThanOrEqual(1);
    }
    expect(instances.some((one) => one.events.includes('lost'))).toBe(true);
  });

  it('tells its own process from one that is gone', async () => {
    const { file, clock } = setUp();
    const journal = openJournal(file);
    const options = { table: journal.lease, clock, onHeld: () => {}, onLost: () => {} };
    const a = createLease({ ...options, holder: 'a' });
    const b = createLease({ ...options, holder: 'b' });
    expect([a.held, b.held]).toEqual([true, false]);
    const row = journal.lease.read();
    journal.lease.take('old', String(row?.process).replace(/\d+$/, '1'), row);
    expect(createLease({ ...options, holder: 'c' }).held).toBe(true);
  });
});
