import { describe, expect, test } from 'vitest';
import type { IncidentView, TimelineEntry } from '#core/incident.ts';
import { formatLength } from '#core/length-words.ts';
import { instant } from '#core/time.ts';
import { writeIncidentReport } from '#services/dashboard-api/reports/incident-report.ts';
import { formatElapsed } from '#services/dashboard-api/reports/report-format.ts';
import { toMarkdown } from '#services/dashboard-api/reports/report-markdown.ts';
import type { ReportInput } from '#services/dashboard-api/reports/report-writer.ts';
import { delivery, incident, iso, makeConfig, START, step } from './support.ts';

const config = makeConfig();

const write = (change: Partial<IncidentView> = {}, rest: Partial<ReportInput> = {}) =>
  writeIncidentReport({
    incident: incident(change),
    deliveries: [],
    people: config.people.people,
    devices: config.devices,
    rules: [],
    accounts: [{ user: 'admin', name: '管理员' }],
    siteName: config.site.name,
    timeZone: 'Asia/Shanghai',
    language: 'zh',
    generatedAt: instant(START + 3_600_000),
    ...rest,
  });

const entry = (change: Partial<TimelineEntry>): TimelineEntry => ({ ...incident().timeline[0]!, ...change });

const CLOSED = { phase: 'closed', closedAt: iso(2520), outcome: 'stood-down' } as const;

