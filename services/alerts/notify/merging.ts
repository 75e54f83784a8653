import type { DeliveryView, MessagePhase } from '#core/notification.ts';
import type { Language } from '#core/text.ts';
import { type Delivery, moreSevere } from './delivery.ts';
import { marksOf } from './marks.ts';

/**
 * Several messages of one conversation that wait for the same channel become one: the newest, which has the newest facts,
 * with the subjects of the older ones below it. Nobody reads five stale messages in a row at night.
 */
export interface Merged {
  readonly into: Delivery;
  readonly from: readonly Delivery[];
}

/** A list on a telephone: the newest of the older ones, and how many there are. */
const LISTED = 5;

/** Null: they do not belong into one. Oldest first. */
export function merge(waiting: readonly Delivery[], language: Language): Merged | null {
  const newest = waiting.at(-1);
  if (newest === undefined || waiting.length < 2) return null;
  const from = waiting.slice(0, -1).filter((older) => belongs(older, newest));
  if (from.length === 0) return null;
  const all = [...from, newest];
  const own = newest.own ?? { subject: newest.view.subject, body: newest.view.body };
  const earlier = [
    ...from.flatMap((older) => [...(older.earlier ?? []), (older.own ?? older.view).subject]),
    ...(newest.earlier ?? []),
  ];
  const view: DeliveryView = {
    ...newest.view,
    ...withEarlier(own, earlier, newest.view, language),
    earlier: earlier.length,
    severity: all.reduce((worst, { view: { severity } }) => moreSevere(worst, severity), newest.view.severity),
    phase: phaseOf(all),
  };
  return { into: { ...newest, view, own, earlier, rest: longest(all) }, from };
}

/**
 * What was written in one moment, and not tried yet: one message with all of it, in the order in which it was said. A plan
 * that opens tells, asks and gives a task at once, and whoever has three of them is called once. Null: it was not one moment.
 */
export function mergeMoment(waiting: readonly Delivery[], language: Language): Merged | null {
  const [first] = waiting;
  const newest = waiting.at(-1);
  if (first === undefined || newest === undefined || first === newest || first.since === undefined) return null;
  const same = (one: Delivery): boolean =>
    one.since === first.since && one.view.attempts === 0 && one.earlier === undefined && belongs(one, newest);
  if (!waiting.every(same)) return null;
  const zh = language === 'zh';
  const marks = marksOf(newest.view, language);
  const plain = (text: string): string => (text.startsWith(marks) ? text.slice(marks.length).trimStart() : text);
  const parts = waiting.map(({ view }, i) => `${i + 1}. ${plain(view.subject)}\n${plain(view.body)}`);
  const own = {
    subject: `${first.view.subject}${zh ? `（共 ${waiting.length} 件）` : ` (${waiting.length} in all)`}`,
    body: `${marks}${marks === '' || zh ? '' : ' '}${parts.join('\n\n')}`,
  };
  const severity = waiting.reduce((worst, { view }) => moreSevere(worst, view.severity), newest.view.severity);
  const view: DeliveryView = { ...first.view, ...own, severity, phase: phaseOf(waiting) };
  return { into: { ...first, view, own, rest: longest(waiting) }, from: waiting.slice(1) };
}

const belongs = ({ view }: Delivery, { view: newest }: Delivery): boolean =>
  view.drill === newest.drill &&
  view.simulated === newest.simulated &&
  view.test === undefined &&
  newest.test === undefined;

/** What a lamp must do: it is raised or it is over, whatever was told between. */
function phaseOf(all: readonly Delivery[]): MessagePhase {
  const phases = all.map(({ view }) => view.phase ?? 'information');
  const turns = phases.filter((phase) => phase === 'raised' || phase === 'recovered');
  return turns.at(-1) ?? phases.at(-1) ?? 'information';
}

const longest = (all: readonly Delivery[]): Delivery['rest'] =>
  all.reduce<Delivery['rest']>((best, { rest }) => (rest.length > best.length ? rest : best), []);

function withEarlier(
  own: { readonly subject: string; readonly body: string },
  earlier: readonly string[],
  { drill, simulated }: DeliveryView,
  language: Language,
): { subject: string; body: string } {
  const zh = language === 'zh';
  const n = earlier.length;
  const marks = marksOf({ drill, simulated }, language);
  const plain = (text: string): string => (text.startsWith(marks) ? text.slice(marks.length).trimStart() : text);
  const lines = earlier.slice(-LISTED).map((subject) => `- ${plain(subject)}`);
  const gap = marks === '' || zh ? '' : ' ';
  const newest = zh ? '最新：' : 'Latest: ';
  const more = zh ? `另有 ${n} 条较早的消息：` : `${n} earlier ${n === 1 ? 'message' : 'messages'}:`;
  return {
    subject: `${own.subject}${zh ? `（另有 ${n} 条）` : ` (+${n} earlier)`}`,
    body: [`${marks}${gap}${newest}${plain(own.body)}`, '', more, ...lines].join('\n'),
  };
}
