import { describe, expect, test } from 'vitest';
import type { IncidentView } from '#core/incident.ts';
import {
  answerOf,
  calmer,
  courseAt,
  questionOf,
  STALE_MS,
} from '../../services/dashboard-api/web/src/model/forecast.ts';
import { newsBetween } from '../../services/dashboard-api/web/src/model/meanwhile.ts';
import { FILTERS, passes } from '../../services/dashboard-api/web/src/model/timeline-filter.ts';
import { contactsOf, whoDoesWhat } from '../../services/dashboard-api/web/src/model/who-does-what.ts';
import { forecastAt } from './fixture-forecast.ts';
import { outageAt } from './fixture-incident.ts';
import { iso, siteAt } from './fixture-room.ts';

/** The incident page's pure parts. */

const NOW = Date.UTC(2026, 10, 21, 3);
const QUESTION = 'ask-power-department';

describe('what an answer leads to', () => {
  const forecast = forecastAt(NOW);
  const given = answerOf(questionOf(forecast, QUESTION), 'given');
  test.each([
    [30, 'Goes on waiting for mains', 'before the border'],
    [50, 'Goes on waiting for mains', 'the border itself is not beyond it'],
    [51, 'Backup and shutdown start now', 'beyond it'],
  ])('in %i minutes: %s (%s)', (minutes, said) => {
    expect(courseAt(given, NOW + minutes * 60_000)?.now.en).toBe(said);
  });
  test('without a time there is no one course of it; of an answer without a time there is', () => {
    expect(courseAt(given, null)).toBeNull();
    expect(courseAt(answerOf(questionOf(forecast, QUESTION), 'over'), null)?.now.en).toBe(
      'Backup and shutdown start now',
    );
    expect(courseAt(answerOf(questionOf(null, QUESTION), 'over'), null)).toBeNull();
  });
});

describe('a forecast that is read stands still', () => {
  const shown = forecastAt(NOW);
  test.each([
    [{ shiftMs: 60_000 }, 10_000, 'shown', 'a minute more or less'],
    [{ shiftMs: 130_000 }, 10_000, 'fresh', 'more than two minutes'],
    [{ late: true }, 1000, 'fresh', 'a backup is lost now'],
    [{ shiftMs: 60_000 }, STALE_MS, 'fresh', 'nobody can still be reading the line'],
  ] as const)('%o after %i ms: %s (%s)', (fixture, afterMs, which, _why) => {
    const fresh = forecastAt(NOW + 1000, fixture);
    expect(calmer(shown, fresh, NOW, NOW + afterMs)).toBe(which === 'fresh' ? fresh : shown);
  });
  test('the first one, and one of another incident, are taken at once', () => {
    const other = { ...shown, incident: 'another' };
    expect(calmer(null, shown, 0, NOW)).toBe(shown);
    expect(calmer(shown, other, NOW, NOW + 1)).toBe(other);
  });
});

describe('what somebody else did meanwhile', () => {
  const before = outageAt(NOW);
  const answered = (by: string): IncidentView => ({
    ...before,
    steps: before.steps.map((step) =>
      step.id === QUESTION
        ? {
            ...step,
            state: 'done' as const,
            answer: { id: 'over', label: { zh: '超过 90 分钟', en: 'More' }, by, at: iso(NOW + 5000) },
          }
        : step,
    ),
  });
  test.each([
    ['lin-hao', ['gao-jie'], 1, 'another person'],
    ['gao-jie', ['gao-jie'], 0, 'oneself'],
    ['zhishou', [], 0, 'a default: said in its own place'],
  ] as const)('answered by %s, read by %o: %i (%s)', (by, me, count, _why) => {
    expect(newsBetween(before, answered(by), me)).toHaveLength(count);
  });
  test('the same view again is no news', () => {
    expect(newsBetween(answered('lin-hao'), answered('lin-hao'), [])).toEqual([]);
  });
});

describe('who does what, and whom to call', () => {
  const incident = outageAt(NOW);
  test('each who is waited for stands once, with all that waits', () => {
    const rows = whoDoesWhat(incident);
    expect(new Set(rows.map(({ person, role }) => `${person}/${role}`)).size).toBe(rows.length);
    expect(rows.find(({ person }) => person === 'gao-jie')?.steps.map(({ id }) => id)).toContain(QUESTION);
  });
  test('the number that is to be called now comes first; a person who leads and is on duty stands once', () => {
    const contacts = contactsOf(incident, siteAt(NOW, true));
    expect(contacts[0]?.phone).toBe('100 0000 0100');
    expect(new Set(contacts.map(({ key }) => key)).size).toBe(contacts.length);
    expect(contacts.some(({ onDuty }) => onDuty)).toBe(true);
  });
  test('without a site there are those of the plan', () => {
    expect(contactsOf(incident, null).map(({ phone }) => phone)).toContain('100 0000 0100');
  });
});

test('each kind of line of the record is found by one filter at least, and what a person did is among the people’s', () => {
  for (const { kind, who } of outageAt(NOW).timeline)
    expect(FILTERS.filter((filter) => filter !== 'all' && passes({ kind, who }, filter)).length).toBeGreaterThan(0);
  expect(passes({ kind: 'step', who: 'gao-jie' }, 'people')).toBe(true);
  expect(passes({ kind: 'clocks', who: 'zhishou' }, 'people')).toBe(false);
});
