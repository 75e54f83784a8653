import type { TestSettings } from '#core/battery-test/state.ts';
import type { Device } from '#core/config/device.ts';

/** The block `battery_test` of a UPS as a test keeps it. */
export function settingsOf({ battery, battery_test: block }: Device): TestSettings | null {
  if (block === undefined) return null;
  const rated = battery?.rated;
  return {
    floor: { charge: block.floor.charge, runtimeS: block.floor.runtime / 1000 },
    restoreS: block.restore_within / 1000,
    clearAheadMs: block.clear_ahead,
    mainsStableMs: block.mains_stable,
    rechargeMs: block.recharge,
    load: block.load,
    temperature: block.temperature,
    breaker: block.breaker ?? null,
    rated: rated === undefined ? null : { runtimeS: rated.runtime / 1000, atLoadW: rated.at_load },
  };
}
