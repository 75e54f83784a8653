import type { DutyPerson } from './state.ts';
import { bothTexts } from './texts.ts';
import type { Turn } from './turn.ts';

/** O-ORG-2: nobody leaves the post until the emergency is dealt with; whoever must leave hands it over by name. */

export function handOver(turn: Turn, to: DutyPerson, by: string, note: string): void {
  const { state } = turn;
  const from = state.lead?.person ?? null;
  state.lead = { person: to, since: turn.at, byHand: true };
  const what = bothTexts(`事件交接给${to.name.zh}`, `Handed over to ${to.name.en}`);
  const why = note.trim() === '' ? null : bothTexts(note, note);
  turn.record('order', what, { who: by, why });
  const title = state.definition.plan.title;
  const open = state.definition.steps.filter(
    ({ id, kind }) => (kind === 'ask' || kind === 'task') && turn.step(id).state === 'waiting',
  );
  const zh = open.map((step) => step.title.zh).join('、');
  const en = open.map((step) => step.title.en).join(', ');
  const former = from ?? { name: bothTexts('（无）', 'nobody') };
  const body = bothTexts(
    `${title.zh}由${former.name.zh}交给${to.name.zh}负责。${why === null ? '' : `说明：${note}。`}${zh === '' ? '目前没有待办步骤。' : `待办：${zh}。`}`,
    `${title.en}: from ${former.name.en} to ${to.name.en}. ${why === null ? '' : `Note: ${note}. `}${en === '' ? 'Nothing is open.' : `Open: ${en}.`}`,
  );
  turn.notify(
    `hand-over/${turn.at}`,
    [],
    'high',
    what,
    body,
    undefined,
    [],
    [to.id, ...(from === null ? [] : [from.id])],
  );
}

/** The rota changed in the middle: the one who leads stays at the post until it is handed over, and both are told so. */
export function dutyChanged(turn: Turn, before: DutyPerson | null): void {
  const { lead, duty } = turn.state;
  if (duty === null || duty.id === before?.id) return;
  if (lead === null) {
    turn.state.lead = { person: duty, since: turn.at, byHand: false };
    return;
  }
  if (lead.person.id === duty.id || lead.byHand) return;
  const subject = bothTexts(
    `值班已轮换为${duty.name.zh}，请办理事件交接`,
    `${duty.name.en} is on duty now: hand the incident over`,
  );
  const body = bothTexts(
    `事件仍由${lead.person.name.zh}负责。新的提问和任务发给${duty.name.zh}；交接请在页面上办理并写明情况。`,
    `${lead.person.name.en} still leads it. New questions and tasks go to ${duty.name.en}; hand it over on the page with a note.`,
  );
  turn.notify(`rota/${turn.at}`, [], 'high', subject, body, undefined, [], [duty.id, lead.person.id]);
}
