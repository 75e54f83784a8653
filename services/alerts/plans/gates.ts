import type { Text } from '#core/text.ts';
import { plus } from '#core/time.ts';
import type { IncidentState } from './state.ts';
import { testPoint } from './steps.ts';
import { bothTexts, clockLength } from './texts.ts';

/** What must hold before equipment is started again (L23). */
export interface Gate {
  readonly id: 'mains' | 'charge' | 'temperature';
  readonly met: boolean;
  readonly value: number | null;
  readonly text: Text;
}

export function openGates(state: IncidentState): readonly Gate[] {
  const { power } = state;
  const recovery = state.definition.power?.recovery;
  if (power === null || recovery === undefined) return [];
  const stable = state.now - power.mainsSince;
  const length = clockLength(recovery.settle);
  const gates: Gate[] = [
    {
      id: 'mains',
      met: power.mains === 'present' && state.now >= plus(power.mainsSince, recovery.settle),
      value: Math.round(stable / 1000),
      text: bothTexts(`市电须稳定 ${length.zh}`, `mains must be stable for ${length.en}`),
    },
    {
      id: 'charge',
      met: power.charge !== null && power.charge >= recovery.charge_above,
      value: power.charge,
      text: bothTexts(
        `电池须充至 ${recovery.charge_above}%（现 ${power.charge ?? '?'}%）`,
        `battery must reach ${recovery.charge_above} % (now ${power.charge ?? '?'} %)`,
      ),
    },
  ];
  if (recovery.temperature !== undefined) {
    const { point, below } = recovery.temperature;
    const value = state.points[`${point.device}/${point.point}`];
    gates.push({
      id: 'temperature',
      met: testPoint(recovery.temperature, state.points),
      value: typeof value === 'number' ? value : null,
      text: bothTexts(
        `室温须低于 ${below} °C（现 ${value ?? '?'} °C）`,
        `room must be below ${below} °C (now ${value ?? '?'} °C)`,
      ),
    });
  }
  return gates;
}
