import type { CommandBody, PersonCommand } from '#core/command.ts';
import { roleAtLeast } from '#core/command.ts';
import type { Person } from '#core/config/people.ts';
import type { RotaChange, RotaCover, RotaSwap } from '#core/rota/changes.ts';
import type { Layer } from '#core/rota/layer.ts';
import { fromIso, hours, type Instant, latest, plus, toIso } from '#core/time.ts';
import { type Refusal, refusal } from '../order-answer.ts';

/** May this person change the rota so, and does it make sense? Pure: what the change is, or why not. */
export interface RotaNow {
  readonly layers: readonly Layer[];
  readonly changes: readonly RotaChange[];
  readonly people: readonly Person[];
  readonly now: Instant;
}

type By = PersonCommand['by'];
type Order<Kind extends CommandBody['kind']> = Extract<CommandBody, { kind: Kind }>;
export type Wanted = (RotaSwap | RotaCover) & Pick<RotaChange, 'role' | 'reason'>;

/** Longer than this nobody stands in; it is a slip of the pen, or a matter for rota.yaml. */
const LONGEST_COVER = hours(92 * 24);
const FARTHEST = hours(400 * 24);

export const isRefusal = (answer: object): answer is Refusal => 'code' in answer && 'text' in answer;

const UNKNOWN_TURN = refusal('NOT_FOUND', '没有这个班次', 'there is no such turn');
const NOBODYS = refusal('CONFLICT', '该班次现在没有人', 'nobody has that turn now');
const NOT_YOURS = refusal(
  'FORBIDDEN',
  '值班员只能调换自己的班次，或代班、请人代自己的班；其他调整请操作员进行',
  'duty people may swap their own turns, stand in, or ask somebody to stand in for them; the rest is for an operator',
);

const mayAny = (by: By): boolean => roleAtLeast(by.role, 'operator');
const layerOf = (turn: string, layers: readonly Layer[]): Layer | undefined =>
  layers.find(({ role }) => turn.startsWith(`${role}@`));

export function judgeSwap(order: Order<'rota.swap'>, by: By, at: RotaNow): Wanted | Refusal {
  const layer = layerOf(order.a, at.layers);
  const [a, b] = [layer?.turn(order.a), layer?.turn(order.b)];
  if (layer === undefined || a == null || b == null) return UNKNOWN_TURN;
  if (a.person === null || b.person === null) return NOBODYS;
  if (a.person === b.person) return refusal('CONFLICT', '两个班次是同一个人的', 'both turns are the same person’s');
  if (a.from <= at.now || b.from <= at.now)
    return refusal(
      'CONFLICT',
      '已经开始的班次不能调换，请改为代班',
      'a turn that has begun cannot be swapped; have somebody stand in for the rest of it',
    );
  if (Math.max(a.from, b.from) > plus(at.now, FARTHEST))
    return refusal('BAD_REQUEST', '在一年多以后', 'more than a year ahead');
  if (!mayAny(by) && by.user !== a.person && by.user !== b.person) return NOT_YOURS;
  return {
    kind: 'swap',
    role: layer.role,
    a: { turn: a.id, person: a.person },
    b: { turn: b.id, person: b.person },
    reason: order.reason,
  };
}

export function judgeCover(order: Order<'rota.cover'>, by: By, at: RotaNow): Wanted | Refusal {
  const layer = at.layers.find(({ role }) => role === order.role);
  if (layer === undefined) return refusal('NOT_FOUND', '该职能没有轮值', 'this function has no rotation');
  const person = at.people.find(({ id }) => id === order.person);
  if (person === undefined) return refusal('NOT_FOUND', `没有人员“${order.person}”`, `no person "${order.person}"`);
  if (person.routes.length === 0)
    return refusal(
      'CONFLICT',
      `${person.name.zh}没有联系方式，通知不到`,
      `${person.name.en} has no route: cannot be told`,
    );
  const [begins, to] = [fromIso(order.from), fromIso(order.to)];
  if (begins === null || to === null) return refusal('BAD_REQUEST', '没有这样的时间', 'no such time');
  if (to <= begins) return refusal('BAD_REQUEST', '结束时间不晚于开始时间', 'it ends before it begins');
  if (to <= at.now) return refusal('BAD_REQUEST', '该时间已过', 'that time has passed');
  // Who was on duty stays as it was.
  const from = latest(begins, at.now);
  if (to - from > LONGEST_COVER) return refusal('BAD_REQUEST', '代班超过三个月', 'longer than three months');
  if (from > plus(at.now, FARTHEST)) return refusal('BAD_REQUEST', '在一年多以后', 'more than a year ahead');
  const replaced = replacedBy(layer, from, to);
  if (replaced.every((one) => one === person.id))
    return refusal('CONFLICT', `这段时间本来就是${person.name.zh}值班`, `${person.name.en} has that time already`);
  if (!mayAny(by) && by.user !== person.id && !replaced.every((one) => one === by.user)) return NOT_YOURS;
  const time = { from: toIso(from), to: toIso(to) };
  return { kind: 'cover', role: layer.role, ...time, person: person.id, reason: order.reason };
}

/** Whose time it was until now; null where it was nobody's. */
export const replacedBy = (layer: Layer, from: Instant, to: Instant): readonly (string | null)[] => [
  ...new Set(layer.spans(from, to).map(({ person }) => person)),
];

export function judgeCancel(order: Order<'rota.cancel'>, by: By, at: RotaNow): RotaChange | Refusal {
  const change = at.changes.find(({ id }) => id === order.change);
  if (change === undefined) return refusal('NOT_FOUND', '没有这项调整', 'there is no such change');
  if (change.cancelled !== null) return refusal('CONFLICT', '该调整已经取消', 'it was called off already');
  const layer = at.layers.find(({ role }) => role === change.role);
  if (change.kind === 'cover') {
    if (Date.parse(change.to) <= at.now) return PAST;
  } else {
    const [a, b] = [layer?.turn(change.a.turn), layer?.turn(change.b.turn)];
    if (a != null && b != null && Math.min(a.from, b.from) <= at.now) return PAST;
    const turns = [change.a.turn, change.b.turn];
    const later = at.changes.slice(at.changes.indexOf(change) + 1).find((other) => isOn(other, turns));
    if (later !== undefined)
      return refusal(
        'CONFLICT',
        '之后又调换过其中的班次，请先取消后面的调整',
        'one of these turns was swapped again since: call the later change off first',
      );
  }
  if (mayAny(by) || by.user === change.by || peopleOf(change).includes(by.user)) return change;
  return NOT_YOURS;
}

const PAST = refusal(
  'CONFLICT',
  '已经开始或已过，不能取消；请改为代班',
  'it has begun or is over; have somebody stand in instead',
);

const isOn = (change: RotaChange, turns: readonly string[]): boolean =>
  change.kind === 'swap' &&
  change.cancelled === null &&
  (turns.includes(change.a.turn) || turns.includes(change.b.turn));

const peopleOf = (change: RotaSwap | RotaCover): string[] =>
  change.kind === 'swap' ? [change.a.person, change.b.person] : [change.person];

export function judgeNote(order: Order<'rota.note'>, at: RotaNow): Refusal | null {
  const turn = layerOf(order.turn, at.layers)?.turn(order.turn);
  if (turn == null) return UNKNOWN_TURN;
  if (turn.until <= at.now)
    return refusal(
      'CONFLICT',
      '该班次已经交接，请写在当前班次',
      'that turn has been handed over; write it for the present one',
    );
  return turn.from > plus(at.now, FARTHEST) ? refusal('BAD_REQUEST', '在一年多以后', 'more than a year ahead') : null;
}
