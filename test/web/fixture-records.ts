import type { DeliveryView } from '#core/notification.ts';
import type { IncidentReport } from '#core/report.ts';
import type { Text } from '#core/text.ts';
import { INCIDENT } from './fixture-incident.ts';
import { iso } from './fixture-room.ts';

/** Who was told of the outage, and its report. */

const text = (zh: string, en: string): Text => ({ zh, en });

export const deliveriesAt = (now: number): DeliveryView[] =>
  (['phone', 'email'] as const).flatMap((channel, index) =>
    (['gao-jie', 'zhou-min'] as const).map(
      (person, who): DeliveryView => ({
        id: `d${index}${who}`,
        key: `k${index}${who}`,
        person,
        personName: person === 'gao-jie' ? text('高洁', 'Gao Jie') : text('周敏', 'Zhou Min'),
        channel,
        to: person,
        subject: '【演练】示例机房停电：电池约可用 68 分钟',
        body: '市电在 10:52 中断，UPS 一号电池供电，电量 100 %。\n最晚 11:38 开始关机。\n请致电配电室 100 0000 0100 询问恢复时间，并在页面上答复。',
        severity: 'high',
        incident: INCIDENT,
        alert: null,
        state: index === 1 && who === 1 ? 'retrying' : 'sent',
        attempts: 1,
        error: index === 1 && who === 1 ? 'connect ECONNREFUSED 127.0.0.1:20025' : null,
        queuedAt: iso(now - 521_000),
        sentAt: index === 1 && who === 1 ? null : iso(now - 520_500),
        drill: true,
        simulated: true,
      }),
    ),
  );

export const reportAt = (now: number): IncidentReport => ({
  incident: INCIDENT,
  language: 'zh',
  title: '示例机房停电事件报告',
  marks: ['【模拟】', '【演练】'],
  generatedAt: iso(now),
  final: false,
  plan: { id: 'power-outage', version: '1', title: '机房停电应急预案' },
  summary: ['市电于 10:52:18 中断，历时 8 分 42 秒（未结束）。', '配电室答复超过 90 分钟，10:54 开始保护性关机。'],
  facts: [
    { label: '级别', value: '较重' },
    { label: '开始', value: '2026-11-21 10:52:18' },
    { label: '电量最低', value: '89 %' },
  ],
  score: null,
  charts: [{ id: 'load', title: '负载' }],
  restarts: [],
  decisions: [
    {
      seq: 6,
      at: iso(now - 399_000),
      localTime: '2026-11-21 10:54:21',
      elapsed: '+00:02:03',
      kind: 'decision',
      kindLabel: '决定',
      what: '开始保护性关机',
      who: '值守系统',
      why: '预计停电时间超过 90 分钟',
      figures: [{ name: 'outlookS', label: '预计停电', value: '180 分钟' }],
      step: null,
      minor: false,
    },
  ],
  timeline: [
    {
      seq: 1,
      at: iso(now - 522_000),
      localTime: '2026-11-21 10:52:18',
      elapsed: '+00:00:00',
      kind: 'opened',
      kindLabel: '开始',
      what: '停电事件开始',
      who: '值守系统',
      why: null,
      figures: [],
      step: null,
      minor: false,
    },
  ],
  steps: [
    {
      id: 'backup:server-1',
      title: '备份',
      stage: 'protect',
      state: 'done',
      stateLabel: '已完成',
      device: '一号服务器',
      who: null,
      answer: null,
      startedAt: null,
      endedAt: null,
      durationS: 290,
      expectedS: 360,
      attempts: 1,
      detail: '校验一致',
    },
  ],
  acknowledgement: '高洁于 10:53:10 确认收到，用时 52 秒。',
  notifications: [
    {
      at: iso(now - 521_000),
      localTime: '2026-11-21 10:52:19',
      sentAt: iso(now - 520_000),
      person: '高洁',
      channel: 'phone',
      subject: '【演练】示例机房停电',
      state: 'sent',
      stateLabel: '已发出',
      attempts: 1,
      error: null,
    },
  ],
  late: [],
  failed: [{ what: '备份 二号服务器', detail: '磁盘空间不足', byS: null }],
  obligations: [{ id: 'O-PWR-4', steps: ['backup:server-1'], state: '进行中' }],
  improvements: ['为二号服务器的备份目录扩容。'],
});
