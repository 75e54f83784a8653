import type { IncidentView, StepView, TimelineEntry } from '#core/incident.ts';
import type { Text } from '#core/text.ts';
import { iso } from './fixture-room.ts';

/** An outage eight minutes old, as the plan engine would show it. */

const text = (zh: string, en: string): Text => ({ zh, en });
const same = (one: string): Text => text(one, one);
export const INCIDENT = '2026-11-21-power-outage-1';

function step(id: string, over: Partial<StepView>): StepView {
  return {
    id,
    kind: 'act',
    title: same(id),
    stage: 'protect',
    device: null,
    operation: null,
    obligations: [],
    state: 'pending',
    after: [],
    role: null,
    person: null,
    phone: null,
    contact: null,
    script: null,
    answers: [],
    answer: null,
    dueAt: null,
    startedAt: null,
    endedAt: null,
    expectedS: null,
    withinS: null,
    attempts: 0,
    detail: null,
    ...over,
  };
}

export const askStep = (now: number): StepView =>
  step('ask-power-department', {
    kind: 'ask',
    stage: 'respond',
    title: text('给配电室打电话：停电多久？', 'Call the power department: how long will it last?'),
    state: 'waiting',
    role: 'duty',
    person: 'gao-jie',
    phone: '100 0000 0100',
    contact: text('动力分公司配电室', 'Power department (distribution room)'),
    script: text(
      '您好，这里是示例机房，办公楼三层 301。市电在 10:52 中断，请问什么时候恢复供电？',
      'Hello, this is the sample machine room, room 301, third floor. Mains went off at 10:52. When will it be back?',
    ),
    answers: [
      {
        id: 'within',
        label: text('90 分钟以内', 'Within 90 minutes'),
        takes: 'nothing',
        people: 1,
        givenBy: [],
        consequence: text(
          '关闭大屏和照明，等待来电；约 11:38 前必须开始关机。',
          'Screens and lights go off, the rest waits; the shutdown must begin by about 11:38.',
        ),
      },
      {
        id: 'over',
        label: text('超过 90 分钟', 'More than 90 minutes'),
        takes: 'nothing',
        people: 1,
        givenBy: [],
        consequence: text(
          '立即备份三台服务器，约 8 分钟后按顺序关机。',
          'The three servers are backed up at once and shut down in order in about 8 minutes.',
        ),
      },
      {
        id: 'given',
        label: text('给出分钟数', 'In so many minutes'),
        takes: 'duration',
        people: 1,
        givenBy: [],
        consequence: null,
      },
      {
        id: 'at',
        label: text('给出恢复时刻', 'At a certain time'),
        takes: 'time',
        people: 1,
        givenBy: [],
        consequence: null,
      },
      {
        id: 'unknown',
        label: text('他们也不知道', 'They do not know'),
        takes: 'nothing',
        people: 1,
        givenBy: [],
        consequence: text(
          '继续等待；最晚在 11:38 自动开始关机。',
          'It keeps waiting; at 11:38 at the latest the shutdown begins by itself.',
        ),
      },
    ],
    dueAt: iso(now + 372_000),
    startedAt: iso(now - 480_000),
  });

const OPERATIONS = [
  ['backup', '备份', 'Back up', 360],
  ['shutdown', '关机', 'Shut down', 120],
] as const;
const SERVERS = ['server-1', 'server-2', 'server-3'] as const;

export function protectSteps(): StepView[] {
  return [
    ...OPERATIONS.flatMap(([operation, zh, en, expectedS]) =>
      SERVERS.map((device) => step(`${operation}:${device}`, { title: text(zh, en), device, operation, expectedS })),
    ),
    step('shutdown:array-1', {
      title: text('关机', 'Shut down'),
      device: 'array-1',
      operation: 'shutdown',
      expectedS: 180,
    }),
    step('monitor', {
      title: text('值守主机自身关机（预演）', 'This monitor shuts itself down (rehearsal)'),
      device: 'monitor-1',
      operation: 'shutdown',
      expectedS: 60,
    }),
  ];
}

