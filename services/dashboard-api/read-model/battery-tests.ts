import type { BatteryTestView } from '#core/paperwork/battery-test.ts';
import type { Changed } from './changed.ts';

/** Every battery test that the alerts service keeps. Pages are told that one has moved and ask for it: its curve is long. */
const MOST = 200;

export function createBatteryTests(changed: Changed) {
  const tests = new Map<string, BatteryTestView>();
  return {
    onBatteryTest(view: BatteryTestView): void {
      tests.delete(view.id);
      tests.set(view.id, view);
      const [oldest] = tests.keys();
      if (tests.size > MOST && oldest !== undefined) tests.delete(oldest);
      changed('battery-test', { id: view.id, ups: view.ups, state: view.state });
    },
    batteryTest: (id: string): BatteryTestView | null => tests.get(id) ?? null,
    batteryTests: (): readonly BatteryTestView[] => [...tests.values()],
  };
}
