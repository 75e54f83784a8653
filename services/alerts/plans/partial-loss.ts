import { sameText } from '#core/text.ts';
import { figuresOf } from './figures.ts';
import type { UpsState } from './state.ts';
import { bothTexts } from './texts.ts';
import type { Turn } from './turn.ts';

/**
 * L7: one of several UPSes gives nothing any more while the equipment lives on by its other feed. That is no outage, and it is
 * not nothing: the next failure takes everything, so people are told which UPS it is.
 */
export function tellPartialLoss(turn: Turn): boolean {
  const { power, definition } = turn.state;
  if (power === null || definition.power === null || Object.keys(power.ups).length < 2) return false;
  let changed = false;
  for (const [id, ups] of Object.entries(power.ups)) {
    const key = `partial/${id}`;
    if (!givesNothing(ups, turn.at)) {
      if (ups.status === 'mains') turn.forget(key);
      continue;
    }
    const end = power.exhaustion.at;
    const otherFeed = power.mains === 'present' || (end !== null && end > turn.at);
    if (!otherFeed || !turn.once(key)) continue;
    const name = definition.power.batteries[id]?.name ?? sameText(id);
    const subject = bothTexts(`${name.zh} 已无输出`, `${name.en} gives no power any more`);
    const body = bothTexts(
      '设备由另一路供电。另一路再失去时将全部断电，请立即检查。',
      'The equipment has its other feed. If that goes too everything loses power: please look at it now.',
    );
    turn.record('power', subject, { why: body, figures: { ...figuresOf(turn.state), ups: id } });
    turn.notify(`${key}/${turn.at}`, ['duty', 'equipment-administrator'], 'high', subject, body);
    changed = true;
  }
  return changed;
}

/** Off, or its battery has reached its end by what was measured. */
const givesNothing = (ups: UpsState, at: number): boolean =>
  ups.status === 'off' ||
  (ups.status === 'battery' && ups.believed !== null && ups.believed.at <= at && (ups.charge ?? 0) <= 5);
