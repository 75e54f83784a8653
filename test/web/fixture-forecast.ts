import type { Course, ForecastView } from '#core/forecast.ts';
import type { Text } from '#core/text.ts';
import { INCIDENT } from './fixture-incident.ts';
import { iso } from './fixture-room.ts';

/** What the answers of fixture-incident lead to, as the alerts service would say it. */

const text = (zh: string, en: string): Text => ({ zh, en });
const clock = (at: number): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Shanghai', hour: '2-digit', minute: '2-digit' }).format(at);

const course = (over: Partial<Course>): Course => ({
  now: text('继续等待来电', 'Goes on waiting for mains'),
  later: null,
  late: null,
  startsAt: null,
  downAt: null,
  emptyAt: null,
  spareS: null,
  cut: [],
  unfinished: [],
  closesAt: null,
  ...over,
});

export interface ForecastFixture {
  /** Moves every time of the forecast. */
  readonly shiftMs?: number;
  readonly late?: boolean;
}

export function forecastAt(now: number, { shiftMs = 0, late = false }: ForecastFixture = {}): ForecastView {
  const at = (minutes: number): number => now + shiftMs + minutes * 60_000;
  const waits = course({
    later: text(
      `未来电则 ${clock(at(35))} 自动开始关机，${clock(at(46))} 完成；电池 ${clock(at(50))} 耗尽，余 4 分钟`,
      `Without mains, shutdown starts by itself at ${clock(at(35))}, done at ${clock(at(46))}; battery empty at ${clock(at(50))}, 4 min to spare`,
    ),
    late: late ? text('来不及备份：三号服务器（文件）', 'No time for the backup of: Server 3 (files)') : null,
    startsAt: iso(at(35)),
    downAt: iso(at(46)),
    emptyAt: iso(at(50)),
    spareS: 240,
    cut: late ? ['backup:server-3'] : [],
  });
  const goes = course({
    now: text('立即备份并关机', 'Backup and shutdown start now'),
    later: text(
      `约 ${clock(at(11))} 全部关闭；电池 ${clock(at(50))} 耗尽，余 39 分钟`,
      `All down at ${clock(at(11))}; battery empty at ${clock(at(50))}, 39 min to spare`,
    ),
    startsAt: iso(at(0)),
    downAt: iso(at(11)),
    emptyAt: iso(at(50)),
    spareS: 2340,
  });
  const border = iso(at(50));
  const timed = [
    { upTo: border, course: waits },
    { upTo: null, course: goes },
  ];
  const plain = (one: Course) => [{ upTo: null, course: one }];
  const refused = text('市电尚未恢复，无可解除', 'mains is still away: nothing to stand down from');
  return {
    incident: INCIDENT,
    at: iso(now),
    nobody: waits,
    questions: [
      {
        step: 'ask-power-department',
        answers: [
          { answer: 'within', cases: plain(waits), byItselfAt: null },
          { answer: 'over', cases: plain(goes), byItselfAt: null },
          { answer: 'given', cases: timed, byItselfAt: null },
          { answer: 'at', cases: timed, byItselfAt: null },
          { answer: 'unknown', cases: plain(waits), byItselfAt: iso(at(6)) },
        ],
        advised: {
          answer: late ? 'over' : 'unknown',
          why: late
            ? text('再等就来不及全部备份或关机', 'waiting longer leaves too little time for all of it')
            : text('之后可以更改', 'it can be changed'),
        },
      },
    ],
    orders: [
      { order: 'start-sequence', course: goes, refused: null },
      { order: 'stand-down', course: null, refused },
      { order: 'close', course: null, refused: text('停电尚未结束', 'the outage is not over') },
    ],
    steps: [{ step: 'ask-power-department', done: null, waived: waits }],
    end: { source: 'model', earliest: iso(at(48)), latest: iso(at(53)) },
  };
}
