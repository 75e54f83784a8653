import { ZhishouError } from '#core/errors.ts';
import type { Bus, Cancel } from '#core/ports.ts';
import { type BusReports, checkedPayload, checkFilter, checkTopic, createRouter } from './router.ts';

const MOST_CHECKED = 10_000;

/** A bus within one process, for simulation and tests: the router and nothing else. */
export interface MemoryBus extends Bus {
  /** Settles when everything published so far was handed to the subscribers. */
  drained(): Promise<void>;
  /** Cuts the bus off and joins it again, as a broker that went away would. */
  setConnected(up: boolean): void;
}

export function createMemoryBus(reports: BusReports = {}): MemoryBus {
  const router = createRouter(reports);
  const listeners = new Set<(up: boolean) => void>();
  const checked = new Set<string>();
  let up = true;
  let closed = false;

  const setConnected = (wanted: boolean): void => {
    if (wanted === up || (wanted && closed)) return;
    up = wanted;
    for (const listener of listeners) listener(up);
  };
  const refuse = (subject: string): void => {
    if (!up) throw new ZhishouError('BUS_DOWN', subject);
  };
  return {
    async publish(topic, payload, options = {}) {
      const bytes = checkedPayload(topic, payload);
      refuse(topic);
      router.route(topic, bytes, options.retain === true);
    },
    publishValue(topic, value, options = {}) {
      // A house has a few hundred topics, each told thousands of times.
      if (!checked.has(topic)) {
        checkTopic(topic);
        if (checked.size < MOST_CHECKED) checked.add(topic);
      }
      refuse(topic);
      router.routeValue(topic, value, options.retain === true);
    },
    publishAgain(again) {
      refuse('what is said again');
      router.routeAgain(again);
    },
    async subscribe(filter, handler, again) {
      checkFilter(filter);
      if (closed) throw new ZhishouError('BUS_DOWN', filter);
      const cancel = router.add(filter, handler, again);
      return async () => cancel();
    },
    onConnection(listener): Cancel {
      listeners.add(listener);
      listener(up);
      return () => void listeners.delete(listener);
    },
    async close() {
      await router.drained();
      setConnected(false);
      closed = true;
      listeners.clear();
    },
    drained: router.drained,
    setConnected,
  };
}
