import type { FunctionName } from '#core/config/people.ts';
import { FUNCTION_NAMES } from '#core/record-words.ts';
import type { Text } from '#core/text.ts';
import type { Instant } from '#core/time.ts';
import { type ActDefinition, isGeneral } from './definition.ts';
import type { Facts } from './forecast-facts.ts';
import type { IncidentState } from './state.ts';
import { bothTexts, clockLength, clockTime } from './texts.ts';

/** A forecast in a line or two, read at 03:00: what happens at once, what follows by itself, what is lost. */

const MOST_NAMED = 2;

/** Nothing comes of it. */
export const ONLY_RECORDED = bothTexts('只作记录，其余照常', 'It is recorded; all else goes on as it is');

export function atOnceText(facts: Facts): Text {
  const { from, after } = facts.play;
  if (after.phase === 'closed') return bothTexts('事件关闭', 'The incident is closed');
  const also = begunText(facts);
  if (also !== null && after.phase === 'holding' && from.phase !== 'holding')
    return sentence(bothTexts(`${also.zh}，等待来电`, `${also.en}, then waits for mains`));
  const way = wayOf(facts);
  const parts = [way, also, sparedText(facts)].filter((part) => part !== null);
  if (parts.length > 0) return sentence(joined(parts));
  if (from.phase === 'shut-down') return bothTexts('设备已关闭，等待来电', 'The equipment is down, waiting for mains');
  if (facts.play === facts.base) return bothTexts('照预案继续', 'The plan goes on');
  return ONLY_RECORDED;
}

/** Where the sequence goes with it; null: no word of it. */
function wayOf({ play }: Facts): Text | null {
  const { from, after } = play;
  const began = from.sequence === null && after.sequence !== null;
  if (began && after.phase === 'protecting') return STARTS[manner(after)];
  if (from.sequence !== null && after.sequence === null)
    return bothTexts('停止关机，继续等待', 'the shutdown is taken back');
  if (after.phase !== from.phase)
    return isGeneral(from.definition) && after.phase === 'recovering' ? DANGER_OVER : (ENTERS[after.phase] ?? null);
  if (after.phase === 'protecting') return bothTexts('备份和关机继续', 'backup and shutdown go on');
  if (after.power?.mains === 'present' && after.phase === 'settling')
    return bothTexts('市电已恢复，不再关闭设备', 'mains is back: nothing more is shut down');
  return after.phase === 'responding' || after.phase === 'holding' ? WAITS(after) : null;
}

const WAITS = (state: IncidentState): Text | null => {
  if (state.power !== null)
    return state.power.mains === 'present'
      ? bothTexts('市电正常，不关闭设备', 'mains is present: nothing is shut down')
      : bothTexts('继续等待来电', 'goes on waiting for mains');
  return state.heat === null ? null : bothTexts('继续等待降温', 'goes on waiting for the room to cool');
};

const ENTERS: Partial<Record<IncidentState['phase'], Text>> = {
  'standing-down': bothTexts('解除应急，恢复正常', 'stands down'),
  finishing: bothTexts('先完成未尽的关机，再恢复', 'half-done shutdowns are completed, then recovery'),
  recovering: bothTexts('开始恢复', 'recovery begins'),
  holding: bothTexts('减少用电，等待来电', 'sheds load and waits for mains'),
  responding: bothTexts('继续等待', 'goes on waiting'),
};

const DANGER_OVER = bothTexts('危险解除，转入善后', 'the danger is over; what comes after it begins');

const STARTS = {
  live: bothTexts('立即备份并关机', 'backup and shutdown start now'),
  advice: bothTexts('立即请人工备份并关机', 'people are told to back up and shut down now'),
  rehearsal: bothTexts('立即预演备份和关机（不实际执行）', 'backup and shutdown are rehearsed now, nothing is done'),
} as const;

const manner = ({ mode }: IncidentState): keyof typeof STARTS =>
  mode === 'advice' || mode === 'rehearsal' ? mode : 'live';

