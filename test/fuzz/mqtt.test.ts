import { describe, expect, it } from 'vitest';
import { seededRandom } from '#core/random.ts';
import { createMemory } from '#services/collector/mqtt/memory.ts';
import { mqttTarget } from './mqtt.ts';
import { runFuzz } from './run-fuzz.ts';

describe('hostile MQTT messages', () => {
  it('20,000 mutated messages of every family: none throws, no reading is none, the memory has its limits', () => {
    const { read, summary } = runFuzz(mqttTarget, 20_000, 'ci');
    expect(read).toBeGreaterThan(2000);
    expect(summary).toBe('20 families reached');
  });

  it('the same seed tries the same messages', () => {
    const [a, b] = [1, 2].map(() => {
      const run = mqttTarget.begin(seededRandom(5));
      return Array.from({ length: 300 }, () => run.tryOne()).join();
    });
    expect(a).toBe(b);
  });

  it('whoever was written longest ago gives way when a memory is full', () => {
    const { zigbeeBases } = createMemory();
    for (let i = 0; i < 60; i++) zigbeeBases.set(`base-${i}`, true);
    expect([zigbeeBases.size, zigbeeBases.has('base-0'), zigbeeBases.has('base-59')]).toEqual([50, false, true]);
  });
});
