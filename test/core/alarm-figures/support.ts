import { createAlarmCollector } from '#core/alarm-figures/alarms.ts';
import { type FiguresInput, figuresOf } from '#core/alarm-figures/figures.ts';
import type { AlarmFigures } from '#core/alarm-figures/view.ts';
import { weekOf } from '#core/alarm-figures/weeks.ts';
import type { AlertChange, AlertEvent } from '#core/alert-event.ts';
import { sameText } from '#core/text.ts';
import { type Instant, instant, toIso } from '#core/time.ts';

/** Monday 2026-11-16 00:00 in Shanghai. Everything made up. */
export const MONDAY = instant(Date.parse('2026-11-15T16:00:00Z'));
export const WEEK = weekOf(MONDAY, 'Asia/Shanghai');
const SECOND = 1000;

export type Line = readonly [seconds: number, alert: string, what: AlertChange, also?: Partial<AlertEvent>];

/** `ups.th-1.3` is an alert of rule `ups` on `th-1`; times in seconds after Monday's beginning. */
export const eventsOf = (lines: readonly Line[]): AlertEvent[] =>
  lines.map(([seconds, alert, what, also = {}]) => {
    const [rule = '', device = ''] = alert.split('.');
    return {
      at: toIso(instant(MONDAY + seconds * SECOND)),
      alert,
      rule,
      device,
      severity: 'low',
      what,
      by: null,
      ...also,
    };
  });

export function alarmsOf(events: readonly AlertEvent[]) {
  const collector = createAlarmCollector();
  for (const event of events) collector.add(event);
  return collector.alarms();
}

export const figures = (lines: readonly Line[], also: Partial<FiguresInput> = {}): AlarmFigures =>
  figuresOfEvents(eventsOf(lines), also);

export const figuresOfEvents = (events: readonly AlertEvent[], also: Partial<FiguresInput> = {}): AlarmFigures =>
  figuresOf({
    ...{ alarms: alarmsOf(events), pages: [], span: WEEK, now: WEEK.to, simulation: false },
    roomOf: (device) => (device.startsWith('th') ? 'core' : null),
    isSafety: (rule) => rule === 'smoke',
    titleOf: (rule) => sameText(rule),
    ...also,
  });

export const moment = (seconds: number): Instant => instant(MONDAY + seconds * SECOND);
