import { type Refusal, refusal as refuse } from '../order-answer.ts';
import { atLeastLevel } from './conditions.ts';
import { isGeneral } from './definition.ts';
import type { EventBody } from './events.ts';
import { openSteps } from './general.ts';
import { triggerOf } from './sequence.ts';
import { ENDED, type IncidentState } from './state.ts';
import { bothTexts } from './texts.ts';
import { isThreatened } from './threat.ts';
import { definitionOf } from './turn.ts';

/** Which of people's orders are possible now; looked at before they are recorded. What is refused is said in both languages. */

const noStep = (id: string): Refusal => refuse('NOT_FOUND', `没有步骤“${id}”`, `no step "${id}"`);
const notNow = (state: IncidentState): Refusal => ({
  ...refuse('CONFLICT', '事件当前阶段不能这样做', 'the present stage of the incident does not allow it'),
  detail: `not in phase ${state.phase}`,
});
const LEVEL_WORDS = { ordinary: '一般', serious: '较重', major: '重大' } as const;
const MOST_NAMED = 5;

/** Null: it may be done. */
export function refusalOf(state: IncidentState, order: EventBody): Refusal | null {
  if (state.phase === 'closed') return refuse('CONFLICT', '事件已关闭', 'the incident is closed');
  switch (order.type) {
    case 'answer':
      return refuseAnswer(state, order);
    case 'task-done':
      return refuseDone(state, order.step);
    case 'waive':
      return refuseWaive(state, order.step);
    case 'start-sequence':
      return refuseStart(state);
    case 'stand-down':
      return refuseStandDown(state);
    case 'close':
      return refuseClose(state);
    case 'hand-over':
      return state.lead?.byHand === true && state.lead.person.id === order.to.id
        ? refuse('CONFLICT', '已由其负责', `${order.to.id} leads it already`)
        : null;
    case 'raise-level':
      return atLeastLevel(state.level, order.level)
        ? refuse(
            'CONFLICT',
            `等级已为${LEVEL_WORDS[state.level]}，只升不降`,
            `the level is ${state.level} already; it never sinks`,
          )
        : null;
    default:
      return null;
  }
}

function refuseAnswer(state: IncidentState, order: Extract<EventBody, { type: 'answer' }>): Refusal | null {
  const step = definitionOf(state, order.step);
  if (step === undefined) return noStep(order.step);
  if (step.kind !== 'ask')
    return refuse('CONFLICT', `“${step.title.zh}”不是提问`, `"${step.title.en}" is not a question`);
  const option = step.ask.answers.find((answer) => answer.id === order.answer);
  if (option === undefined) return refuse('BAD_REQUEST', '没有这个选项', `"${order.answer}" is not one of its answers`);
  if (option.takes === 'duration' && order.minutes === null)
    return refuse('BAD_REQUEST', '请填写分钟数', 'this answer takes minutes');
  if (option.takes === 'time' && order.until === null)
    return refuse('BAD_REQUEST', '请填写时间', 'this answer takes a time');
  if (order.until !== null && order.until < state.now - 60_000)
    return refuse('BAD_REQUEST', '该时间已过', 'that time has passed');
  const progress = state.steps[step.id];
  const asked = progress?.state === 'waiting' || progress?.answer != null;
  return asked ? null : refuse('CONFLICT', '尚未提问，或已不需要', 'it has not been asked, or is no longer needed');
}

function refuseDone(state: IncidentState, id: string): Refusal | null {
  const step = definitionOf(state, id);
  if (step === undefined) return noStep(id);
  const now = state.steps[id]?.state;
  const open = now === 'waiting' || now === 'advised' || now === 'failed';
  if (step.kind !== 'task' && step.kind !== 'act' && step.kind !== 'wait')
    return refuse('CONFLICT', `“${step.title.zh}”不是任务`, `"${step.title.en}" is not a task`);
  return open
    ? null
    : {
        ...refuse('CONFLICT', `“${step.title.zh}”现在不等待人工`, `"${step.title.en}" does not wait for a person now`),
        detail: `"${id}" is ${now ?? 'unknown'}, not waiting for a person`,
      };
}

