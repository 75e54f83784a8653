import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calendarFileSchema } from '#core/config/rota.ts';
import { makeAgenda, type OpenMatters } from '#core/paperwork/meeting-agenda.ts';
import { emptyMeeting, type MeetingEvent, mayFollow, nextRecord } from '#core/paperwork/meeting-events.ts';
import { currentTimes, meetingTimes } from '#core/paperwork/meeting-schedule.ts';
import { hours, instant, plus, toIso } from '#core/time.ts';

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri'] as const;
const site = (weekday: number, calendar: Record<string, unknown> = {}) => ({
  meeting: { at: { weekday, hour: 9, minute: 0 } },
  calendar: calendarFileSchema.parse({ working_hours: [{ days: WEEKDAYS, from: '08:30', to: '17:30' }], ...calendar }),
  timeZone: 'Asia/Shanghai',
});
const at = (iso: string) => instant(Date.parse(iso));

describe('O-WK-3: when the weekly meeting is', () => {
  it.each([
    ['before it', '2026-11-22T03:00:00Z', '2026-11-16', '2026-11-23'],
    ['as it begins it goes on', '2026-11-23T01:00:00Z', '2026-11-23', '2026-11-30'],
    ['the day after', '2026-11-24T01:00:00Z', '2026-11-23', '2026-11-30'],
  ])('%s', (_, now, last, next) => {
    const times = currentTimes(site(1), at(now));
    expect([times.last?.id, times.next?.id]).toEqual([last, next]);
  });

  it('on a holiday it is on the next working day, at the same time', () => {
    const times = meetingTimes(site(4, { national_holidays: 'china' }), at('2026-10-01T00:00:00Z'), 0, 0);
    expect(times).toEqual([{ id: '2026-10-08', at: at('2026-10-08T01:00:00Z') }]);
  });

  it('a holiday that swallows two of them gives one meeting', () => {
    const long = { holidays: Array.from({ length: 12 }, (_, i) => `2026-11-${String(16 + i).padStart(2, '0')}`) };
    const ids = meetingTimes(site(1, long), at('2026-11-18T00:00:00Z'), 0, 1).map(({ id }) => id);
    expect(ids).toEqual(['2026-11-30']);
  });

  it('where no day is worked at all the day itself is as good as any', () => {
    expect(meetingTimes(site(1, { working_hours: [] }), at('2026-11-18T00:00:00Z'), 0, 0)[0]?.id).toBe('2026-11-16');
  });

  it('there is always one before and one after, a week apart where there is no holiday', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 24 * 365 }), (weekday, hour) => {
        const now = plus(at('2026-01-01T00:00:00Z'), hours(hour));
        const { last, next } = currentTimes(site(weekday), now);
        expect(last !== null && last.at <= now && next !== null && now < next.at).toBe(true);
        expect((next?.at ?? 0) - (last?.at ?? 0)).toBe(hours(7 * 24));
      }),
    );
  });
});

const text = (words: string) => ({ zh: words, en: words });
const NOTHING: OpenMatters = {
  ...{ report: null, decisions: [], tasks: [], duties: [], repairs: [], changes: [], entries: [], incidents: [] },
  ...{ alarms: [], own: [] },
};
const task = (id: string, overdue: boolean) => ({
  ...{ id, title: text(id), owner: null, dueAt: toIso(at('2026-11-20T00:00:00Z')), overdue, path: '/tasks' },
});

describe('O-WK-3: the agenda', () => {
  const day = (iso: string): string => iso.slice(0, 10);
  it('begins with the report, then what is late or failed, then the rest; what people added is last', () => {
    const agenda = makeAgenda(
      {
        ...NOTHING,
        report: { id: 'weekly-2026-W47', name: '2026-W47', path: '/reports/weekly-2026-W47' },
        decisions: [{ meeting: '2026-11-16', id: '1', text: 'buy', owner: null, dueAt: null, overdue: false }],
        tasks: [task('calm', false), task('late', true)],
        duties: [{ ...task('patrol@2026-11-18', true), missed: true }],
        repairs: [
          {
            key: 'repairs/2026-0001',
            title: text('r'),
            state: text('done'),
            overdue: false,
            path: '/r',
            toConfirm: true,
          },
        ],
        incidents: [{ id: 'i', title: text('outage'), at: '2026-11-19T00:00:00Z', open: true }],
        own: [{ id: '1', title: text('own') }],
      },
      day,
    );
    expect(agenda.map(({ id }) => id)).toEqual([
      'report:weekly-2026-W47',
      'task:late',
      'duty:patrol@2026-11-18',
      'incident:i',
      'decision:2026-11-16/1',
      'task:calm',
      'repair:repairs/2026-0001',
      'own:1',
    ]);
    expect(agenda.filter(({ confirm }) => confirm).map(({ id }) => id)).toEqual(['repair:repairs/2026-0001']);
    expect(agenda.find(({ id }) => id.startsWith('duty:'))?.detail?.zh).toBe('应在 2026-11-20 前完成，未做');
  });

  it('is bounded, and none that is pressing is among those only counted while a calm one is shown', () => {
    const tasks = Array.from({ length: 100 }, (_, i) => task(`t${i}`, i >= 80));
    const agenda = makeAgenda({ ...NOTHING, tasks }, day);
    expect(agenda).toHaveLength(31);
    expect(agenda.filter(({ pressing }) => pressing)).toHaveLength(20);
    expect(agenda.at(-1)?.title.zh).toBe('同类另有 70 项');
  });

  it('ids are the same while matters stay open, so notes stay with them', () => {
    const ids = (late: boolean) =>
      new Set(makeAgenda({ ...NOTHING, tasks: [task('a', late), task('b', false)] }, day).map(({ id }) => id));
    expect(ids(true)).toEqual(ids(false));
  });
});

describe('O-WK-3: closed minutes', () => {
  const words = fc.string({ minLength: 1, maxLength: 20 });
  const event: fc.Arbitrary<MeetingEvent> = fc.oneof(
    fc.constant<MeetingEvent>({ kind: 'opened', agenda: [], report: null }),
    fc.constant<MeetingEvent>({ kind: 'people', present: [], chair: null }),
    fc.record({ kind: fc.constant('own' as const), id: words, title: words }),
    fc.record({ kind: fc.constant('item' as const), item: words, note: words }),
    fc.record({ kind: fc.constant('confirmed' as const), item: words }),
    fc.constant<MeetingEvent>({ kind: 'decision', id: '1', item: null, text: 'x', owner: null, dueAt: null }),
    fc.constant<MeetingEvent>({ kind: 'closed' }),
    fc.record({ kind: fc.constant('addendum' as const), text: words }),
  );
  it('stay as they are, whatever is written after them: only addenda are added', () => {
    const line = (one: MeetingEvent) => ({
      meeting: 'm',
      at: at('2026-11-23T02:00:00Z'),
      by: 'u',
      byName: 'U',
      event: one,
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 20 }), fc.array(event, { maxLength: 20 }), (before, after) => {
        const start = emptyMeeting('m', '2026-11-23T01:00:00Z', text('m'));
        const closed = [...before, { kind: 'closed' } as const].map(line).reduce(nextRecord, start);
        const later = after.map(line).reduce(nextRecord, closed);
        const { addenda: _, lines: __, ...minutes } = later;
        const { addenda: first, lines: ___, ...was } = closed;
        expect(minutes).toEqual(was);
        expect(later.addenda.slice(0, first.length)).toEqual(first);
        expect(after.filter((one) => mayFollow(closed, one)).every(({ kind }) => kind === 'addendum')).toBe(true);
      }),
    );
  });
});
