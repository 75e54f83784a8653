import { describe, expect, it } from 'vitest';
import { lazily } from '#services/alerts/lazily.ts';

describe('a value that is made when it is read', () => {
  const whole = { id: 'inc-1', phase: 'holding', steps: ['a', 'b'] };
  const open = () => {
    let made = 0;
    const value = lazily<typeof whole>({ id: 'inc-1' }, () => {
      made++;
      return whole;
    });
    return { value, made: () => made };
  };

  it('tells what is known without being made', () => {
    const { value, made } = open();
    expect(value.id).toBe('inc-1');
    expect(made()).toBe(0);
  });

  it('is made once, and then is the value itself to all who look: fields, JSON, copies, comparisons', () => {
    const { value, made } = open();
    expect(value.steps).toEqual(['a', 'b']);
    expect(JSON.parse(JSON.stringify(value))).toEqual(whole);
    expect({ ...value }).toEqual(whole);
    expect(Object.keys(value)).toEqual(['id', 'phase', 'steps']);
    expect('phase' in value).toBe(true);
    expect(value).toEqual(whole);
    expect(made()).toBe(1);
  });
});
