import { describe, expect, it, vi } from 'vitest';
import { milliseconds } from '#core/time.ts';
import { createLifecycle, stopOnSignals } from '#platform/lifecycle.ts';
import { silentLog } from '#platform/log.ts';

describe('lifecycle', () => {
  it('stops last in, first out, each after the one before has ended', async () => {
    const lifecycle = createLifecycle(silentLog);
    const order: string[] = [];
    for (const name of ['store', 'bus', 'service']) {
      lifecycle.onStop(name, async () => {
        order.push(`${name} stops`);
        await new Promise((resolve) => setImmediate(resolve));
        order.push(`${name} stopped`);
      });
    }
    expect(await lifecycle.stop()).toEqual([]);
    expect(order).toEqual([
      'service stops',
      'service stopped',
      'bus stops',
      'bus stopped',
      'store stops',
      'store stopped',
    ]);
  });

  it('goes on past what fails, throws at once or hangs, and names it', async () => {
    const lifecycle = createLifecycle(silentLog);
    const order: string[] = [];
    lifecycle.onStop('first', () => void order.push('first'));
    lifecycle.onStop('throws', () => {
      throw new Error('no');
    });
    lifecycle.onStop('rejects', () => Promise.reject(new Error('no')));
    lifecycle.onStop('hangs', () => new Promise(() => {}), milliseconds(20));
    expect(await lifecycle.stop()).toEqual(['hangs', 'rejects', 'throws']);
    expect(order).toEqual(['first']);
  });

  it('runs once, however often it is asked', async () => {
    const lifecycle = createLifecycle(silentLog);
    let runs = 0;
    lifecycle.onStop('one', () => void runs++);
    await Promise.all([lifecycle.stop(), lifecycle.stop()]);
    await lifecycle.stop();
    expect(runs).toBe(1);
  });

  it('stops what was started while everything stops', async () => {
    const lifecycle = createLifecycle(silentLog);
    const order: string[] = [];
    lifecycle.onStop('one', async () => {
      await new Promise((resolve) => setImmediate(resolve));
      lifecycle.onStop('late', () => void order.push('late'));
    });
    await lifecycle.stop();
    lifecycle.onStop('later', () => void order.push('later'));
    await lifecycle.stop();
    expect(order).toEqual(['late', 'later']);
  });

  it('ends in order on the first signal and at once on the second', async () => {
    const lifecycle = createLifecycle(silentLog);
    let finish: () => void = () => {};
    lifecycle.onStop('slow', () => new Promise<void>((resolve) => (finish = resolve)));
    const codes: number[] = [];
    const cancel = stopOnSignals(lifecycle, silentLog, (code) => void codes.push(code));
    process.emit('SIGTERM', 'SIGTERM');
    expect(codes).toEqual([]);
    process.emit('SIGINT', 'SIGINT');
    expect(codes).toEqual([1]);
    finish();
    await vi.waitFor(() => expect(codes).toEqual([1, 0]));
    cancel();
  });
});
