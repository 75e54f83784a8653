import type { Text } from '#core/text.ts';
import { openGates } from './gates.ts';
import type { IncidentState } from './state.ts';
import { automaticStart, batteryLeft, bothTexts, clockTime, outlookText } from './texts.ts';
import { waitsFor } from './waiting-for.ts';

/** One sentence: what is happening now, and what it waits for when nothing moves. */
export function headlineOf(state: IncidentState): Text {
  const now = happening(state);
  const waits = waitsFor(state);
  return waits === null ? now : bothTexts(`${now.zh}；${waits.zh}`, `${now.en}; ${waits.en}`);
}

function happening(state: IncidentState): Text {
  const { power } = state;
  if (state.heat !== null) return heatHeadline(state);
  if (power === null) return generalHeadline(state);
  const start = automaticStart(state);
  const end = clockTime(state, power.exhaustion.at);
  const outlook = outlookText(state);
  switch (state.phase) {
    case 'preparing':
      return bothTexts('计划停电临近，正在准备', 'Preparing for the planned outage');
    case 'responding':
      if (power.mains === 'present') return suppliedHeadline(state);
      return bothTexts(
        `电池供电，恢复时间${outlook.zh}；${start.zh}`,
        `On battery, outlook ${outlook.en}; ${start.en}`,
      );
    case 'holding':
      return bothTexts(`${outlook.zh}，等待来电；${start.zh}`, `Waiting for mains (${outlook.en}); ${start.en}`);
    case 'protecting': {
      const { done, all } = protectCount(state);
      return bothTexts(
        `正在备份和关机（${done}/${all}），电池 ${end.zh} 耗尽`,
        `Backing up and shutting down (${done} of ${all}), battery empty at ${end.en}`,
      );
    }
    case 'settling':
      return bothTexts('市电恢复，等待稳定', 'Mains is back, waiting for it to be stable');
    case 'standing-down':
      return bothTexts('市电已稳定，正在恢复正常', 'Mains is stable, returning to normal');
    case 'finishing':
      return bothTexts('市电已恢复，完成已开始的关机', 'Mains is back, completing what had begun');
    case 'shut-down':
      return bothTexts('设备已关闭，等待来电', 'The equipment is down, waiting for mains');
    case 'awaiting-recovery': {
      const closed = openGates(state).filter((gate) => !gate.met);
      const zh = closed.map((gate) => gate.text.zh).join('，');
      const en = closed.map((gate) => gate.text.en).join(', ');
      return bothTexts(`等待恢复条件：${zh}`, `Waiting to recover: ${en}`);
    }
    case 'recovering':
      return state.outcome === 'recovered'
        ? bothTexts('设备已恢复，等待人工确认', 'The equipment is back, waiting for a person’s confirmation')
        : bothTexts('正在按顺序启动设备', 'Starting the equipment in order');
    case 'closed':
      return closedHeadline(state);
  }
}

function heatHeadline(state: IncidentState): Text {
  const left = batteryLeft(state);
  const start = automaticStart(state);
  const { done, all } = protectCount(state);
  switch (state.phase) {
    case 'protecting':
      return bothTexts(
        `正在备份和关机（${done}/${all}），${left.zh}`,
        `Backing up and shutting down (${done} of ${all}). ${left.en}`,
      );
    case 'settling':
      return bothTexts('温度回落，等待稳定', 'The room cools, waiting for it to stay so');
    case 'standing-down':
      return bothTexts('温度正常，正在恢复', 'The room is cool, returning to normal');
    case 'finishing':
      return bothTexts('温度已回落，完成已开始的关机', 'The room is cool, completing what had begun');
    case 'shut-down':
      return bothTexts('设备已关闭，等待降温', 'The equipment is down, waiting for the room to cool');
    case 'awaiting-recovery':
    case 'recovering':
      return state.outcome === 'recovered'
        ? bothTexts('设备已恢复，等待人工确认', 'The equipment is back, waiting for a person’s confirmation')
        : bothTexts('温度正常，按顺序启动设备', 'The room is cool, starting the equipment in order');
    case 'closed':
      return closedHeadline(state);
    default:
      return bothTexts(`${left.zh}；${start.zh}`, `${left.en}; ${start.en}`);
  }
}

function suppliedHeadline({ power }: IncidentState): Text {
  return Object.values(power?.ups ?? {}).every((ups) => ups.status === 'mains')
    ? bothTexts('市电正常', 'Mains is present')
    : bothTexts('有 UPS 未由市电供电，设备由另一路供电', 'A UPS is without mains; the equipment has its other feed');
}

function closedHeadline(state: IncidentState): Text {
  if (state.outcome === 'stood-down') return bothTexts('已解除，未关闭设备', 'Stood down, nothing was shut down');
  return state.outcome === 'recovered'
    ? bothTexts('已恢复并关闭', 'Recovered and closed')
    : bothTexts('已关闭', 'Closed');
}

const OPEN: ReadonlySet<string> = new Set(['waiting', 'running', 'verifying', 'advised']);

function generalHeadline(state: IncidentState): Text {
  if (state.phase === 'closed') return closedHeadline(state);
  const open = state.definition.steps.filter(
    (step) => step.kind !== 'choose' && step.kind !== 'together' && OPEN.has(state.steps[step.id]?.state ?? 'pending'),
  );
  const [first] = open;
  const [zh, en] = {
    protecting: ['正在关机', 'Shutting down'],
    recovering: ['危险已解除，正在恢复', 'The danger is over, recovering'],
    'standing-down': ['危险已解除，正在收尾', 'The danger is over, finishing'],
    none: ['处理中', 'Under way'],
  }[
    state.phase === 'protecting' || state.phase === 'recovering' || state.phase === 'standing-down'
      ? state.phase
      : 'none'
  ] as [string, string];
  if (first !== undefined) {
    const more = open.length - 1;
    const [moreZh, moreEn] = more === 0 ? ['', ''] : [`（另有 ${more} 项）`, ` (and ${more} more)`];
    return bothTexts(`${zh}：${first.title.zh}${moreZh}`, `${en}: ${first.title.en}${moreEn}`);
  }
  const failed = state.definition.steps.find((step) => state.steps[step.id]?.state === 'failed');
  if (failed !== undefined) return bothTexts(`须人工处理：${failed.title.zh}`, `Needs a person: ${failed.title.en}`);
  if (state.phase === 'responding' || state.phase === 'protecting')
    return bothTexts('各步骤均已完成；危险解除后请确认解除', 'All steps are done; say so when the danger is over');
  return bothTexts(zh, en);
}

function protectCount(state: IncidentState): { done: number; all: number } {
  const acts = state.definition.steps.filter((step) => step.kind === 'act' && step.stage === 'protect');
  const ended = acts.filter((step) => {
    const now = state.steps[step.id]?.state;
    return now !== 'pending' && now !== 'running' && now !== 'verifying' && now !== 'waiting';
  });
  return { done: ended.length, all: acts.length };
}