function refuseWaive(state: IncidentState, id: string): Refusal | null {
  if (definitionOf(state, id) === undefined) return noStep(id);
  const now = state.steps[id]?.state;
  if (now === 'failed' || (now !== undefined && !ENDED.has(now))) return null;
  return {
    ...refuse('CONFLICT', '该步骤已结束', 'that step has ended'),
    detail: `"${id}" has ended (${now ?? 'unknown'})`,
  };
}

function refuseStart(state: IncidentState): Refusal | null {
  if (isGeneral(state.definition) && !state.definition.steps.some((step) => step.stage === 'protect'))
    return refuse('CONFLICT', '本预案没有关机流程', 'this plan has no shutdown');
  if (state.phase === 'preparing' || state.phase === 'responding' || state.phase === 'holding') return null;
  return state.sequence === null
    ? notNow(state)
    : refuse('CONFLICT', '关机流程已经开始', 'the sequence has started already');
}

const STANDS_DOWN_FROM: ReadonlySet<IncidentState['phase']> = new Set<IncidentState['phase']>([
  'preparing',
  'responding',
  'holding',
  'protecting',
  'settling',
]);

function refuseStandDown(state: IncidentState): Refusal | null {
  // Waiting for charge or coolness a person may order the start.
  if (state.phase === 'awaiting-recovery' && !isThreatened(state)) return null;
  if (!STANDS_DOWN_FROM.has(state.phase)) return notNow(state);
  if (!isThreatened(state)) return null;
  if (state.pointOfNoReturn !== null)
    return refuse(
      'CONFLICT',
      '设备正在关闭，已越过不可逆点',
      'equipment is being shut down: past the point of no return',
    );
  if (state.sequence === null) {
    const [zh, en] =
      state.heat === null ? ['市电尚未恢复', 'mains is still away'] : ['机房尚未降温', 'the room is not cool yet'];
    return refuse('CONFLICT', `${zh}，无可解除`, `${en}: nothing to stand down from`);
  }
  // What people said is theirs to take back; what the battery says is not (O-PWR-7).
  const byTime = triggerOf({ ...state, outlook: { kind: 'unknown', until: null, by: null, at: null } });
  return byTime === null
    ? null
    : {
        ...refuse('CONFLICT', '剩余时间不允许再等', 'the time that is left does not allow waiting'),
        detail: `the time that is left does not allow waiting (${byTime})`,
      };
}

function refuseClose(state: IncidentState): Refusal | null {
  const { power } = state;
  if (power !== null && power.outageSince !== null && (power.mains === 'lost' || state.phase === 'settling')) {
    return refuse('CONFLICT', '停电尚未结束', 'the outage is not over');
  }
  const open = openSteps(state);
  if (open.length === 0) return null;
  const first = open.slice(0, MOST_NAMED);
  const standDownFirst = isGeneral(state.definition) && state.phase !== 'recovering' && state.phase !== 'standing-down';
  const hint = standDownFirst
    ? bothTexts('请先确认危险已解除；', 'say first that the danger is over (stand down); ')
    : bothTexts('', '');
  const more = open.length > first.length ? bothTexts(`等 ${open.length} 项`, ', …') : bothTexts('', '');
  const [zh, en] = [first.map((step) => step.title.zh).join('、'), first.map((step) => step.title.en).join(', ')];
  const ids = first.map((step) => step.id).join(', ');
  return {
    code: 'CONFLICT',
    detail: `${hint.en}open steps: ${ids}; do them or waive them with a reason`,
    text: bothTexts(
      `${hint.zh}尚未结束：${zh}${more.zh}。请完成，或说明理由后免除`,
      `${hint.en}still open: ${en}${more.en}. Do them or waive them with a reason`,
    ),
  };
}
