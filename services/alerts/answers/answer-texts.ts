import type { Text } from '#core/text.ts';
import { type Instant, instant, toIso } from '#core/time.ts';
import type { MatterState } from './matter-states.ts';
import type { Matter } from './matters.ts';

/** What goes back to whoever answered: one short message, nothing to look up. */
export interface AnswerTexts {
  acknowledged(matter: Matter, state: MatterState): Said;
  already(matter: Matter, state: Extract<MatterState, { is: 'acknowledged' }>): Said;
  over(matter: Matter, state: MatterState): Said;
  /** Several are open, or the code is none: which one? */
  which(open: readonly Open[], wrong: string | null): Said;
  nothingOpen(): Said;
  stranger(channel: string, from: string, text: string): Said;
  /** A known person's code that is none: for whoever is on duty. */
  strangeCode(person: Text, code: string): Said;
}

export interface Said {
  readonly subject: Text;
  readonly body: Text;
}

export interface Open {
  readonly matter: Matter;
  readonly state: MatterState;
}

/** A number in full only where it is needed: the log and the duty person's message tell which it was, not whose. */
const MOST_QUOTED = 60;
const MOST_LISTED = 5;

export function createAnswerTexts(parts: {
  readonly zone: string;
  readonly now: () => Instant;
  readonly nameOf: (person: string) => Text;
}): AnswerTexts {
  const { nameOf } = parts;
  const both = (zh: string, en: string): Text => ({ zh, en });
  const lines = (open: readonly Open[], language: keyof Text): string =>
    open
      .slice(0, MOST_LISTED)
      .map(({ matter, state }) => `${matter.code} ${state.title?.[language] ?? ''}`)
      .join('\n');
  const clock = (iso: string): string => clockTime(iso, parts.now(), parts.zone);

  return {
    acknowledged({ code }, { title, ...state }) {
      const todo = 'todo' in state ? state.todo : null;
      return {
        subject: both(`已确认 ${code}：${title?.zh ?? ''}`, `Acknowledged ${code}: ${title?.en ?? ''}`),
        body: todo === null ? both('谢谢', 'Thank you') : both(`请处理：${todo.zh}`, `Now: ${todo.en}`),
      };
    },
    already({ code }, { title, by, at }) {
      const who = nameOf(by);
      return {
        subject: both(
          `${code} 已由 ${who.zh} 于 ${clock(at)} 确认`,
          `${code} was acknowledged by ${who.en} at ${clock(at)}`,
        ),
        body: title,
      };
    },
    over: ({ code }, { title }) => ({
      subject: both(`${code} 已结束，无需确认`, `${code} is over; nothing to acknowledge`),
      body: title ?? both('该事项已不在列表中', 'It is not on the list any more'),
    }),
    which: (open, wrong) => ({
      subject:
        wrong === null
          ? both(`有 ${open.length} 项待确认，请回复代码`, `${open.length} are open: reply with the code`)
          : both(`没有代码 ${wrong}，请回复下列代码`, `There is no ${wrong}: reply with one of these codes`),
      body: both(lines(open, 'zh'), lines(open, 'en')),
    }),
    nothingOpen: () => ({
      subject: both('目前没有待您确认的事项', 'Nothing is waiting for you to acknowledge'),
      body: both('值守系统', 'Zhishou'),
    }),
    stranger: (channel, from, text) => ({
      subject: both(`陌生号码回复：${from}`, `Answer from an unknown number: ${from}`),
      body: both(
        `经 ${channel} 收到：“${text.slice(0, MOST_QUOTED)}”。未作处理。若是本单位人员，请在 people.yaml 中登记此号码。`,
        `Over ${channel}: “${text.slice(0, MOST_QUOTED)}”. Nothing was done with it. If it is one of us, write the number into people.yaml.`,
      ),
    }),
    strangeCode: (person, code) => ({
      subject: both(`${person.zh} 回复的代码无效：${code}`, `${person.en} answered with a code that is none: ${code}`),
      body: both('没有确认任何事项，已请其重新回复。', 'Nothing was acknowledged; they were asked to answer again.'),
    }),
  };
}

/** `03:04` at the site, with its date when that is not today. */
export function clockTime(iso: string, now: Instant, zone: string): string {
  const at = Date.parse(iso);
  const [then, today] = [Number.isNaN(at) ? now : instant(at), now].map((one) =>
    Temporal.Instant.from(toIso(one)).toZonedDateTimeISO(zone),
  );
  if (then === undefined || today === undefined) return iso;
  const time = then.toPlainTime().toString({ smallestUnit: 'minute' });
  return then.toPlainDate().equals(today.toPlainDate()) ? time : `${then.toPlainDate().toString().slice(5)} ${time}`;
}
