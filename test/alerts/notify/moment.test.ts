import { describe, expect, it } from 'vitest';
import type { NotificationRequest } from '#core/notification.ts';
import { minutes, plus } from '#core/time.ts';
import { newDelivery } from '#services/alerts/notify/delivery-changes.ts';
import { mergeMoment } from '#services/alerts/notify/merging.ts';
import { makeRequest, PEOPLE, T0 } from '../support.ts';

const [ann] = PEOPLE.people;
const one = (id: string, more: Partial<NotificationRequest> = {}, at = T0) => {
  const route = ann?.routes[0];
  if (ann === undefined || route === undefined) throw new Error('nobody');
  const text = (word: string) => ({ zh: `${word} ${id}`, en: `${word} ${id}` });
  const request = makeRequest({ key: id, conversation: 'inc', subject: text('do'), body: text('how'), ...more });
  return newDelivery(id, request, ann, route, [], { wall: at, now: at });
};

describe('what a plan tells one person in one moment', () => {
  it('is one message with all of it, in the order in which it was said', () => {
    const merged = mergeMoment([one('a'), one('b', { severity: 'high' }), one('c', { phase: 'raised' })], 'en');
    expect(merged?.into.view).toMatchObject({ id: 'a', subject: 'do a (3 in all)', severity: 'high', phase: 'raised' });
    expect(merged?.into.view.body).toBe('1. do a\nhow a\n\n2. do b\nhow b\n\n3. do c\nhow c');
    expect(merged?.from.map(({ view }) => view.id)).toEqual(['b', 'c']);
  });

  it('says once that it is a drill', () => {
    const merged = mergeMoment([one('a', { drill: true }), one('b', { drill: true })], 'en');
    expect(merged?.into.view.subject).toBe('[DRILL] do a (2 in all)');
    expect(merged?.into.view.body.match(/DRILL/g)).toHaveLength(1);
  });

  it('is not what was said later, nor what was tried already, nor a drill with what is real', () => {
    const tried = one('a');
    const again = { ...tried, view: { ...tried.view, attempts: 1 } };
    expect(mergeMoment([one('a'), one('b', {}, plus(T0, minutes(1)))], 'en')).toBeNull();
    expect(mergeMoment([again, one('b')], 'en')).toBeNull();
    expect(mergeMoment([one('a', { drill: true }), one('b')], 'en')).toBeNull();
    expect(mergeMoment([one('a')], 'en')).toBeNull();
  });
});
