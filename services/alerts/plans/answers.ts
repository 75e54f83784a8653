import { sameText, type Text } from '#core/text.ts';
import { type Instant, instant, minutes, plus } from '#core/time.ts';
import type { AskDefinition } from './definition.ts';
import { AUDIENCE } from './levels.ts';
import { acknowledge, lateness } from './people-steps.ts';
import type { Outlook } from './state.ts';
import { bothTexts } from './texts.ts';
import type { Turn } from './turn.ts';

/** What people answered, and what it means. */

export interface GivenAnswer {
  readonly answer: string;
  readonly by: string;
  readonly minutes: number | null;
  readonly until: Instant | null;
}

type Option = AskDefinition['ask']['answers'][number];

/** Records an answer; a later one replaces it and everything is judged anew. */
export function takeAnswer(turn: Turn, step: AskDefinition, given: GivenAnswer): void {
  const option = step.ask.answers.find((answer) => answer.id === given.answer);
  if (option === undefined) return;
  const byPerson = given.by !== 'zhishou';
  const names = byPerson ? countVoice(turn, step, option, given.by) : [];
  // Silence is nobody's word, least of all two people's (O-FIR-2).
  if (option.people > 1 && names.length < option.people) {
    if (byPerson) awaitOthers(turn, step, option, names);
    return;
  }
  settle(turn, step, option, given, names);
  if (byPerson) acknowledge(turn, given.by);
}

/** Whoever says something else takes back what they said before. The people who now stand behind this answer. */
function countVoice(turn: Turn, step: AskDefinition, option: Option, by: string): readonly string[] {
  const progress = turn.edit(step.id);
  const before = progress.given.find((one) => one.by === by);
  progress.given = [...progress.given.filter((one) => one.by !== by), { answer: option.id, by, at: turn.at }];
  if (before !== undefined && before.answer !== option.id) {
    const old = step.ask.answers.find((answer) => answer.id === before.answer);
    if (old !== undefined && old.people > 1)
      turn.record('answer', bothTexts(`撤回确认：${old.label.zh}`, `Taken back: ${old.label.en}`), {
        who: by,
        step: step.id,
        figures: { answer: old.id },
      });
  }
  return progress.given.filter((one) => one.answer === option.id).map((one) => one.by);
}

/** One of two has said so: it counts only when the other does. */
function awaitOthers(turn: Turn, step: AskDefinition, option: Option, names: readonly string[]): void {
  const { state } = turn;
  const missing = option.people - names.length;
  const [by = ''] = names.slice(-1);
  const said = namesOf(turn, names);
  const detail = bothTexts(
    `“${option.label.zh}”已有 ${names.length} 人确认（${said.zh}），还需另外 ${missing} 人确认`,
    `“${option.label.en}” has been given by ${names.length} (${said.en}); ${missing} more must give it`,
  );
  turn.edit(step.id).detail = detail;
  turn.record('answer', bothTexts(`待确认：${option.label.zh}`, `To be confirmed: ${option.label.en}`), {
    who: by,
    step: step.id,
    why: detail,
    figures: { answer: option.id, given: names.length, needed: option.people },
  });
  const others = [...new Set([step.ask.function, ...AUDIENCE[state.level]])];
  const subject = bothTexts(`请第二人确认：${option.label.zh}`, `A second person must confirm: ${option.label.en}`);
  turn.notify(`${step.id}/confirm/${turn.at}`, others, 'high', subject, detail, step.id, names);
  acknowledge(turn, by);
}

function settle(turn: Turn, step: AskDefinition, option: Option, given: GivenAnswer, names: readonly string[]): void {
  const { state } = turn;
  const progress = turn.edit(step.id);
  const revised = progress.answer !== null && progress.answer.by !== 'zhishou';
  const byPerson = given.by !== 'zhishou';
  const late = byPerson && !revised ? lateness(turn, step.id) : {};
  Object.assign(progress, {
    state: 'done',
    endedAt: turn.at,
    dueAt: null,
    remindAt: byPerson ? null : progress.remindAt,
    escalateAt: byPerson ? null : progress.escalateAt,
    detail: null,
    answer: { id: option.id, by: given.by, at: turn.at },
  });
  // A default never takes back what somebody has said: the announced end of a planned cut (O-PWR-1).
  const said = state.outlook.kind !== 'unknown' && !byPerson;
  if (option.outlook !== undefined && !said) state.outlook = outlookOf(turn, option.outlook, given);
  const { label } = option;
  const until = state.outlook.kind === 'until' && option.outlook === 'given' ? state.outlook.until : null;
  turn.record(
    'answer',
    revised
      ? bothTexts(`更改答复：${label.zh}`, `Answer revised: ${label.en}`)
      : bothTexts(`答复：${label.zh}`, `Answer: ${label.en}`),
    {
      who: given.by,
      step: step.id,
      why: byPerson
        ? confirmedBy(option, namesOf(turn, names))
        : bothTexts('无人答复，时间已到，采用默认', 'nobody answered in time: the default is taken'),
      figures: {
        answer: option.id,
        minutes: given.minutes,
        untilInS: until === null ? null : Math.round((until - turn.at) / 1000),
        ...late,
      },
    },
  );
}

const confirmedBy = (option: Option, said: Text) =>
  option.people < 2 ? null : bothTexts(`由${said.zh}共同确认`, `given by ${option.people} people: ${said.en}`);

function namesOf(turn: Turn, people: readonly string[]): Text {
  const names = people.map((id) => turn.state.definition.names[id] ?? sameText(id));
  return bothTexts(names.map((name) => name.zh).join('、'), names.map((name) => name.en).join(', '));
}

function outlookOf(turn: Turn, says: 'within' | 'over' | 'unknown' | 'given', given: GivenAnswer): Outlook {
  const base = { by: given.by, at: turn.at };
  if (says !== 'given') return { kind: says, until: null, ...base };
  const until = given.until ?? (given.minutes === null ? null : plus(turn.at, minutes(given.minutes)));
  return until === null ? { kind: 'unknown', until: null, ...base } : { kind: 'until', until: instant(until), ...base };
}
