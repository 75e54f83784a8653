import type { RotaChange } from '#core/rota/changes.ts';
import type { Layer } from '#core/rota/layer.ts';
import { createLayers, createRota as createPureRota, type Rota, type RotaSlice } from '#core/rota/rota.ts';

/** The rota that everything in this service asks: the configuration's, and with what people have changed since. */
export interface LiveRota extends Rota {
  /** Takes the place of the changes before. */
  useChanges(changes: readonly RotaChange[]): void;
  layers(): readonly Layer[];
}

export function createRota(config: RotaSlice): LiveRota {
  let layers = createLayers(config);
  let rota = createPureRota(config, layers);
  return {
    dutyAt: (at) => rota.dutyAt(at),
    peopleOf: (name, at) => rota.peopleOf(name, at),
    isWorkingTime: (at) => rota.isWorkingTime(at),
    layers: () => layers,
    useChanges(changes) {
      layers = createLayers(config, changes);
      rota = createPureRota(config, layers);
    },
  };
}