/** Acts by what is done to how many; then what is asked of people, and what they are told. */
function begunText({ begins, play }: Facts): Text | null {
  const sequence = play.from.sequence === null && play.after.sequence !== null;
  // The sequence itself says that it begins, and what was shed before it is no news beside it.
  const news = begins.filter((step) => !(sequence && (step.stage === 'protect' || step.stage === 'hold')));
  const acts = Map.groupBy(
    news.filter((step): step is ActDefinition => step.kind === 'act'),
    (step) => step.base,
  );
  const tasks = news.flatMap((step) => (step.kind === 'task' ? [forWhom(step.title, step.task.function)] : []));
  const asks = news.flatMap((step) => (step.kind === 'ask' ? [forWhom(step.title, step.ask.function)] : []));
  const tells = news.flatMap((step) => (step.kind === 'tell' ? [step.title] : []));
  const parts = [
    ...[...acts.values()].map(actsText),
    ...listed(bothTexts('新任务：', 'new tasks: '), tasks),
    ...listed(bothTexts('询问：', 'asks: '), asks),
    ...listed(bothTexts('', ''), tells),
  ];
  return parts.length === 0 ? null : joined(parts);
}

/** `新任务：撤离、报警等 4 项` / `new tasks: evacuate, call for help and 2 more`. */
function listed(head: Text, titles: readonly Text[]): Text[] {
  if (titles.length === 0) return [];
  const named = titles.slice(0, MOST_NAMED);
  const more = titles.length - named.length;
  const zh = named.map((title) => title.zh).join('、');
  const en = named.map((title) => lower(title.en)).join(', ');
  return [
    bothTexts(
      `${head.zh}${zh}${more > 0 ? `等 ${titles.length} 项` : ''}`,
      `${head.en}${en}${more > 0 ? ` and ${more} more` : ''}`,
    ),
  ];
}

const forWhom = (title: Text, who: FunctionName): Text =>
  who === 'duty'
    ? title
    : bothTexts(`${title.zh}（${FUNCTION_NAMES[who].zh}）`, `${title.en} (${FUNCTION_NAMES[who].en})`);

/** `紧急断电（5 台）`; of one device its name, unless the title has it. */
function actsText(acts: readonly ActDefinition[]): Text {
  const [first] = acts;
  if (first === undefined) return bothTexts('', '');
  const zh = first.title.zh.slice(0, first.title.zh.length - first.deviceName.zh.length - 1);
  const en = lower(first.title.en.slice(0, first.title.en.length - first.deviceName.en.length - 2));
  if (acts.length > 1) return bothTexts(`${zh}（${acts.length} 台）`, `${en} (${acts.length} devices)`);
  return zh.includes(first.deviceName.zh) ? bothTexts(zh, en) : bothTexts(first.title.zh, lower(first.title.en));
}

/** Acts and tasks that fall away; in a power plan the phase says it all. */
function sparedText({ spared, play }: Facts): Text | null {
  if (play.from.power !== null || play.from.heat !== null || spared.length === 0) return null;
  const named = spared.slice(0, 2).map(({ title }) => title);
  const zh = `不再需要：${named.map((title) => title.zh).join('、')}${spared.length > 2 ? `等 ${spared.length} 项` : ''}`;
  const en = `no longer needed: ${named.map((title) => lower(title.en)).join(', ')}${spared.length > 2 ? ` and ${spared.length - 2} more` : ''}`;
  return bothTexts(zh, en);
}

/** When it is done, or begins by itself, and what the battery says to it. */
export function laterText(facts: Facts): Text | null {
  const { play, downAt, emptyAt } = facts;
  const { from, after, startsAt, recoveredAt, last } = play;
  if (after.phase === 'closed') return null;
  if (recoveredAt !== null && from.outcome !== 'recovered') {
    const time = clockTime(from, recoveredAt);
    return bothTexts(`约 ${time.zh} 全部启动`, `All is up at about ${time.en}`);
  }
  if (last.phase === 'closed' && play.closedAt !== null) {
    const time = clockTime(from, play.closedAt);
    return bothTexts(`${time.zh} 关闭事件`, `The incident closes at ${time.en}`);
  }
  if (from.phase === 'shut-down') return null;
  if (isGeneral(from.definition)) return play === facts.base ? defaultText(play.from) : null;
  const battery = batteryText(facts);
  const begunNow = after.sequence !== null;
  if (begunNow && downAt !== null) {
    const done = clockTime(from, downAt);
    return sentence(join(bothTexts(`约 ${done.zh} 全部关闭`, `all down at ${done.en}`), battery));
  }
  if (startsAt === null || (from.power === null && from.heat === null)) {
    if (emptyAt === null && from.power?.mains === 'lost')
      return bothTexts('电池时间未知', 'The battery’s time is not known');
    return null;
  }
  return sentence(join(startsText(from, startsAt, downAt, isLighter(facts)), battery));
}

