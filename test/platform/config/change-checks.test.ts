import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeSite, removeSites } from './fixture.ts';

/** site.yaml, `watched_changes` and `meeting`: each mistake at its place, with the mend. */
afterAll(removeSites);

function problems(lines: string): readonly string[] {
  const site = makeSite();
  return site.write('site.yaml', `${readFileSync(join(site.directory, 'site.yaml'), 'utf8')}\n${lines}\n`).problems();
}

describe('watched changes and the meeting', () => {
  it('are taken as they are, and a site without them has neither', () => {
    expect(problems('watched_changes: {}')).toEqual([]);
    expect(makeSite().load().config?.site.watched_changes).toBeUndefined();
    expect(makeSite().load().config?.site.meeting).toBeUndefined();
  });

  it.each([
    [
      'a device that there is not',
      'watched_changes: { except: [no-such] }',
      /site\.yaml:\d+:\d+ there is no device no-such/,
    ],
    ['what is no pattern', 'watched_changes: { points: ["outlet 3"] }', /a point, or a pattern with \*/],
    ['a length without its unit', 'watched_changes: { settle: 60 }', /site\.yaml:\d+:\d+/],
    ['a time that is none', 'meeting: { at: "Monday 9" }', /a day and a time, e\.g\. Mon 09:00/],
    ['nobody to lead it', 'meeting: { chair: network-administrator }', /nobody has the function network-administrator/],
    ['an unknown key', 'meeting: { time: "Mon 09:00" }', /the key time is not known here/],
  ])('with %s is told where and what to write', (_what, lines, expected) => {
    expect(problems(lines)).toContainEqual(expect.stringMatching(expected));
  });
});
