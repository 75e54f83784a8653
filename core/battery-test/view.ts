import type { BatteryTestView, BatteryTestWord } from '../paperwork/battery-test.ts';
import type { Text } from '../text.ts';
import { type Instant, instant, minutes, plus, toIso } from '../time.ts';
import type { BatteryTest } from './state.ts';

/** A test as everybody reads it. */
export function viewOf(test: BatteryTest): BatteryTestView {
  return {
    id: test.id,
    ups: test.ups,
    upsName: test.upsName,
    state: test.state,
    startedBy: test.startedBy,
    createdAt: toIso(test.createdAt),
    preconditions: test.preconditions,
    way: test.way,
    floor: test.floor,
    stopsAt: test.stopsAt,
    stopsAbout: iso(stopsAbout(test)),
    mayConfirm: wordsOf(test),
    until: iso(untilOf(test)),
    discharge: test.from === null ? null : { from: toIso(test.from), to: iso(test.to) },
    curve: test.curve.map(({ at, charge, voltage, power, runtime, temperature }) => ({
      at: toIso(at),
      ...{ charge, voltage, power, runtime, temperature },
    })),
    result: test.result,
    reason: test.reason,
    now: nowText(test),
    simulated: test.simulated,
  };
}

const iso = (at: Instant | null): string | null => (at === null ? null : toIso(at));

/** By the slower of two: so fast the gauge has fallen until now, and what the estimate says is left. */
function stopsAbout({ state, curve, last, stopsAt, atBegin }: BatteryTest): Instant | null {
  if (state === 'ready') {
    const sample = atBegin?.sample ?? null;
    const full = atBegin?.fullS ?? null;
    if (sample === null || full === null) return null;
    const byCharge = (full * (100 - stopsAt.charge)) / 100;
    return instant(sample.at + 1000 * Math.max(0, Math.min(byCharge, full - stopsAt.runtimeS)));
  }
  const [first] = curve;
  if (state !== 'discharging' || first === undefined || last === null) return null;
  const passed = last.at - first.at;
  const fallen = (first.charge ?? 0) - (last.charge ?? 0);
  const byCharge = fallen < 2 || last.charge === null ? null : (passed / fallen) * (last.charge - stopsAt.charge);
  const byRuntime = last.remainingS === null ? null : 1000 * (last.remainingS - stopsAt.runtimeS);
  const left = Math.min(byCharge ?? Number.POSITIVE_INFINITY, byRuntime ?? Number.POSITIVE_INFINITY);
  return Number.isFinite(left) ? instant(Math.round(last.at + Math.max(0, left))) : null;
}

function wordsOf({ state, way, saidOff, saidOn }: BatteryTest): readonly BatteryTestWord[] {
  if (state === 'ready') return ['begin'];
  if (way === 'ups') return [];
  if ((state === 'starting' || state === 'discharging') && !saidOff) return ['mains-off'];
  return state === 'stopping' && !saidOn ? ['mains-on'] : [];
}

function untilOf({ state, way, since, settings, createdAt }: BatteryTest): Instant | null {
  if (state === 'checking' || state === 'ready') return plus(createdAt, minutes(30));
  if (way === 'ups') return null;
  if (state === 'starting') return plus(since, minutes(10));
  return state === 'stopping' ? instant(since + settings.restoreS * 1000) : null;
}

/** What the person on site is to do now. */
function nowText(test: BatteryTest): Text | null {
  const { state, way } = test;
  const breaker = test.settings.breaker ?? { zh: '本 UPS 的市电输入开关', en: 'the UPS’s mains breaker' };
  switch (state) {
    case 'checking':
      return { zh: '等待条件满足。', en: 'Waiting until everything holds.' };
    case 'ready':
      return { zh: '条件齐备，可以开始。', en: 'Everything holds: it may begin.' };
    case 'starting':
      return way === 'ups'
        ? {
            zh: '已命令 UPS 开始，等待它转为电池供电。',
            en: 'The UPS was told to begin; waiting to see it on its battery.',
          }
        : {
            zh: `请断开${breaker.zh}，然后按“开关已断开”。`,
            en: `Open ${breaker.en}, then press “The breaker is open”.`,
          };
    case 'discharging':
      return way === 'by-hand' && !test.saidOff
        ? { zh: '请确认：是您断开了开关吗？', en: 'Please say that it was you who opened the breaker.' }
        : {
            zh: '正在放电，到停止线自动停止。请留在现场。',
            en: 'Discharging; it ends by itself at its line. Please stay on site.',
          };
    case 'stopping':
      return way === 'ups'
        ? { zh: '已命令 UPS 停止，等待它回到市电。', en: 'The UPS was told to stop; waiting to see it back on mains.' }
        : { zh: `请立即合上${breaker.zh}。`, en: `Close ${breaker.en} now.` };
    case 'recharging':
      return { zh: '已回到市电，等待电量回升。', en: 'Back on mains; waiting to see the charge rise.' };
    default:
      return null;
  }
}
