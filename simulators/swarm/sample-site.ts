import type { Config } from '#core/config/config.ts';
import type { SimulationSpec } from '../world/spec.ts';

/** The sample site: its rules, profiles, people, written plans and sensors are what every case is built on. */
export interface SampleSite {
  readonly config: Config;
  readonly simulation: SimulationSpec;
}