const entry = (seq: number, now: number, ago: number, over: Partial<TimelineEntry>): TimelineEntry => ({
  seq,
  at: iso(now - ago * 1000),
  elapsedS: 522 - ago,
  kind: 'step',
  what: same('…'),
  who: 'zhishou',
  why: null,
  figures: {},
  step: null,
  ...over,
});

export function outageAt(now: number, over: Partial<IncidentView> = {}): IncidentView {
  const latest = now + 2_746_000;
  const empty = now + 4_126_000;
  return {
    id: INCIDENT,
    site: 'sample',
    plan: { id: 'power-outage', version: '1', title: text('机房停电应急预案', 'Machine room power outage') },
    mode: 'drill',
    simulated: true,
    level: 'serious',
    phase: 'responding',
    outcome: null,
    openedAt: iso(now - 522_000),
    closedAt: null,
    cause: text('UPS 一号报告市电中断（告警 mains-lost）', 'UPS 1 reports that mains is lost (alert mains-lost)'),
    headline: text(
      '市电已中断 9 分钟，正在等配电室答复。',
      'Mains has been off for 9 minutes; the power department’s answer is awaited.',
    ),
    acknowledged: null,
    lead: null,
    planned: null,
    pointOfNoReturn: null,
    clocks: {
      at: iso(now),
      elapsedS: 522,
      threat: 'battery',
      mains: 'lost',
      temperatureC: null,
      temperatureLimitC: null,
      outlook: { kind: 'unknown', until: null, by: null, overLimit: null },
      exhaustion: {
        at: iso(empty),
        source: 'model',
        estimates: [
          {
            source: 'ups',
            at: iso(now + 6_900_000),
            remainingS: 6900,
            credible: false,
            why: text('UPS 自报比实测快 1.6 倍，不可信', 'The UPS’s figure is 1.6 times what the slope shows'),
          },
          {
            source: 'slope',
            at: iso(now + 4_620_000),
            remainingS: 4620,
            credible: true,
            why: text('8 分钟内电量从 100 % 降到 89 %', 'Charge fell from 100 % to 89 % in 8 minutes'),
          },
          {
            source: 'model',
            at: iso(empty),
            remainingS: 4126,
            credible: true,
            why: text(
              '按 2026-06-15 放电试验和当前负载 2.27 kW',
              'By the discharge test of 2026-06-15 and the present load of 2.27 kW',
            ),
          },
        ],
      },
      upses: [
        { ups: 'ups-1', status: 'battery', emptyAt: iso(empty), source: 'model', chargePercent: 89, loadWatts: 1470 },
        {
          ups: 'ups-2',
          status: 'battery',
          emptyAt: iso(empty + 1_300_000),
          source: 'slope',
          chargePercent: 95,
          loadWatts: 800,
        },
      ],
      needS: 900,
      needPath: ['backup:server-1', 'shutdown:server-1', 'shutdown:array-1', 'monitor'],
      marginS: 480,
      latestSafeStart: iso(latest),
      chargePercent: 89,
      loadWatts: 2270,
      limitS: 5400,
    },
    steps: [
      step('tell-everyone', {
        kind: 'tell',
        stage: 'respond',
        title: text('通知值班员和主任', 'Tell the duty person and the director'),
        state: 'done',
        startedAt: iso(now - 521_000),
        endedAt: iso(now - 520_000),
        detail: text('4 条通知已发出', '4 messages sent'),
      }),
      askStep(now),
      step('shed-screens', {
        stage: 'hold',
        title: text('关闭大屏与照明', 'Turn off screens and lights'),
        device: 'display-1',
        operation: 'shed',
        expectedS: 10,
      }),
      ...protectSteps(),
      step('start:array-1', {
        stage: 'recover',
        title: text('启动', 'Start'),
        device: 'array-1',
        operation: 'start',
        expectedS: 300,
      }),
      ...SERVERS.map((device) =>
        step(`start:${device}`, {
          stage: 'recover',
          title: text('启动', 'Start'),
          device,
          operation: 'start',
          expectedS: 240,
        }),
      ),
    ],
    timeline: [
      entry(1, now, 522, {
        kind: 'opened',
        what: text('停电事件开始', 'Outage incident opened'),
        why: text('规则 mains-lost 成立', 'Rule mains-lost is true'),
        figures: { chargePercent: 100, loadWatts: 2275 },
      }),
      entry(2, now, 520, {
        kind: 'notification',
        what: text('已通知高洁、周敏', 'Gao Jie and Zhou Min told'),
        step: 'tell-everyone',
      }),
      entry(3, now, 480, {
        kind: 'step',
        what: text('请值班员致电配电室', 'The duty person is asked to call the power department'),
        step: 'ask-power-department',
      }),
      entry(4, now, 60, {
        kind: 'clocks',
        what: text('重新计算四个时间', 'The four clocks were recomputed'),
        figures: { needS: 900 },
      }),
    ],
    ...over,
  };
}

