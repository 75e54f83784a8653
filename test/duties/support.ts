import type { z } from 'zod';
import { devicesFileSchema } from '#core/config/device.ts';
import { type Duty, dutySchema } from '#core/config/duties.ts';
import { calendarFileSchema } from '#core/config/rota.ts';
import { type DutySite, dutySite } from '#core/duties/occurrences.ts';
import { type Instant, instant } from '#core/time.ts';

/** A duty with what a test does not care about filled in. */
export const makeDuty = (change: Partial<z.input<typeof dutySchema>> = {}): Duty =>
  dutySchema.parse({
    id: 'patrol',
    title: { zh: '日常巡检', en: 'Daily patrol' },
    function: 'duty',
    when: 'daily',
    from: '08:30',
    due: '10:30',
    ...change,
  });

export const CHINA = calendarFileSchema.parse({
  working_hours: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:30', to: '17:30' }],
  national_holidays: 'china',
  seasons: { heating: { from: '11-15', to: '03-15' } },
});

export const makeSite = (zone = 'Asia/Shanghai', calendar = CHINA): DutySite =>
  dutySite({
    site: { time_zone: zone },
    calendar,
    devices: devicesFileSchema.parse({
      devices: [
        { id: 'ups-1', name: { zh: 'UPS 一号', en: 'UPS 1' }, kind: 'ups' },
        { id: 'ups-2', name: { zh: 'UPS 二号', en: 'UPS 2' }, kind: 'ups' },
        { id: 'ac-1', name: { zh: '空调', en: 'AC 1' }, kind: 'cooling' },
      ],
    }).devices,
  });

export const at = (text: string): Instant => instant(Date.parse(text));
export const yearOf = (year: number): readonly [Instant, Instant] => [
  at(`${year}-01-01T00:00:00+08:00`),
  at(`${year + 1}-01-01T00:00:00+08:00`),
];
