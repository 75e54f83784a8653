import type { Figures } from '#core/incident.ts';
import { sameText, type Text } from '#core/text.ts';
import { type Instant, minutes, plus } from '#core/time.ts';
import { testPoint } from './conditions.ts';
import type { IncidentState, PowerState } from './state.ts';
import { bothTexts, clockLength, clockTime } from './texts.ts';

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
    chargeGate(state, power, recovery.charge_above),
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

/** A charge of which nobody knows holds the start up for so long: by then every battery has charged for half an hour. */
const UNKNOWN_HOLDS = minutes(30);
/** What a UPS said of its charge longer ago, or before mains was back, says nothing of now. */
const CHARGE_AGE = minutes(5);

/** The UPSes whose charge nobody knows now; a card that has died with its battery is the usual one. */
export const chargeUnknown = ({ power, now }: Pick<IncidentState, 'power' | 'now'>): readonly string[] =>
  Object.entries(power?.ups ?? {}).flatMap(([id, { charge, chargeAt }]) =>
    charge === null || chargeAt === null || chargeAt < (power?.mainsSince ?? 0) || now - chargeAt > CHARGE_AGE
      ? [id]
      : [],
  );

/** Until when an unknown charge holds the start up. */
export const unknownHoldsUntil = (power: PowerState): Instant => plus(power.mainsSince, UNKNOWN_HOLDS);

/** `UPS 1、UPS 2`. */
export function upsNames({ definition }: Pick<IncidentState, 'definition'>, ids: readonly string[]): Text {
  const names = ids.map((id) => definition.power?.batteries[id]?.name ?? sameText(id));
  return bothTexts(names.map((name) => name.zh).join('、'), names.map((name) => name.en).join(', '));
}

function chargeGate(state: IncidentState, power: PowerState, above: number): Gate {
  const unknown = new Set(chargeUnknown(state));
  const known = Object.entries(power.ups).flatMap(([id, { charge }]) =>
    charge === null || unknown.has(id) ? [] : [charge],
  );
  const least = known.length === 0 ? null : Math.min(...known);
  const held = unknown.size > 0 && above > 0 && state.now < unknownHoldsUntil(power);
  const until = clockTime(state, unknownHoldsUntil(power));
  const silent = upsNames(state, [...unknown]);
  const now = bothTexts(
    [
      ...(least === null ? [] : [`现 ${least}%`]),
      ...(held ? [`${silent.zh} 无读数，${until.zh} 起不再等它`] : []),
    ].join('；'),
    [
      ...(least === null ? [] : [`now ${least} %`]),
      ...(held ? [`${silent.en} tells nothing and is waited for until ${until.en}`] : []),
    ].join('; '),
  );
  return {
    figure: 'chargePercent',
    met: !held && (least === null || least >= above),
    value: least,
    text: bothTexts(
      `电池须充至 ${above}%（${now.zh || '现 ?%'}）`,
      `battery must reach ${above} % (${now.en || 'now ? %'})`,
    ),
  };
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
