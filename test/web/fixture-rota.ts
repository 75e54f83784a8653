import type { RotaChange } from '#core/rota/changes.ts';
import { localDate } from '#core/rota/local-days.ts';
import { instant, toIso } from '#core/time.ts';
import { toCalendarResponse, toRotaResponse } from '#services/dashboard-api/rota/rota-views.ts';
import { makeConfig } from '../dashboard-api/support.ts';

/** A rota of three people from two weeks ago on, a second rotation, and what people have changed of them; all made up. */
const TZ = 'Asia/Shanghai';
const HANDED_OVER_MS = 8.5 * 3_600_000;

function configAt(now: number, off: boolean) {
  const config = makeConfig();
  // Whose week it is goes by the hand-over: on Monday before half past eight it is still the one before.
  const today = localDate(instant(now - HANDED_OVER_MS), TZ);
  const starts = today.subtract({ days: today.dayOfWeek - 1 + 14 }).toString();
  const handover = { day: 'mon' as const, at: '08:30' };
  const weekly = { starts, handover, every: '1w', overrides: [], off: [] };
  const window = [{ days: ['sat' as const], from: '00:00', to: '12:00' }];
  const person = (id: string, zh: string, en: string, phone: string) => ({
    ...{ id, name: { zh, en }, functions: [], language: 'zh' as const, phone, routes: [{ channel: 'phone', to: id }] },
  });
  return {
    ...config,
    people: {
      ...config.people,
      people: [
        person('lin-hao', '林浩', 'Lin Hao', '+86 100 0000 0002'),
        person('gao-jie', '高洁', 'Gao Jie', '+86 100 0000 0003'),
        person('sam-reed', '山姆', 'Sam Reed', '+86 100 0000 0004'),
      ],
    },
    rota: {
      ...config.rota,
      rota: { ...weekly, order: ['lin-hao', 'gao-jie', 'sam-reed'], off: off ? window : [] },
      layers: [{ ...weekly, role: 'network-administrator' as const, order: ['gao-jie', 'sam-reed', 'lin-hao'] }],
    },
    calendar: { ...config.calendar, national_holidays: 'china' as const },
  };
}

export interface RotaFixture {
  changes: RotaChange[];
  off: boolean;
  unaccepted: boolean;
  note: string | null;
}

export function rotaAt(fixture: RotaFixture, from: string, to: string, now: number) {
  const config = configAt(now, fixture.off);
  const plain = toRotaResponse(
    config,
    { at: '', layers: [], changes: fixture.changes, notes: [] },
    {
      from: instant(now - 20 * 86_400_000),
      to: instant(now),
      now: instant(now),
    },
  );
  const [duty] = plain.layers;
  const before = duty?.turns.at(-2)?.id ?? '';
  const notes =
    fixture.note === null ? [] : [{ turn: before, text: fixture.note, by: 'gao-jie', at: toIso(instant(now)) }];
  const present = plain.layers.map(({ role, now: on }) => ({
    ...{ role, ...on },
    unacceptedSince: fixture.unaccepted ? toIso(instant(now - 3_600_000)) : null,
  }));
  const view = { at: toIso(instant(now)), layers: present, changes: fixture.changes, notes };
  return toRotaResponse(config, view, {
    ...{ from: instant(Date.parse(from)), to: instant(Date.parse(to)), now: instant(now) },
  });
}

export const calendarAt = (from: string, to: string, now: number) =>
  toCalendarResponse(configAt(now, false), Temporal.PlainDate.from(from), Temporal.PlainDate.from(to));
