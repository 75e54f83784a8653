import type { Figures } from '#core/incident.ts';
import type { Text } from '#core/text.ts';
import { plus } from '#core/time.ts';
import { testPoint } from './conditions.ts';
import type { IncidentState } from './state.ts';
import { bothTexts, clockLength } from './texts.ts';

/** What must hold before equipment is started again (L23). */
export interface Gate {
  readonly figure: 'mainsStableS' | 'chargePercent' | 'temperatureC';
  readonly met: boolean;
  readonly value: number | null;
  readonly text: Text;
}

export function openGates(state: IncidentState): readonly Gate[] {
  const { power } = state;
  if (state.heat !== null) return heatGates(state);
  const recovery = state.definition.power?.recovery;
  if (power === null || recovery === undefined) return [];
  const stable = state.now - power.mainsSince;
  const length = clockLength(recovery.settle);
  const gates: Gate[] = [
    {
      figure: 'mainsStableS',
      met: power.mains === 'present' && state.now >= plus(power.mainsSince, recovery.settle),
      value: Math.round(stable / 1000),
      text: bothTexts(`市电须稳定 ${length.zh}`, `mains must be stable for ${length.en}`),
    },
    {
      figure: 'chargePercent',
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
      figure: 'temperatureC',
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

function heatGates(state: IncidentState): readonly Gate[] {
  const { heat, definition } = state;
  if (heat === null || definition.heat == null) return [];
  const { below } = definition.heat.safe;
  const length = clockLength(definition.heat.safe.for);
  const now = heat.hottest === null ? '?' : heat.hottest.toFixed(1);
  return [
    {
      figure: 'temperatureC',
      met: heat.over && state.now >= plus(heat.overSince, definition.heat.safe.for),
      value: heat.hottest,
      text: bothTexts(
        `各点须低于 ${below} °C 满 ${length.zh}（现最高 ${now} °C）`,
        `all points must be below ${below} °C for ${length.en} (the hottest is now ${now} °C)`,
      ),
    },
  ];
}

/** What the gates were judged by. */
export const gateFigures = (state: IncidentState): Figures =>
  Object.fromEntries(openGates(state).map((gate) => [gate.figure, gate.value]));