describe("an incident's report (O-RPT-1)", () => {
  test('a fire is over because people say so, not because mains came back; heat because the room cooled', () => {
    expect(write({ ...CLOSED, clocks: null }).summary[0]).toContain('结果：危险已解除。');
    const outage = incident().clocks;
    if (outage === null) throw new Error('an outage has clocks');
    expect(write({ ...CLOSED, clocks: { ...outage, threat: 'heat' } }).summary[0]).toContain('温度回落');
    expect(write({ ...CLOSED, clocks: { ...outage, elapsedS: 0 } }).summary[0]).toContain('市电没有中断');
  });

  test('while it goes on, the figures of heat are said as heat: no mains, no battery, no limit by time', () => {
    const outage = incident().clocks;
    if (outage === null) throw new Error('an outage has clocks');
    const labels = (threat: 'heat' | 'battery') =>
      write({ clocks: { ...outage, threat, limitS: null } }).facts.map(({ label }) => label);
    expect(labels('battery')).toEqual(expect.arrayContaining(['预计来电', '电池耗尽（最近一次推算）']));
    expect(labels('heat')).toEqual(expect.arrayContaining(['预计恢复制冷', '达到温度上限（最近一次推算）']));
    expect(labels('heat').join()).not.toMatch(/来电|电池/);
  });

  test('begins with what happened, in plain words', () => {
    expect(write(CLOSED).summary[0]).toBe(
      '2026-11-21 11:00:00：一号 UPS 市电中断。历时 42 分，结果：来电及时，未关机即解除。',
    );
    expect(write(CLOSED, { language: 'en' }).summary[0]).toBe(
      '2026-11-21 11:00:00: UPS 1 lost its mains. It lasted 42 min; outcome: the mains came back in time; nothing was shut down.',
    );
    expect(write().summary[0]).toBe('2026-11-21 11:00:00：一号 UPS 市电中断。已历时 1 小时，目前：响应中。');
  });

  test('is marked as what it is: simulated, a drill, a rehearsal, advice', () => {
    expect(write().marks).toEqual(['【模拟】', '【演练】']);
    expect(write({ mode: 'rehearsal' }, { language: 'en' }).marks).toEqual(['[SIMULATED]', '[REHEARSAL]']);
    expect(write({ mode: 'live', simulated: false }).marks).toEqual([]);
    expect(write({ mode: 'advice', simulated: false }).marks).toEqual(['【未布防：只提建议】']);
    expect(toMarkdown(write())).toMatch(/^# 【模拟】【演练】 /);
  });

  test('names who decided what, when, why, and with which figures (I7)', () => {
    const timeline = [
      entry({}),
      entry({
        seq: 2,
        at: iso(754),
        elapsedS: 754,
        kind: 'decision',
        what: { zh: '开始保护程序', en: 'Sequence started' },
        why: { zh: '到达最迟安全开始时刻', en: 'The latest safe start was reached' },
        figures: {
          exhaustionInS: 1830,
          needS: 930,
          chargePercent: 61.24,
          loadWatts: 2402.6,
          latestSafeStartInS: -40,
          outlookUntil: null,
          outlookOverLimit: true,
          exhaustionSource: 'model',
          other: 2,
        },
      }),
      entry({ seq: 3, kind: 'answer', who: 'lin-hao', what: { zh: '超过九十分钟', en: 'Over 90 minutes' } }),
    ];
    const [decision, answer] = write({ timeline }).decisions;
    expect(decision).toMatchObject({
      seq: 2,
      elapsed: '+00:12:34',
      localTime: '2026-11-21 11:12:34',
      who: '值守',
      what: '开始保护程序',
      why: '到达最迟安全开始时刻',
    });
    expect(decision?.figures.map(({ label, value }) => `${label} ${value}`)).toEqual([
      '电池还可支撑 30 分',
      '剩余步骤需时 15 分',
      '电池电量 61.2 %',
      '负载 2403 W',
      '距最迟安全开始 已过 40 秒',
      '预计超过时限 是',
      '续航依据 放电试验',
      'other 2',
    ]);
    expect(answer).toMatchObject({ who: '林浩', kindLabel: '答复' });
  });

  test('tells who acknowledged and after how long, or that nobody did (I5)', () => {
    expect(write({ acknowledged: { by: 'zhou-min', at: iso(95) } }).acknowledgement).toBe(
      '周敏于 2026-11-21 11:01:35 确认，用时 1 分 35 秒。',
    );
    const report = write();
    expect(report.acknowledgement).toBe('尚无人确认。');
    expect(report.late).toContainEqual({ what: '事件确认', detail: '1 小时内无人确认', byS: 3600 });
    expect(write({ level: 'ordinary' }).late.map(({ what }) => what)).not.toContain('事件确认');
  });

  test('finds what was late: answers, unanswered tasks, slow operations, messages', () => {
    const steps = [
      step({
        id: 'late',
        state: 'done',
        answer: { id: 'over', label: { zh: '超过', en: 'over' }, by: 'lin-hao', at: iso(660) },
        endedAt: iso(660),
      }),
      step({ id: 'in-time', state: 'done', endedAt: iso(500) }),
      step({ id: 'open', title: { zh: '到场', en: 'Come' }, dueAt: iso(1800) }),
      step({ id: 'not-begun', state: 'pending', startedAt: null }),
      step({ id: 'waived', state: 'waived' }),
      step({
        id: 'slow',
        kind: 'act',
        title: { zh: '备份', en: 'Back up' },
        dueAt: null,
        state: 'done',
        endedAt: iso(600),
        expectedS: 360,
      }),
      step({ id: 'quick', kind: 'act', dueAt: null, state: 'done', endedAt: iso(370), expectedS: 360 }),
    ];
    const deliveries = [delivery({ sentAt: iso(200), attempts: 3 }), delivery({ id: 'd-2', sentAt: iso(5) })];
    const { late } = write({ steps, acknowledged: { by: 'lin-hao', at: iso(10) } }, { deliveries });
    expect(late).toEqual([
      { what: '询问配电室', detail: '林浩：超时 1 分', byS: 60 },
      { what: '到场', detail: '林浩：至今未完成，已超时 30 分', byS: 1800 },
      { what: '备份', detail: '用时 10 分，预计 6 分', byS: 240 },
      { what: '给林浩的消息（手机）', detail: '3 分 20 秒后才送出，共 3 次', byS: 200 },
    ]);
  });

  test('a task done after its time, and a question that nobody answered, are late though the record shows no due time any more', () => {
    const steps = [
      step({
        id: 'task',
        kind: 'task',
        title: { zh: '到场', en: 'Come' },
        withinS: 600,
        dueAt: null,
        state: 'done',
        endedAt: iso(900),
      }),
      step({
        id: 'open',
        kind: 'task',
        title: { zh: '检查', en: 'Check' },
        withinS: 600,
        dueAt: null,
        state: 'waiting',
      }),
      step({
        id: 'ask',
        withinS: 600,
        dueAt: null,
        state: 'done',
        answer: { id: 'unknown', label: { zh: '不清楚', en: 'Not known' }, by: 'zhishou', at: iso(600) },
      }),
    ];
    const report = write({ steps, acknowledged: { by: 'lin-hao', at: iso(10) } });
    expect(report.late.map(({ detail }) => detail)).toEqual([
      '林浩：超时 5 分',
      '林浩：至今未完成，已超时 50 分',
      '林浩：到时限无人答复，已按默认处理',
    ]);
    expect(report.summary).toContain('超时 3 项，失败 0 项，见下文。');
  });

  test('names an account by its name, and a message that another way made needless is no failure', () => {
    const acknowledged = { by: 'admin', at: iso(10) };
    expect(write({ acknowledged }).acknowledgement).toContain('管理员于');
    const spared = delivery({ state: 'dead', error: 'delivered over email instead', sentAt: null });
    const report = write({}, { deliveries: [spared] });
    expect(report.failed).toEqual([]);
    expect(report.notifications[0]).toMatchObject({ stateLabel: '不再需要', error: '已改由 email 送达' });
  });

  test('finds what failed and what was given up, and proposes what to improve', () => {
    const steps = [
      step({
        id: 'a',
        kind: 'act',
        device: 'server-1',
        state: 'failed',
        detail: { zh: '端口仍开着', en: 'The port is still open' },
        title: { zh: '关机', en: 'Shut down' },
      }),
      step({ id: 'b', kind: 'act', device: 'ups-1', state: 'cut', title: { zh: '备份', en: 'Back up' } }),
      step({ id: 'c', kind: 'act', state: 'done', endedAt: iso(5), dueAt: null }),
    ];
    const deliveries = [delivery({ state: 'dead', error: 'connection refused', sentAt: null })];
    const report = write({ steps }, { deliveries, language: 'en' });
    expect(report.failed).toEqual([
      { what: 'Shut down (Server 1)', detail: 'The port is still open', byS: null },
      { what: 'Back up (UPS 1)', detail: 'given up for lack of time', byS: null },
      { what: 'Message to Lin Hao (phone)', detail: 'connection refused', byS: null },
    ]);
    expect(report.improvements[0]).toBe('Find the cause and mend it: Shut down (Server 1) (The port is still open)');
    expect(report.summary).toContain(
      '3 operations on equipment: 1 proven done, 1 failed, 1 given up for lack of time.',
    );
  });

  test('lists messages in the order in which they went out, in local time', () => {
    const deliveries = [
      delivery({ id: 'late', sentAt: iso(9) }),
      delivery({ id: 'waiting', sentAt: null, queuedAt: iso(5), state: 'retrying' }),
      delivery({ id: 'early', sentAt: iso(1) }),
    ];
    expect(write({}, { deliveries }).notifications.map(({ localTime, stateLabel }) => [localTime, stateLabel])).toEqual(
      [
        ['2026-11-21 11:00:01', '已送出'],
        ['2026-11-21 11:00:05', '重试中'],
        ['2026-11-21 11:00:09', '已送出'],
      ],
    );
  });

  test('does not name a device twice, and leaves out what an answer did not take', () => {
    const title = { zh: '备份：UPS 一号', en: 'Back up: UPS 1' };
    const steps = [step({ kind: 'act', device: 'ups-1', state: 'failed', title })];
    expect(write({ steps }).failed[0]?.what).toBe('备份：UPS 一号');
    const answer = entry({ kind: 'answer', figures: { answer: 'over', minutes: null, untilInS: 1200 } });
    const decision = entry({ kind: 'decision', figures: { outlookUntil: null, outlookOverLimit: null } });
    const figures = write({ timeline: [answer, decision] }).decisions.map((event) =>
      event.figures.map(({ value }) => value),
    );
    expect(figures).toEqual([['20 分'], ['未知']]);
  });

  test("names each of the room's rules and whether it was kept", () => {
    const steps = [
      step({ id: 'a', obligations: ['O-PWR-4'], state: 'done' }),
      step({ id: 'b', obligations: ['O-PWR-4'], state: 'cut' }),
      step({ id: 'c', obligations: ['O-PWR-3'], state: 'done' }),
      step({ id: 'd', obligations: ['O-PWR-5'], state: 'skipped' }),
      step({ id: 'e', obligations: ['O-PWR-8'], state: 'waiting' }),
    ];
    expect(write({ steps }).obligations).toEqual([
      { id: 'O-PWR-3', steps: ['询问配电室'], state: '已完成' },
      { id: 'O-PWR-4', steps: ['询问配电室', '询问配电室'], state: '未能做到' },
      { id: 'O-PWR-5', steps: ['询问配电室'], state: '本次不需要' },
      { id: 'O-PWR-8', steps: ['询问配电室'], state: '未完成' },
    ]);
  });

  test('as Markdown has every section, and no text from outside makes markup of its own', () => {
    const nasty = { zh: '<script>|[x](javascript:1)\n# h', en: '' };
    const text = toMarkdown(write({ cause: nasty, ...CLOSED }, { deliveries: [delivery()] }));
    for (const heading of [
      '概况',
      '决定及其依据',
      '步骤',
      '通知与确认',
      '超时',
      '失败',
      '制度条款',
      '改进建议',
      '时间线',
    ]) {
      expect(text).toContain(`\n## ${heading}\n`);
    }
    expect(text).toContain('\\<script\\>\\|\\[x\\](javascript:1) \\# h');
    expect(text).not.toContain('中期报告');
    expect(toMarkdown(write())).toContain('中期报告');
    // Every row of a table has its header's number of cells.
    for (const table of text
      .trim()
      .split('\n\n')
      .filter((part) => part.startsWith('|'))) {
      const cells = table.split('\n').map((line) => line.split(/(?<!\\)\|/).length);
      expect(new Set(cells).size).toBe(1);
    }
  });
});

describe('how the report writes lengths and figures', () => {
  test.each([
    [0, '0 秒', '0 s'],
    [59.6, '1 分', '1 min'],
    [95, '1 分 35 秒', '1 min 35 s'],
    [754, '12 分', '12 min'],
    [3600, '1 小时', '1 h'],
    [5400, '1 小时 30 分', '1 h 30 min'],
    [-5, '0 秒', '0 s'],
  ])('%d s', (lengthS, zh, en) => {
    expect([formatLength(lengthS, 'zh'), formatLength(lengthS, 'en')]).toEqual([zh, en]);
  });

  test('elapsed time is signed and has hours that do not wrap', () => {
    expect([0, 754, 90_061, -5].map(formatElapsed)).toEqual(['+00:00:00', '+00:12:34', '+25:01:01', '-00:00:05']);
  });
});