/** The same outage in the middle of the shutdown: some done, one failed, one cut for time. */
export function shutdownAt(now: number): IncidentView {
  const outage = outageAt(now);
  const states: Record<string, Partial<StepView>> = {
    'ask-power-department': {
      state: 'done',
      dueAt: null,
      endedAt: iso(now - 400_000),
      answer: {
        id: 'over',
        label: text('超过 90 分钟', 'More than 90 minutes'),
        by: 'gao-jie',
        at: iso(now - 400_000),
      },
    },
    'backup:server-1': {
      state: 'done',
      startedAt: iso(now - 400_000),
      endedAt: iso(now - 110_000),
      attempts: 1,
      detail: text('备份文件存在，13 秒前写成，校验一致', 'The backup is there, 13 s old, its checksum fits'),
    },
    'backup:server-2': {
      state: 'failed',
      startedAt: iso(now - 400_000),
      endedAt: iso(now - 100_000),
      attempts: 2,
      detail: text('磁盘空间不足', 'No space left on device'),
    },
    'backup:server-3': {
      state: 'cut',
      startedAt: iso(now - 390_000),
      endedAt: iso(now - 90_000),
      attempts: 1,
      detail: text('再等会来不及安全关机', 'Waiting longer would leave too little time for a clean shutdown'),
    },
    'shutdown:server-1': {
      state: 'verifying',
      startedAt: iso(now - 90_000),
      attempts: 1,
      detail: text('端口已关闭；插座仍有 38 W', 'Port closed; the outlet still draws 38 W'),
    },
    'shutdown:server-2': { state: 'running', startedAt: iso(now - 60_000), attempts: 1 },
    'shed-screens': { state: 'waived', detail: text('林浩：现场需要照明', 'Lin Hao: light is needed on site') },
  };
  return {
    ...outage,
    phase: 'protecting',
    headline: text(
      '正在按顺序关机：2 台进行中，1 台备份失败。',
      'Shutting down in order: 2 under way, 1 backup failed.',
    ),
    acknowledged: { by: 'gao-jie', at: iso(now - 470_000) },
    pointOfNoReturn: { passedAt: iso(now - 90_000), step: 'shutdown:server-1' },
    clocks:
      outage.clocks === null
        ? null
        : {
            ...outage.clocks,
            outlook: { kind: 'until', until: iso(now + 10_800_000), by: 'gao-jie', overLimit: true },
          },
    steps: outage.steps.map((one) => ({ ...one, ...states[one.id] })),
    timeline: [
      ...outage.timeline,
      entry(5, now, 400, {
        kind: 'answer',
        who: 'gao-jie',
        what: text('配电室：超过 90 分钟', 'Power department: more than 90 minutes'),
        step: 'ask-power-department',
      }),
      entry(6, now, 399, {
        kind: 'decision',
        what: text('开始保护性关机', 'The protective shutdown begins'),
        why: text('预计停电时间超过 90 分钟', 'The outlook is over 90 minutes'),
        figures: { outlookS: 10_800, limitS: 5400, needS: 900, chargePercent: 92 },
      }),
      entry(7, now, 100, {
        kind: 'evidence',
        what: text('二号服务器备份失败：磁盘空间不足', 'Backup of server 2 failed: no space left'),
        step: 'backup:server-2',
      }),
    ],
  };
}
