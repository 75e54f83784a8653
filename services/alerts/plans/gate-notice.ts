import type { Text } from '#core/text.ts';
import { type Instant, instant, minutes, plus } from '#core/time.ts';
import { figuresOf } from './figures.ts';
import { chargeUnknown, gateFigures, openGates, unknownHoldsUntil, upsNames } from './gates.ts';
import { silenceOf } from './power.ts';
import type { IncidentState } from './state.ts';
import { indexOf } from './step-index.ts';
import { bothTexts, clockTime } from './texts.ts';
import type { Turn } from './turn.ts';

/**
 * What keeps the equipment off after the return of mains is told to people (I6): at once when nobody knows a battery's charge,
 * which somebody can read at its panel; and when the conditions are still not met long after, as with a charger that is broken.
 * They can order the start (O-ORG-2); the plan goes on by itself as soon as the conditions are met.
 */

/** An ordinary charger has put into the battery by then what a plan asks for. */
const LONG = minutes(45);

export function tellWhatHolds(turn: Turn): void {
  const { state } = turn;
  const closed = openGates(state).filter((gate) => !gate.met);
  const zh = closed.map((gate) => gate.text.zh).join('；');
  const en = closed.map((gate) => gate.text.en).join('; ');
  if (turn.once('gates'))
    turn.record('decision', bothTexts('暂不启动设备', 'Not starting yet'), {
      why: bothTexts(zh, en),
      figures: gateFigures(state),
    });
  const unknown = closed.some((gate) => gate.figure === 'chargePercent') ? heldByUnknown(state) : null;
  if (unknown !== null && turn.once('gates-unknown')) tell(turn, 'gates-unknown', unknown.subject, unknown.body);
  const since = state.power?.mainsSince ?? null;
  if (since === null || turn.at < plus(since, LONG) || !turn.once('gates-long')) return;
  tell(
    turn,
    'gates-long',
    bothTexts('设备仍未启动', 'The equipment is still off'),
    bothTexts(
      `市电已恢复，但${zh}。条件满足后自动启动；等不及，确认安全后在页面点“现在启动”。`,
      `Mains is back, but ${en}. It starts by itself once that is met; if you cannot wait, make sure that it is safe and order “Start now” on the page.`,
    ),
  );
}

function heldByUnknown(state: IncidentState): { subject: Text; body: Text } | null {
  const { power, definition } = state;
  const ids = chargeUnknown(state);
  const above = definition.power?.recovery.charge_above ?? 0;
  if (power === null || ids.length === 0 || state.now >= unknownHoldsUntil(power)) return null;
  const until = clockTime(state, unknownHoldsUntil(power));
  const names = upsNames(state, ids);
  return {
    subject: bothTexts(
      `${names.zh} 电量未知，暂不启动设备`,
      `Nothing is started yet: the charge of ${names.en} is not known`,
    ),
    body: bothTexts(
      `市电已恢复，${names.zh} 没有电量读数。请到 UPS 面板看电量：达到 ${above}% 就在页面点“现在启动”。没有人处理，${until.zh} 起自动启动，不再等它。`,
      `Mains is back and ${names.en} tells no charge. Please read it at the UPS's panel: at ${above} % order “Start now” on the page. If nobody does, the equipment starts by itself from ${until.en} on without waiting for it.`,
    ),
  };
}

/** Longer than a card takes to restart after its UPS was empty. */
const BLIND = minutes(10);

/**
 * All is down and no UPS says whether mains is back: nothing would ever be started, while the lights may be on again. Whoever is
 * there sees it; what is down is named.
 */
export function tellBlind(turn: Turn): boolean {
  const { state } = turn;
  const at = blindAt(state);
  if (at === null || turn.at < at || !turn.once('blind')) return false;
  const { power, definition } = state;
  const silent = Object.entries(power?.ups ?? {}).flatMap(([id, ups]) => (ups.status === 'battery' ? [id] : []));
  const names = upsNames(state, silent);
  const down = indexOf(definition).acts.filter(
    (step) => step.operation === 'shutdown' && turn.step(step.id).state === 'done',
  );
  const zh = down.map((step) => step.deviceName.zh).join('、') || '无';
  const en = down.map((step) => step.deviceName.en).join(', ') || 'nothing';
  const subject = bothTexts('看不到市电是否恢复', 'Nobody can see whether mains is back');
  const body = bothTexts(
    `${names.zh} 没有应答，系统不会自动启动设备。请到现场看市电和 UPS 面板：已来电就恢复 UPS 的网络，系统随即启动；或按顺序人工启动。已关闭：${zh}。`,
    `${names.en} does not answer, so nothing is started by itself. Please look at mains and at the UPS's panel: if mains is back mend the UPS's network and the start follows, or start by hand in order. Down: ${en}.`,
  );
  turn.record('power', subject, { why: body, figures: figuresOf(state) });
  tell(turn, 'blind', subject, body);
  return true;
}

/** When the silence since the shutdown has lasted so long that people must look; null: somebody speaks. */
function blindAt({ phase, power, definition }: IncidentState): Instant | null {
  if (phase !== 'shut-down' || power === null || definition.power === null) return null;
  const silences = Object.values(power.ups).flatMap((ups) =>
    ups.status === 'battery' && definition.power !== null ? [silenceOf(ups, power, definition.power)] : [],
  );
  return silences.length === 0 ? null : plus(instant(Math.max(...silences)), BLIND);
}

const tell = (turn: Turn, key: string, subject: Text, body: Text): void =>
  turn.notify(key, ['duty', 'equipment-administrator'], 'high', subject, body);

/** When something is told or started by time alone. */
export const gateDues = (state: IncidentState): (Instant | null)[] =>
  state.power === null || state.phase !== 'awaiting-recovery'
    ? [blindAt(state)]
    : [unknownHoldsUntil(state.power), plus(state.power.mainsSince, LONG)];
