import type { ReadingView } from '#core/api.ts';
import type { Config } from '#core/config/config.ts';
import { type FineBy, fineBy } from '#core/duties/fine.ts';
import { createRota, type Rota } from '#core/rota/rota.ts';
import type { ReadModel } from '../read-model/model.ts';
import { layersOf } from '../rota/rota-views.ts';

/** The room as duties look at it: what its devices say now, what the rules that run think of it, whose turn it is. */
export interface DutyRoom {
  readings(device: string): readonly ReadingView[];
  /** By the rules that run now, with what people have laid over them, and the alerts that stand. */
  fine(): FineBy;
  rota(): Rota;
}

export function createDutyRoom(config: Config, model: ReadModel): DutyRoom {
  let known: { readonly view: ReturnType<ReadModel['rota']>; readonly rota: Rota } | null = null;
  return {
    readings: (device) => model.readings(device),
    fine() {
      const running = model.rules();
      return fineBy(config.devices, running?.rules ?? config.rules, running?.overrides ?? [], model.alerts());
    },
    rota() {
      const view = model.rota();
      if (known === null || known.view !== view) known = { view, rota: createRota(config, layersOf(config, view)) };
      return known.rota;
    },
  };
}
