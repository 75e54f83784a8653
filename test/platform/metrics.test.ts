import { expect, it } from 'vitest';
import { createMetrics } from '#platform/metrics.ts';

it('writes the Prometheus text format: counters add up, gauges are replaced, labels are in order and escaped', () => {
  const metrics = createMetrics();
  metrics.count('polls_total');
  metrics.count('polls_total', undefined, 2);
  metrics.count('rejected_total', { reason: 'bad "json"\n', device: 'a\\b' });
  metrics.gauge('up', 1, { site: 'hq' });
  metrics.gauge('up', 0, { site: 'hq' });
  expect(metrics.render()).toBe(
    [
      '# TYPE polls_total counter',
      'polls_total 3',
      '# TYPE rejected_total counter',
      'rejected_total{device="a\\\\b",reason="bad \\"json\\"\\n"} 1',
      '# TYPE up gauge',
      'up{site="hq"} 0',
      '',
    ].join('\n'),
  );
});

it('counts observations into cumulative buckets', () => {
  const metrics = createMetrics();
  for (const seconds of [0.0005, 0.02, 0.02, 2000]) metrics.observe('took_seconds', seconds, { step: 'x' });
  const text = metrics.render();
  expect(text).toContain('took_seconds_bucket{step="x",le="0.001"} 1\n');
  expect(text).toContain('took_seconds_bucket{step="x",le="0.025"} 3\n');
  expect(text).toContain('took_seconds_bucket{step="x",le="900"} 3\n');
  expect(text).toContain('took_seconds_bucket{step="x",le="+Inf"} 4\n');
  expect(text).toContain('took_seconds_sum{step="x"} 2000.0405\n');
  expect(text).toContain('took_seconds_count{step="x"} 4\n');
});

it('keeps its memory bounded: label values beyond the most become "other", and none is lost from the sum', () => {
  const metrics = createMetrics();
  for (let i = 0; i < 2000; i++) metrics.count('messages_total', { topic: `hostile/${i}` });
  const lines = metrics.render().trim().split('\n').slice(1);
  expect(lines.length).toBeLessThanOrEqual(501);
  expect(lines).toContain('messages_total{topic="other"} 1500');
});

it('stops loudly at a name that is none, or at one used for two kinds', () => {
  const metrics = createMetrics();
  metrics.count('one_total');
  expect(() => metrics.gauge('one_total', 1)).toThrow(/is a counter/);
  expect(() => metrics.count('not a name')).toThrow(/not a metric/);
});
