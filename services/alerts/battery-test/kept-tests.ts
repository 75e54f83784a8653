import type { BatteryTest, PastTest } from '#core/battery-test/state.ts';
import type { Device } from '#core/config/device.ts';
import type { BatteryModel } from '#core/paperwork/battery-test.ts';
import type { StateStore } from '#core/ports.ts';
import type { Instant } from '#core/time.ts';

/** Battery tests and what they found, in the state store; one writer, the desk. */
const TEST = 'battery-test/test/';
const MODEL = 'battery-test/model/';
/** Some years of half-yearly tests of a few UPSes. */
const MOST = 60;

export interface KeptModel extends BatteryModel {
  readonly at: Instant;
  readonly test: string;
}

export function restoreTests(state: StateStore): Map<string, BatteryTest> {
  const all = [...state.entries(TEST)].map(([, value]) => value as BatteryTest);
  all.sort((a, b) => a.createdAt - b.createdAt);
  return new Map(all.map((test) => [test.id, test]));
}

export function keepTest(state: StateStore, tests: Map<string, BatteryTest>, test: BatteryTest): readonly string[] {
  tests.set(test.id, test);
  state.set(TEST + test.id, test);
  const gone: string[] = [];
  for (const oldest of tests.keys()) {
    if (tests.size <= MOST) break;
    tests.delete(oldest);
    state.delete(TEST + oldest);
    gone.push(oldest);
  }
  return gone;
}

export const keepModel = (state: StateStore, ups: string, model: KeptModel): void => state.set(MODEL + ups, model);

/**
 * What the runtime forecast goes by: the last discharge test that was measured here, unless devices.yaml names a later one (new
 * batteries, say). Null: neither.
 */
export function modelOf(state: StateStore, device: Pick<Device, 'id' | 'battery'> | undefined): BatteryModel | null {
  const measured = measuredModel(state, device);
  if (measured !== null) return measured;
  const declared = device?.battery;
  return declared === undefined ? null : { runtimeS: declared.runtime / 1000, atLoadW: declared.at_load };
}

/** Only what was measured here and still counts. */
export function measuredModel(
  state: StateStore,
  device: Pick<Device, 'id' | 'battery'> | undefined,
): BatteryModel | null {
  if (device === undefined) return null;
  const kept = state.get(MODEL + device.id) as KeptModel | undefined;
  if (kept === undefined) return null;
  const { tested } = device.battery ?? {};
  if (tested !== undefined && Date.parse(tested) > kept.at) return null;
  return { runtimeS: kept.runtimeS, atLoadW: kept.atLoadW };
}

/** What earlier tests of this UPS found, the oldest first. */
export const pastTests = (tests: ReadonlyMap<string, BatteryTest>, ups: string): readonly PastTest[] =>
  [...tests.values()].flatMap(({ id, ups: of, state, result, from }) =>
    of === ups && state === 'done' && result !== null && from !== null
      ? [{ id, at: from, health: result.health, capacityWh: result.capacityWh, atLoadW: result.atLoadW }]
      : [],
  );