/** The first question that is answered by its default. */
function defaultText(from: IncidentState): Text | null {
  const asked = from.definition.steps.flatMap((step) => {
    const { state, dueAt = null } = from.steps[step.id] ?? {};
    return step.kind === 'ask' && state === 'waiting' && dueAt !== null ? [{ step, dueAt }] : [];
  });
  const [first] = asked.sort((a, b) => a.dueAt - b.dueAt);
  const label = first?.step.ask.answers.find(({ id }) => id === first.step.ask.default)?.label;
  if (first === undefined || label === undefined) return null;
  const { zh, en } = clockTime(from, first.dueAt);
  return bothTexts(`${zh} 无人答复则按“${label.zh}”办理`, `Without an answer, “${label.en}” is taken at ${en}`);
}

/** A lighter load makes the battery last longer; by how much only the measured slope will tell. */
const isLighter = ({ begins }: Facts): boolean =>
  begins.some((step) => step.kind === 'act' && step.operation === 'shed');

function startsText(from: IncidentState, startsAt: Instant, downAt: Instant | null, lighter: boolean): Text {
  const start = clockTime(from, startsAt);
  const done = clockTime(from, downAt);
  const hot = from.power === null;
  const or = lighter ? bothTexts('或更晚', ' or later') : bothTexts('', '');
  const [zh, en] = {
    live: [`${start.zh} ${or.zh}自动开始关机`, `shutdown starts by itself at ${start.en}${or.en}`],
    advice: [`${start.zh} ${or.zh}请人工关机`, `people are told to shut down at ${start.en}${or.en}`],
    rehearsal: [`${start.zh} ${or.zh}预演关机`, `the shutdown is rehearsed at ${start.en}${or.en}`],
  }[manner(from)];
  const tail = downAt === null ? bothTexts('', '') : bothTexts(`，${done.zh} 完成`, `, done at ${done.en}`);
  return hot
    ? bothTexts(`未降温则 ${zh}${tail.zh}`, `if it stays hot, ${en}${tail.en}`)
    : bothTexts(`未来电则 ${zh}${tail.zh}`, `without mains, ${en}${tail.en}`);
}

function batteryText({ play, emptyAt, spareMs }: Facts): Text | null {
  const { from } = play;
  if (emptyAt === null) return null;
  const time = clockTime(from, emptyAt);
  const spare = spareMs !== null && spareMs >= 0 ? clockLength(spareMs) : null;
  const left = spare === null ? bothTexts('', '') : bothTexts(`，余 ${spare.zh}`, `, ${spare.en} to spare`);
  return from.heat === null
    ? bothTexts(`电池 ${time.zh} 耗尽${left.zh}`, `battery empty at ${time.en}${left.en}`)
    : bothTexts(`${time.zh} 达到温度上限${left.zh}`, `the limit is reached at ${time.en}${left.en}`);
}

export function lateText({ cut, unfinished, play }: Facts): Text | null {
  const named = (steps: readonly ActDefinition[]): Text =>
    bothTexts(
      [...new Set(steps.map(({ deviceName }) => deviceName.zh))].join('、'),
      [...new Set(steps.map(({ deviceName }) => deviceName.en))].join(', '),
    );
  const parts: Text[] = [];
  if (cut.length > 0) {
    const { zh, en } = named(cut);
    parts.push(bothTexts(`来不及备份：${zh}`, `No time for the backup of: ${en}`));
  }
  if (unfinished.length > 0) {
    const { zh, en } = named(unfinished);
    parts.push(
      play.from.heat === null
        ? bothTexts(`电池耗尽时尚未关闭：${zh}`, `Still running when the battery is empty: ${en}`)
        : bothTexts(`达到温度上限时尚未关闭：${zh}`, `Still running when the limit is reached: ${en}`),
    );
  }
  return parts.length === 0
    ? null
    : bothTexts(parts.map(({ zh }) => zh).join('；'), parts.map(({ en }) => en).join('. '));
}

const joined = (parts: readonly Text[]): Text =>
  bothTexts(parts.map(({ zh }) => zh).join('；'), parts.map(({ en }) => en).join('; '));

const join = (a: Text, b: Text | null): Text => (b === null ? a : bothTexts(`${a.zh}；${b.zh}`, `${a.en}; ${b.en}`));

const sentence = ({ zh, en }: Text): Text => bothTexts(zh, `${en.charAt(0).toUpperCase()}${en.slice(1)}`);
/** Not what is written in capitals: UPS, SMS. */
const lower = (text: string): string =>
  /^[A-Z][A-Z0-9]/.test(text) ? text : `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
