import { afterAll, beforeAll, describe } from 'vitest';
import type { SeriesStore } from '#core/ports.ts';
import { calendarContract } from './series-store-calendar.ts';
import { figuresContract } from './series-store-figures.ts';
import { keepingContract } from './series-store-keeping.ts';
import { modelContract } from './series-store-model.ts';
import { CONTRACT_SETTINGS, type ContractOptions, type MakeSeriesStore } from './series-store-support.ts';

/**
 * What every SeriesStore keeps: the same answers to the same questions. `make` opens an empty store with the settings given;
 * one store serves the whole suite, each test writes to devices of its own.
 */
export function seriesStoreContract(name: string, make: MakeSeriesStore, options: ContractOptions = {}): void {
  describe(`series store contract: ${name}`, () => {
    let store: SeriesStore;
    let devices = 0;
    beforeAll(async () => {
      store = await make(CONTRACT_SETTINGS);
    });
    afterAll(() => store.close());
    const underTest = {
      ...options,
      store: () => store,
      async disturbed() {
        if (options.disturb !== undefined) store = await options.disturb(store);
        return store;
      },
      device: () => `device-${++devices}`,
    };
    keepingContract(underTest);
    figuresContract(underTest);
    calendarContract(underTest);
    modelContract(underTest);
  });
}
