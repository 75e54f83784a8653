import type { Text } from '#core/text.ts';
import { type Instant, instant, plus, seconds } from '#core/time.ts';
import { limitAt, overLimit } from './clocks.ts';
import type { AskDefinition } from './definition.ts';
import { dueTrigger, isTakenBack } from './sequence.ts';
import { ENDED, type IncidentState, type Outlook } from './state.ts';
import { bothTexts, clockTime } from './texts.ts';

/**
 * What each answer would lead to: the engine's own judgement, asked of the state as it would be with that answer. People see
 * it before they answer, so it says what will be done once the outage is confirmed, not what may be done this second.
 */
export function forecastAnswer(state: IncidentState, option: AskDefinition['ask']['answers'][number]): Text | null {
  const { power } = state;
  if (option.outlook === undefined || power === null || state.definition.power === null) return null;
  const fixed = whateverIsSaid(state);
  if (fixed !== null) return fixed;
  if (option.outlook === 'given') return forecastGiven(state);
  const told = withOutlook(state, { kind: option.outlook, until: null, by: null, at: state.now });
  return ifConfirmed(state, goesDown(told) ? startsNow(told) : waits(told));
}

const withOutlook = (state: IncidentState, outlook: Outlook): IncidentState => ({ ...state, outlook });

/** No answer changes anything any more. */
function whateverIsSaid(state: IncidentState): Text | null {
  const { power, phase } = state;
  const past = state.pointOfNoReturn !== null;
  if (phase === 'shut-down') return bothTexts('设备已关闭，等待来电', 'The equipment is down, waiting for mains');
  if (power?.mains === 'present') {
    if (power.outageSince === null) return bothTexts('市电正常，不关闭设备', 'Mains is present: nothing is shut down');
    return past
      ? bothTexts('市电已恢复，稳定后恢复设备', 'Mains is back; the equipment is started again once it is stable')
      : bothTexts('市电已恢复，稳定后解除', 'Mains is back; stands down once it is stable');
  }
  if (past) return bothTexts('关机已开始，不再停止', 'Shutdown is under way and goes on');
  return null;
}

const ifConfirmed = (state: IncidentState, text: Text): Text =>
  state.power?.mains === 'unknown'
    ? bothTexts(`确认停电后${text.zh}`, `Once the outage is confirmed: ${lower(text.en)}`)
    : text;

/** With this outlook the sequence starts, or one that runs is not taken back. */
const goesDown = (state: IncidentState): boolean =>
  dueTrigger(state) !== null || (state.sequence !== null && !isTakenBack(state));

function startsNow(state: IncidentState): Text {
  const { power, now, sequence } = state;
  const end = power?.exhaustion.at ?? null;
  const latest = power?.latestSafeStart ?? null;
  const short = latest !== null && end !== null && now > plus(latest, seconds(30));
  const all = plus(now, power?.need.ms ?? seconds(0));
  const done = clockTime(state, short ? instant(Math.max(now, Math.min(all, end - (power?.marginMs ?? 0)))) : all);
  const empty = clockTime(state, end);
  const battery = end === null ? bothTexts('电池时间未知', 'the battery’s time is not known') : null;
  const tail = battery ?? bothTexts(`电池 ${empty.zh} 耗尽`, `battery empty at ${empty.en}`);
  const cuts = short ? bothTexts('，来不及的备份会放弃', '; backups that do not fit are given up') : bothTexts('', '');
  const head =
    sequence === null
      ? {
          live: bothTexts('立即备份并关机', 'Backup and shutdown start now'),
          advice: bothTexts('立即请人工备份并关机', 'People are told to back up and shut down now'),
          rehearsal: bothTexts(
            '立即预演备份和关机（不实际执行）',
            'Backup and shutdown are rehearsed now, nothing is done',
          ),
        }[manner(state)]
      : bothTexts('备份和关机继续', 'Backup and shutdown go on');
  return bothTexts(
    `${head.zh}，约 ${done.zh} 完成，${tail.zh}${cuts.zh}`,
    `${head.en}, done at ${done.en}; ${tail.en}${cuts.en}`,
  );
}

