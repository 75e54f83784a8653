import { describe, expect, it } from 'vitest';
import { drilled, sampleConfig } from './support.ts';

describe('O-CHG-1 in the sample room', () => {
  it('an outage whose plan switches outlets off and on again calls no change unapproved', async () => {
    expect(sampleConfig().site.watched_changes?.points).toContain('outlet.*.status');
    const { evidence } = await drilled('power-outage', { scenario: 'test/plans/outage-50m.yaml' });
    const switched = evidence.truth.commands.filter(
      ({ device, effect }) => device === 'pdu-1' && effect === 'accepted',
    );
    expect(switched.length).toBeGreaterThan(2);
    const told = evidence.deliveries.map(({ subject }) => subject);
    expect(told.length).toBeGreaterThan(5);
    expect(told.filter((subject) => /未经同意|without consent/i.test(subject))).toEqual([]);
  }, 60_000);
});
