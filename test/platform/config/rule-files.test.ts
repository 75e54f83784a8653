import { afterEach, describe, expect, it } from 'vitest';
import type { Cancel } from '#core/ports.ts';
import { instant, seconds } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { openRuleFiles } from '#platform/config/rule-files.ts';
import { makeSite, removeSites, type SiteCopy } from './fixture.ts';

const stops: Cancel[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
  removeSites();
});

function begin(copy: SiteCopy = makeSite()) {
  const clock = createVirtualClock(instant(Date.UTC(2026, 10, 21)));
  const files = openRuleFiles(copy.directory, {}, clock);
  let changes = 0;
  const listen = (): void => {
    const stop = files.watch(() => {
      changes += 1;
    });
    stops.push(stop);
  };
  return { copy, clock, files, listen, changes: () => changes };
}
const RULES = 'rules/power.yaml';

describe('the rules’ files while the service runs', () => {
  it('a file that changed is told once it has been left alone, also where the system tells of no change', () => {
    const { copy, clock, listen, changes } = begin();
    listen();
    clock.advanceBy(seconds(60));
    expect(changes()).toBe(0);
    copy.edit(RULES, 'severity: high', 'severity: medium');
    clock.advanceBy(seconds(60));
    expect(changes()).toBe(1);
    clock.advanceBy(seconds(60));
    expect(changes()).toBe(1);
  });

  it('what changed between opening and listening is told too', () => {
    const { copy, clock, listen, changes } = begin();
    copy.edit(RULES, 'severity: high', 'severity: medium');
    listen();
    clock.advanceBy(seconds(60));
    expect(changes()).toBe(1);
  });

  it('SIGHUP has them read again, and nobody listens after the end', () => {
    const { clock, listen, changes } = begin();
    listen();
    process.emit('SIGHUP');
    expect(changes()).toBe(1);
    for (const stop of stops.splice(0)) stop();
    process.emit('SIGHUP');
    clock.advanceBy(seconds(60));
    expect(changes()).toBe(1);
  });

  it('gives the rules as they are, and of a broken file the place and the mend instead', async () => {
    const { copy, files } = begin();
    const good = await files.read();
    expect(good.problems).toEqual([]);
    expect(good.rules?.map(({ id }) => id)).toEqual(['mains-lost', 'battery-low', 'smoke']);
    copy.edit(RULES, 'severity: high', 'severity: dreadful');
    const broken = await files.read();
    expect(broken.rules).toBeNull();
    expect(broken.problems).toMatchObject([
      { file: RULES, line: expect.any(Number), message: expect.stringContaining('dreadful') },
    ]);
  });

  it('a rule that a plan is opened by cannot go', async () => {
    const { copy, files } = begin();
    copy.edit(RULES, 'id: mains-lost', 'id: mains-away');
    const { rules, problems } = await files.read();
    expect(rules).toBeNull();
    expect(problems.map(({ message }) => message).join()).toContain('mains-lost');
  });
});
