import { messageOf } from '#core/errors.ts';
import type { Cancel, Log } from '#core/ports.ts';
import { type Duration, seconds } from '#core/time.ts';

/** What was started, to be stopped in the opposite order, each within its time limit, whatever the others do. */
export interface Lifecycle {
  /** Puts a clean-up on the stack; called while stopping, it runs at once. */
  onStop(name: string, stop: () => Promise<void> | void, limit?: Duration): void;
  /** Runs all, last in first out; the same promise however often it is called. Resolves to the names that failed or took too long. */
  stop(): Promise<readonly string[]>;
  readonly stopping: boolean;
}

const DEFAULT_LIMIT = seconds(10);

/** Limits are real time: they guard against what hangs outside. */
export function createLifecycle(log: Log): Lifecycle {
  const stack: { name: string; stop: () => Promise<void> | void; limit: Duration }[] = [];
  let result: Promise<readonly string[]> | null = null;

  const unwind = async (): Promise<readonly string[]> => {
    const failed: string[] = [];
    for (let one = stack.pop(); one !== undefined; one = stack.pop()) {
      const reason = await stopWithin(one.stop, one.limit);
      if (reason === null) continue;
      failed.push(one.name);
      log.error({ part: one.name, reason }, 'a part did not stop in order');
    }
    return failed;
  };
  return {
    onStop(name, stop, limit = DEFAULT_LIMIT) {
      stack.push({ name, stop, limit });
      // Started while everything stops: the loop may be over already.
      if (result !== null) result = result.then(async (failed) => [...failed, ...(await unwind())]);
    },
    stop() {
      result ??= unwind();
      return result;
    },
    get stopping() {
      return result !== null;
    },
  };
}

async function stopWithin(stop: () => Promise<void> | void, limit: Duration): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, limit, `it took longer than ${limit} ms`);
  });
  const stopped = (async () => stop())().then(
    () => null,
    (error: unknown) => messageOf(error),
  );
  const reason = await Promise.race([stopped, tooLong]);
  clearTimeout(timer);
  return reason;
}

/** SIGINT and SIGTERM stop in order; a second one ends the process at once. Cancelling takes the handlers away. */
export function stopOnSignals(lifecycle: Lifecycle, log: Log, exit: (code: number) => void = process.exit): Cancel {
  const onSignal = (signal: NodeJS.Signals): void => {
    if (lifecycle.stopping) {
      log.warn({ signal }, 'told to stop again; ending at once');
      exit(1);
      return;
    }
    log.info({ signal }, 'stopping');
    void lifecycle.stop().then((failed) => exit(failed.length === 0 ? 0 : 1));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return () => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
}
