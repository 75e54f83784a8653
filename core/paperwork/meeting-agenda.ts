import type { Text } from '../text.ts';
import type { AGENDA_KINDS, AgendaItem } from './meeting-view.ts';

/**
 * The agenda of the weekly meeting out of what is open (O-WK-3): the report first, then what is late or failed, then the rest, what people
 * wrote themselves last. Pure. Ids say what an item is about, so that a note stays with it while the agenda is made anew.
 */
export interface OpenMatters {
  readonly report: { readonly id: string; readonly name: string; readonly path: string } | null;
  /** Of earlier meetings, not done yet. */
  readonly decisions: readonly {
    readonly meeting: string;
    readonly id: string;
    readonly text: string;
    readonly owner: Text | null;
    readonly dueAt: string | null;
    readonly overdue: boolean;
  }[];
  /** Open ones that are no decision's. */
  readonly tasks: readonly Dated[];
  /** Overdue or missed since the last meeting. */
  readonly duties: readonly (Dated & { readonly missed: boolean })[];
  readonly repairs: readonly (Entry & { readonly toConfirm: boolean })[];
  readonly changes: readonly Entry[];
  /** Of other registers: what waits for somebody, or is past its deadline. */
  readonly entries: readonly Entry[];
  /** Since the last meeting, drills not among them. */
  readonly incidents: readonly {
    readonly id: string;
    readonly title: Text;
    readonly at: string;
    readonly open: boolean;
  }[];
  /** Rules that rang most of all, alarms that stand for days. */
  readonly alarms: readonly {
    readonly id: string;
    readonly title: Text;
    readonly detail: Text;
    readonly pressing: boolean;
  }[];
  readonly own: readonly { readonly id: string; readonly title: Text }[];
}

interface Dated {
  readonly id: string;
  readonly title: Text;
  readonly owner: Text | null;
  readonly dueAt: string;
  readonly overdue: boolean;
  readonly path: string;
}
interface Entry {
  readonly key: string;
  readonly title: Text;
  readonly state: Text;
  readonly overdue: boolean;
  readonly path: string;
}

export type PlannedItem = Omit<AgendaItem, 'discussed' | 'note' | 'confirmed'>;
type Kind = (typeof AGENDA_KINDS)[number];

/** Of one kind; what is beyond is one line that says how many. */
const MOST_OF_A_KIND = 30;

/** `day`: an instant as the site writes its day. */
export function makeAgenda(matters: OpenMatters, day: (iso: string) => string): PlannedItem[] {
  const groups: readonly PlannedItem[][] = [
    matters.decisions.map((one) =>
      item(
        'decision',
        `${one.meeting}/${one.id}`,
        { zh: one.text, en: one.text },
        {
          detail: dueText(one.owner, one.dueAt, one.overdue, day),
          path: `/meetings/${one.meeting}`,
          pressing: one.overdue,
        },
      ),
    ),
    matters.tasks.map((one) => item('task', one.id, one.title, dated(one, day))),
    matters.duties.map((one) =>
      item('duty', one.id, one.title, {
        ...dated(one, day),
        detail: one.missed
          ? { zh: `应在 ${day(one.dueAt)} 前完成，未做`, en: `was due by ${day(one.dueAt)}; nobody did it` }
          : dueText(one.owner, one.dueAt, one.overdue, day),
        pressing: true,
      }),
    ),
    matters.repairs.map((one) => ({ ...entry('repair', one), confirm: one.toConfirm })),
    matters.changes.map((one) => entry('change', one)),
    matters.entries.map((one) => entry('entry', one)),
    matters.incidents.map((one) =>
      item('incident', one.id, one.title, {
        detail: {
          zh: `${day(one.at)}${one.open ? '，尚未结束' : ''}`,
          en: `${day(one.at)}${one.open ? ', not over yet' : ''}`,
        },
        path: `/incidents/${one.id}`,
        pressing: one.open,
      }),
    ),
    matters.alarms.map((one) =>
      item('alarm', one.id, one.title, { detail: one.detail, path: '/alarms', pressing: one.pressing }),
    ),
  ].map(bounded);
  const open = groups.flat();
  const { report } = matters;
  return [
    ...(report === null ? [] : [item('report', report.id, reportTitle(report.name), { path: report.path })]),
    ...open.filter(({ pressing }) => pressing),
    ...open.filter(({ pressing }) => !pressing),
    ...matters.own.map(({ id, title }) => item('own', id, title, {})),
  ];
}

const item = (
  kind: Kind,
  id: string,
  title: Text,
  more: Partial<Pick<PlannedItem, 'detail' | 'path' | 'pressing' | 'confirm'>>,
): PlannedItem => ({
  id: `${kind}:${id}`,
  kind,
  title,
  detail: null,
  path: null,
  pressing: false,
  confirm: false,
  ...more,
});

const reportTitle = (name: string): Text => ({ zh: `运行周报 ${name}`, en: `Report of ${name}` });

const dated = ({ owner, dueAt, overdue, path }: Dated, day: (iso: string) => string) => ({
  detail: dueText(owner, dueAt, overdue, day),
  path,
  pressing: overdue,
});

const entry = (kind: Kind, { key, title, state, overdue, path }: Entry): PlannedItem =>
  item(kind, key, title, {
    detail: overdue ? { zh: `${state.zh}，已逾期`, en: `${state.en}; overdue` } : state,
    path,
    pressing: overdue,
  });

function dueText(owner: Text | null, dueAt: string | null, overdue: boolean, day: (iso: string) => string): Text {
  const who = owner ?? { zh: '无人负责', en: 'nobody in charge' };
  if (dueAt === null) return who;
  return {
    zh: `${who.zh}，${overdue ? '已逾期：' : ''}${day(dueAt)} 前`,
    en: `${who.en}, ${overdue ? 'overdue: ' : ''}by ${day(dueAt)}`,
  };
}

/** The pressing ones first, so that none of them is among those that are only counted. */
function bounded(items: PlannedItem[]): PlannedItem[] {
  const [first] = items;
  if (first === undefined || items.length <= MOST_OF_A_KIND) return items;
  const sorted = [...items.filter(({ pressing }) => pressing), ...items.filter(({ pressing }) => !pressing)];
  const rest = items.length - MOST_OF_A_KIND;
  const more: Text = { zh: `同类另有 ${rest} 项`, en: `${rest} more of this kind` };
  return [...sorted.slice(0, MOST_OF_A_KIND), item(first.kind, 'more', more, {})];
}
