import { describe, expect, it } from 'vitest';
import { modbusTarget } from './modbus.ts';
import { runFuzz } from './run-fuzz.ts';

describe('hostile Modbus answers', () => {
  it('20,000 damaged answers in both framings: none throws, no value is none or without a source', () => {
    const { read, summary } = runFuzz(modbusTarget, 20_000, 'ci');
    expect(read).toBeGreaterThan(1000);
    expect(read).toBeLessThan(19_000);
    expect(summary).toMatch(
      /^[1-9]\d* answers, [1-9]\d* exceptions, [1-9]\d* refused, [1-9]\d* values, [1-9]\d* identifications$/,
    );
  });
});
