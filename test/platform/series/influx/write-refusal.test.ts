import { describe, expect, it } from 'vitest';
import { judgeRefusal, retryAfterMs, type WriteRefusal } from '#platform/series/influx/write-refusal.ts';

const LINES = [
  'zhishou_power,site=hq,device=a,point=ups.load value=1,quality="good" 3000',
  'zhishou_power,site=hq,device=b,point=ups.load quality="missing null" 1000',
  `zhishou_power,site=hq,device=it's,point=ups.load value=3,quality="good" 2000`,
];
const json = (value: object): string => JSON.stringify(value);
const lines = (bad: Record<number, string>, rest: 'written' | 'unwritten' | 'unknown') => ({
  kind: 'lines',
  bad: new Map(Object.entries(bad).map(([place, reason]) => [Number(place), reason])),
  rest,
});
const CONFLICT =
  'field type conflict: input field "value" on measurement "zhishou_power" is type float, already exists as type integer';

/** Words as the servers say them: 1.x seen with 1.6.7, 2.x and 3 from their manuals and issues. */
const ROWS: readonly (readonly [why: string, status: number, body: string, expected: object])[] = [
  [
    '1.x names what it cannot read, each with its reason, and has written the rest',
    400,
    json({
      error: `partial write: unable to parse '${LINES[0]}': invalid number\nunable to parse '${LINES[2]}': missing tag value dropped=0`,
    }),
    lines({ 0: 'invalid number', 2: 'missing tag value' }, 'written'),
  ],
  [
    '1.x that could read none has written none',
    400,
    json({ error: `unable to parse '${LINES[1]}': invalid field format` }),
    lines({ 1: 'invalid field format' }, 'unwritten'),
  ],
  [
    '1.x counts what is beyond retention: the oldest by their time',
    400,
    json({ error: 'partial write: points beyond retention policy dropped=2' }),
    lines({ 1: 'points beyond retention policy', 2: 'points beyond retention policy' }, 'written'),
  ],
  [
    '1.x names the field: those that have it',
    400,
    json({ error: `partial write: ${CONFLICT} dropped=2` }),
    lines({ 0: CONFLICT, 2: CONFLICT }, 'written'),
  ],
  [
    'a number that fits no explanation is found out by halves',
    400,
    json({ error: `partial write: ${CONFLICT} dropped=3` }),
    lines({}, 'unknown'),
  ],
  ['a conflict within the request names nothing', 400, json({ error: 'field type conflict' }), lines({}, 'unknown')],
  [
    'a point of the future is not among the oldest',
    422,
    json({ message: 'partial write: dropped 1 points outside retention policy … Upper Bound at … dropped=1' }),
    lines({}, 'unknown'),
  ],
  [
    '2.x says 422 in its own form, with more words behind the number',
    422,
    json({
      code: 'unprocessable entity',
      message: `failure writing points to database: partial write: ${CONFLICT} dropped=2 for database: 9f28 for retention policy: autogen`,
    }),
    lines({ 0: CONFLICT, 2: CONFLICT }, 'written'),
  ],
  [
    '3 gives numbers from 1',
    400,
    json({
      error: 'partial write of line protocol occurred',
      data: [{ original_line: 'zhishou_power …', line_number: 3, error_message: 'no' }],
    }),
    lines({ 2: 'no' }, 'written'),
  ],
  [
    '3 that takes no part has written nothing, and names one line outside a list',
    400,
    json({ error: 'parsing failed for write_lp endpoint', data: { line_number: 1, error_message: 'no fields' } }),
    lines({ 0: 'no fields' }, 'unwritten'),
  ],
  ['the database is gone (1.x)', 404, json({ error: 'database not found: "history"' }), { kind: 'missing' }],
  ['the policy is gone (1.x)', 500, json({ error: 'retention policy not found: zhishou_raw' }), { kind: 'missing' }],
  ['the bucket is gone (2.x)', 404, json({ code: 'not found', message: 'bucket "x" not found' }), { kind: 'missing' }],
  ['too large', 413, '', { kind: 'too-large' }],
  ['credentials', 401, json({ error: 'authorization failed' }), { kind: 'down' }],
  ['rights', 403, json({ error: '"u" user is not authorized to write to database "x"' }), { kind: 'down' }],
  ['busy', 503, json({ error: 'timeout' }), { kind: 'down' }],
  [
    'a 400 about the request as a whole throws no line away',
    400,
    json({ error: 'unknown precision' }),
    { kind: 'down' },
  ],
  ['a proxy', 502, '<html>Bad gateway</html>', { kind: 'down' }],
];

describe('what a refused write means', () => {
  for (const [why, status, body, expected] of ROWS) {
    it(`${status}: ${why}`, () => {
      const refusal: WriteRefusal = judgeRefusal({ status, body }, LINES);
      expect(refusal).toMatchObject(expected);
      if (refusal.kind === 'lines') expect(refusal.bad).toEqual((expected as { bad: unknown }).bad);
      expect(refusal.detail).toContain(`HTTP ${status}`);
    });
  }

  it('3 names a hundred lines at most: the others are sent alone to hear of more', () => {
    const many = Array.from({ length: 150 }, (_, i) => `m v=${i} ${i}`);
    const data = many.slice(0, 100).map((_, i) => ({ line_number: i + 1, error_message: 'no' }));
    const body = json({ error: 'partial write of line protocol occurred', data });
    expect(judgeRefusal({ status: 400, body }, many)).toMatchObject({ kind: 'lines', rest: 'unwritten' });
  });

  it('Retry-After is seconds or a date', () => {
    const now = Date.UTC(2026, 0, 5);
    expect(retryAfterMs(null, now)).toBeNull();
    expect(retryAfterMs('30', now)).toBe(30_000);
    expect(retryAfterMs('Mon, 05 Jan 2026 00:02:00 GMT', now)).toBe(120_000);
    expect(retryAfterMs('Sun, 04 Jan 2026 00:02:00 GMT', now)).toBe(0);
    expect(retryAfterMs('soon', now)).toBeNull();
  });
});