const manner = ({ mode }: IncidentState): 'live' | 'advice' | 'rehearsal' =>
  mode === 'advice' || mode === 'rehearsal' ? mode : 'live';

function waits(state: IncidentState): Text {
  const by = autoStartAt(state);
  const sheds = overLimit(state) === false ? shedText(state) : null;
  const taken = state.sequence === null ? bothTexts('', '') : bothTexts('停止关机，', 'The shutdown is taken back; ');
  const first = sheds ?? bothTexts('继续等待', 'goes on waiting');
  const start = `${taken.en}${first.en}`;
  const head = bothTexts(`${taken.zh}${first.zh}`, `${start.charAt(0).toUpperCase()}${start.slice(1)}`);
  if (by === null) return bothTexts(`${head.zh}；电池时间未知`, `${head.en}; the battery’s time is not known`);
  const later = laterText(state, by, sheds !== null);
  return bothTexts(`${head.zh}；未来电则${later.zh}`, `${head.en}; without mains ${later.en}`);
}

/** A lighter load makes the battery last longer; by how much only the measured slope will tell. */
function laterText(state: IncidentState, by: Instant, lighter: boolean): Text {
  const time = clockTime(state, by);
  const end = state.power?.exhaustion.at ?? null;
  const empty = clockTime(state, end);
  const tail =
    end === null ? bothTexts('', '') : bothTexts(`（电池 ${empty.zh} 耗尽）`, ` (battery empty at ${empty.en})`);
  const [zh, en] = {
    live: ['自动开始关机', 'shutdown starts by itself'],
    advice: ['请人工关机', 'people are told to shut down'],
    rehearsal: ['预演关机', 'the shutdown is rehearsed'],
  }[manner(state)];
  const or = lighter ? bothTexts('或更晚', ' or later') : bothTexts('', '');
  return bothTexts(`约 ${time.zh} ${or.zh}${zh}${tail.zh}`, `${en} at about ${time.en}${or.en}${tail.en}`);
}

/** What is shed at once while mains is expected back; null: nothing is left to shed. */
function shedText(state: IncidentState): Text | null {
  const devices = state.definition.steps.flatMap((step) => {
    const open = !ENDED.has(state.steps[step.id]?.state ?? 'pending');
    return step.kind === 'act' && step.stage === 'hold' && open ? [step.deviceName] : [];
  });
  if (devices.length === 0) return null;
  const zh = devices.map((name) => name.zh).join('、');
  const en = devices.map((name) => name.en.toLowerCase()).join(' and ');
  return {
    live: bothTexts(`关闭${zh}，等待来电`, `${en} off, then waits`),
    advice: bothTexts(`请人工关闭${zh}，等待来电`, `people are told to switch off ${en}; then waits`),
    rehearsal: bothTexts(`预演关闭${zh}，等待来电`, `${en} off in rehearsal, then waits`),
  }[manner(state)];
}

const autoStartAt = (state: IncidentState): Instant | null => {
  const dues = [limitAt(state), state.power?.latestSafeStart ?? null].filter((at): at is Instant => at !== null);
  return dues.length === 0 ? null : instant(Math.max(state.now, Math.min(...dues)));
};

/** Beyond which announced time the sequence would start at once. */
function forecastGiven(state: IncidentState): Text {
  const ends = [limitAt(state), state.power?.exhaustion.at ?? null].filter((at): at is Instant => at !== null);
  const border = ends.length === 0 ? null : instant(Math.min(...ends));
  const soon = withOutlook(state, { kind: 'until', until: state.now, by: null, at: state.now });
  // What would start whatever time is given.
  if (border === null || border <= state.now || goesDown(soon)) return ifConfirmed(state, startsNow(soon));
  const late = startsNow(withOutlook(state, { kind: 'over', until: null, by: null, at: state.now }));
  const early = waits(soon);
  const time = clockTime(state, border);
  return ifConfirmed(
    state,
    bothTexts(
      `晚于 ${time.zh}：${late.zh}。早于：${early.zh}`,
      `Later than ${time.en}: ${lower(late.en)}. Earlier: ${lower(early.en)}`,
    ),
  );
}

const lower = (text: string): string => `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
