import { describe, expect, test } from 'vitest';
import { peopleFileSchema } from '#core/config/people.ts';
import { rotaFileSchema } from '#core/config/rota.ts';
import { type Occurrence, occurrences } from '#core/duties/occurrences.ts';
import { personOf } from '#core/duties/who.ts';
import type { RotaChange } from '#core/rota/changes.ts';
import { createLayers, createRota } from '#core/rota/rota.ts';
import type { Instant } from '#core/time.ts';
import { at, CHINA, makeDuty, makeSite } from './support.ts';

/** A week each from Monday 08:30: lin-hao has that of 16 November, gao-jie that of the 23rd. */
const CONFIG = {
  site: { time_zone: 'Asia/Shanghai' },
  calendar: CHINA,
  people: peopleFileSchema.parse({
    people: [
      { id: 'lin-hao', name: 'Lin Hao', functions: ['deputy', 'emergency-team'] },
      { id: 'gao-jie', name: 'Gao Jie', functions: ['emergency-team'] },
    ],
    contacts: {},
  }),
  rota: rotaFileSchema.parse({
    rota: { starts: '2026-11-16', handover: { day: 'mon', at: '08:30' }, order: ['lin-hao', 'gao-jie'] },
  }),
};
const rotaWith = (changes: readonly RotaChange[] = []) => createRota(CONFIG, createLayers(CONFIG, changes));
const one = (change: Parameters<typeof makeDuty>[0], day: string): Occurrence =>
  occurrences(makeDuty(change), makeSite(), at(`${day}T00:00:00+08:00`), at(`${day}T23:59:00+08:00`))[0] as Occurrence;
const clock = (text: string): Instant => at(`2026-11-${text}:00+08:00`);

describe('whose a duty is', () => {
  test('of the rota: who has the turn when it begins, so the patrol of hand-over day is the new person’s', () => {
    expect(personOf(one({}, '2026-11-23'), rotaWith(), clock('20T12:00'))?.id).toBe('gao-jie');
    expect(personOf(one({}, '2026-11-22'), rotaWith(), clock('20T12:00'))?.id).toBe('lin-hao');
  });
  test('one of several days goes over to who takes over, and stays theirs when it was due', () => {
    const long = one({ opens: 5, due: '17:30' }, '2026-11-25');
    expect(personOf(long, rotaWith(), clock('20T12:00'))?.id).toBe('lin-hao');
    expect(personOf(long, rotaWith(), clock('23T12:00'))?.id).toBe('gao-jie');
    expect(personOf(long, rotaWith(), clock('30T12:00'))?.id).toBe('gao-jie');
  });
  test('a cover that people made on the page counts', () => {
    const cover: RotaChange = {
      ...{
        kind: 'cover',
        id: 'c-1',
        role: 'duty',
        from: '2026-11-24T00:00:00Z',
        to: '2026-11-25T00:00:00Z',
        person: 'lin-hao',
      },
      ...{ by: 'gao-jie', at: '2026-11-20T00:00:00Z', reason: '', cancelled: null },
    };
    expect(personOf(one({}, '2026-11-24'), rotaWith([cover]), clock('24T09:00'))?.id).toBe('lin-hao');
    expect(personOf(one({}, '2026-11-25'), rotaWith([cover]), clock('24T09:00'))?.id).toBe('gao-jie');
  });
  test('of a function its only holder; nobody by name when several have it', () => {
    expect(personOf(one({ function: 'deputy' }, '2026-11-24'), rotaWith(), clock('24T09:00'))?.id).toBe('lin-hao');
    expect(personOf(one({ function: 'emergency-team' }, '2026-11-24'), rotaWith(), clock('24T09:00'))).toBeNull();
  });
});
