import type { Text } from '../text.ts';
import type { Instant } from '../time.ts';
import type { PlannedItem } from './meeting-agenda.ts';
import type { MeetingPerson, MeetingState } from './meeting-view.ts';

/**
 * A meeting is what was written of it, line after line, and nothing is ever written over. Once it is closed its minutes stand as they are:
 * all that may follow is an addendum, and which task a decision became.
 */
export type MeetingEvent =
  /** It is known of: an hour before, when its agenda is told. */
  | { readonly kind: 'planned'; readonly at: string; readonly title: Text }
  | { readonly kind: 'opened'; readonly agenda: readonly PlannedItem[]; readonly report: string | null }
  | { readonly kind: 'people'; readonly present: readonly MeetingPerson[]; readonly chair: MeetingPerson | null }
  | { readonly kind: 'own'; readonly id: string; readonly title: string }
  | { readonly kind: 'item'; readonly item: string; readonly discussed?: boolean; readonly note?: string | null }
  | { readonly kind: 'confirmed'; readonly item: string }
  | {
      readonly kind: 'decision';
      readonly id: string;
      readonly item: string | null;
      readonly text: string;
      readonly owner: MeetingPerson | null;
      /** Null: it is only noted, no task comes of it. */
      readonly dueAt: string | null;
    }
  | { readonly kind: 'task'; readonly decision: string; readonly task: string }
  | { readonly kind: 'closed' }
  | { readonly kind: 'addendum'; readonly text: string };

export interface MeetingLine {
  readonly meeting: string;
  readonly at: Instant;
  readonly by: string;
  readonly byName: string;
  readonly event: MeetingEvent;
}

type DecisionEvent = Extract<MeetingEvent, { kind: 'decision' }>;

export interface MeetingRecord {
  readonly id: string;
  readonly at: string;
  readonly title: Text;
  readonly state: MeetingState;
  /** As it was when the meeting opened; null: not yet. */
  readonly agenda: readonly PlannedItem[] | null;
  readonly report: string | null;
  readonly present: readonly MeetingPerson[];
  readonly chair: MeetingPerson | null;
  readonly own: readonly { readonly id: string; readonly title: string }[];
  readonly items: ReadonlyMap<string, { readonly discussed: boolean; readonly note: string | null }>;
  readonly confirmed: ReadonlySet<string>;
  readonly decisions: readonly (Omit<DecisionEvent, 'kind'> & {
    readonly task: string | null;
    readonly by: string;
    readonly at: Instant;
  })[];
  readonly closed: { readonly by: string; readonly at: Instant } | null;
  readonly addenda: readonly { readonly text: string; readonly by: string; readonly at: Instant }[];
  /** How many lines there are: another one is another version. */
  readonly lines: number;
}

export const emptyMeeting = (id: string, at: string, title: Text): MeetingRecord => ({
  ...{ id, at, title, state: 'planned', agenda: null, report: null, present: [], chair: null, own: [] },
  ...{ items: new Map(), confirmed: new Set<string>(), decisions: [], closed: null, addenda: [], lines: 0 },
});

/** May this line follow what is written? After the end only what adds. */
export const mayFollow = ({ state }: MeetingRecord, { kind }: MeetingEvent): boolean =>
  state !== 'closed' || kind === 'addendum' || kind === 'task';

export function nextRecord(before: MeetingRecord, { event, at, byName }: MeetingLine): MeetingRecord {
  const record = { ...before, lines: before.lines + 1 };
  if (!mayFollow(before, event)) return before;
  switch (event.kind) {
    case 'planned':
      return { ...record, at: event.at, title: event.title };
    case 'opened':
      return before.state === 'planned'
        ? { ...record, state: 'open', agenda: event.agenda, report: event.report }
        : record;
    case 'people':
      return { ...record, present: event.present, chair: event.chair };
    case 'own':
      return { ...record, own: [...before.own, { id: event.id, title: event.title }] };
    case 'item': {
      const was = before.items.get(event.item) ?? { discussed: false, note: null };
      const discussed = event.discussed ?? was.discussed;
      const note = event.note === undefined ? was.note : event.note;
      return { ...record, items: new Map(before.items).set(event.item, { discussed, note }) };
    }
    case 'confirmed':
      return { ...record, confirmed: new Set(before.confirmed).add(event.item) };
    case 'decision': {
      const { kind: _, ...decision } = event;
      return { ...record, decisions: [...before.decisions, { ...decision, task: null, by: byName, at }] };
    }
    case 'task': {
      const decisions = before.decisions.map((one) => (one.id === event.decision ? { ...one, task: event.task } : one));
      return { ...record, decisions };
    }
    case 'closed':
      return { ...record, state: 'closed', closed: { by: byName, at } };
    case 'addendum':
      return { ...record, addenda: [...before.addenda, { text: event.text, by: byName, at }] };
  }
}

/** The agenda as it is shown: as it was when the meeting opened, or as it would be now; what people added stands at its end. */
export function agendaOf(record: MeetingRecord, planned: readonly PlannedItem[]): PlannedItem[] {
  const base = (record.agenda ?? planned).filter(({ kind }) => kind !== 'own');
  const own = record.own.map(
    ({ id, title }): PlannedItem => ({
      ...{ id: `own:${id}`, kind: 'own', title: { zh: title, en: title }, detail: null, path: null },
      ...{ pressing: false, confirm: false },
    }),
  );
  return [...base, ...own];
}
