import { roleAtLeast } from '#core/command.ts';
import type { Config } from '#core/config/config.ts';
import type { MeetingConfig } from '#core/config/meeting.ts';
import type { PlannedItem } from '#core/paperwork/meeting-agenda.ts';
import type { MeetingRecord } from '#core/paperwork/meeting-events.ts';
import type { MeetingDecision, MeetingPerson, MeetingSummary, MeetingView } from '#core/paperwork/meeting-view.ts';
import type { DecisionLine } from '#core/paperwork/period-report.ts';
import type { Who } from '#core/paperwork/register-rights.ts';
import { sameText } from '#core/text.ts';
import { type Instant, toIso } from '#core/time.ts';
import type { TaskList } from '../tasks/task-list.ts';

/** A meeting's record as pages, papers and reports get it. */
type Tasks = Pick<TaskList, 'get'>;
type Decision = MeetingRecord['decisions'][number];

/** What became of it: its task knows. */
export function stateOfDecision(
  { task, dueAt }: Pick<Decision, 'task' | 'dueAt'>,
  tasks: Tasks,
): MeetingDecision['state'] {
  const now = task === null ? null : tasks.get(task);
  if (now === null) return dueAt === null ? 'noted' : 'open';
  return now.state === 'open' && now.overdue ? 'overdue' : now.state;
}

const isOpen = (decision: Decision, tasks: Tasks): boolean => {
  const state = stateOfDecision(decision, tasks);
  return state === 'open' || state === 'overdue';
};

export interface ViewOf {
  readonly config: Config;
  readonly settings: MeetingConfig | undefined;
  readonly tasks: Tasks;
  /** Null: a screen that reads. */
  readonly who: Who | null;
  readonly now: Instant;
}

/** Who leads unless another is named: whoever has the function, unless the meeting is known to be without them. */
export function usualChair(
  { present }: Pick<MeetingRecord, 'present'>,
  { config, settings }: Pick<ViewOf, 'config' | 'settings'>,
): MeetingPerson | null {
  const usual = config.people.people.find(
    ({ functions }) => settings !== undefined && functions.includes(settings.chair),
  );
  if (usual === undefined || (present.length > 0 && !present.some(({ id }) => id === usual.id))) return null;
  return { id: usual.id, name: usual.name };
}

export function toView(record: MeetingRecord, agenda: readonly PlannedItem[], of: ViewOf): MeetingView {
  const { config, tasks, who } = of;
  const { people } = config.people;
  const named = (person: { id: string; name: MeetingPerson['name'] }): MeetingPerson => ({
    id: person.id,
    name: person.name,
  });
  const open = record.state !== 'closed';
  return {
    ...{
      id: record.id,
      version: `${record.id}-${record.lines}`,
      title: record.title,
      at: record.at,
      state: record.state,
    },
    report: record.report ?? agenda.find(({ kind }) => kind === 'report')?.id.slice('report:'.length) ?? null,
    present: record.present,
    chair: record.chair ?? (open ? usualChair(record, of) : null),
    agenda: agenda.map((item) => ({
      ...item,
      confirmed: record.confirmed.has(item.id),
      ...(record.items.get(item.id) ?? { discussed: false, note: null }),
    })),
    decisions: record.decisions.map((decision) => ({
      ...{ id: decision.id, item: decision.item, text: decision.text, owner: decision.owner, dueAt: decision.dueAt },
      ...{ task: decision.task, state: stateOfDecision(decision, tasks), by: decision.by, at: toIso(decision.at) },
    })),
    closed: record.closed === null ? null : { by: record.closed.by, at: toIso(record.closed.at) },
    addenda: record.addenda.map(({ text, by, at }) => ({ text, by, at: toIso(at) })),
    people: people.map(named),
    mayWrite: open && who !== null && roleAtLeast(who.role, 'duty'),
    mayClose: open && who !== null && roleAtLeast(who.role, 'operator'),
  };
}

export const toSummary = (record: MeetingRecord, agenda: readonly PlannedItem[], tasks: Tasks): MeetingSummary => ({
  ...{ id: record.id, title: record.title, at: record.at, state: record.state },
  items: record.agenda === null ? agenda.length : record.agenda.length + record.own.length,
  pressing: (record.agenda ?? agenda).filter(({ pressing }) => pressing).length,
  decisions: record.decisions.length,
  open: record.decisions.filter((decision) => isOpen(decision, tasks)).length,
});

const MOST_LINES = 200;

/** The oldest first. */
export function decisionLines(
  records: readonly MeetingRecord[],
  tasks: Tasks,
  { from, to }: { readonly from: Instant; readonly to: Instant },
): readonly DecisionLine[] {
  const lines = [...records]
    .sort((a, b) => (a.at < b.at ? -1 : 1))
    .flatMap(({ id, closed, decisions }) =>
      closed === null || closed.at >= to
        ? []
        : decisions
            .filter((decision) => closed.at >= from || isOpen(decision, tasks))
            .map((decision) => ({
              ...{ meeting: id, text: sameText(decision.text), owner: decision.owner?.name ?? null },
              ...{ dueAt: decision.dueAt, state: stateOfDecision(decision, tasks) },
            })),
    );
  return lines.slice(-MOST_LINES);
}
