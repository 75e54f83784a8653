import type { AlertView } from '#core/alert.ts';
import type { OutOfService } from '#core/maintenance.ts';
import { INCIDENT } from './fixture-incident.ts';
import { alertAt, iso } from './fixture-room.ts';

/** One alert in each place of the alerts page; everything made up. */
const MINUTE = 60_000;

export function alarmsAt(now: number): AlertView[] {
  const at = (id: string, more: Partial<AlertView>): AlertView =>
    alertAt(now, { id, since: iso(now - 12 * MINUTE), firedAt: iso(now - 12 * MINUTE), ...more });
  const text = (zh: string, en: string) => ({ title: { zh, en } });
  const plain = { severity: 'medium', point: 'host.reachable', value: false } as const;
  const until = iso(now + 90 * MINUTE);
  return [
    at('mains', { incident: INCIDENT }),
    at('battery', {
      ...text('UPS 电池电量低', 'UPS battery low'),
      ...{ rule: 'battery-low', point: 'battery.charge', value: 27, incident: INCIDENT },
    }),
    at('warm', {
      ...text('机房温度高', 'Room temperature high'),
      ...{ rule: 'temperature-high', device: 'th-1', point: 'ambient.temperature', value: 28.4, severity: 'medium' },
      ...{ state: 'acknowledged', acknowledged: { by: 'gao-jie', at: iso(now - 4 * MINUTE) } },
    }),
    at('server', {
      ...plain,
      ...text('设备网络不可达', 'Host cannot be reached'),
      ...{ rule: 'server-unreachable', device: 'server-1', inhibitedBy: 'mains' },
    }),
    at('damp', {
      ...text('机房湿度高', 'Room humidity high'),
      ...{ rule: 'humidity-high', device: 'th-2', point: 'ambient.humidity', value: 63, severity: 'low' },
      silenced: { by: 'lin-hao', until, reason: '加湿器配件明天到' },
    }),
    at('cooling', {
      ...text('空调停机', 'Air conditioner stopped'),
      ...{ rule: 'cooling-stopped', device: 'ac-1', point: 'cooling.status', value: 'off' },
      maintenance: { id: 'm1', by: 'lin-hao', until, reason: '更换压缩机，厂家在场' },
    }),
    at('over', {
      ...text('机房门未关', 'Room door left open'),
      ...{ rule: 'door-open', device: 'door-1', severity: 'low', state: 'cleared', clearedAt: iso(now - 40 * MINUTE) },
      ...{ firedAt: iso(now - 55 * MINUTE), acknowledged: { by: 'gao-jie', at: iso(now - 50 * MINUTE) } },
    }),
  ];
}

export function outOfServiceAt(now: number): OutOfService {
  const window = { kinds: [], room: null, rule: null, by: 'lin-hao', at: iso(now - 60 * MINUTE), ended: null };
  return {
    windows: [
      {
        ...window,
        ...{ id: 'm1', devices: ['ac-1'], from: iso(now - 30 * MINUTE), to: iso(now + 90 * MINUTE) },
        reason: '更换压缩机，厂家在场',
      },
      {
        ...window,
        ...{ id: 'm2', devices: ['ups-1', 'pdu-1'], from: iso(now + 2880 * MINUTE), to: iso(now + 3060 * MINUTE) },
        reason: '年度电池检测',
      },
    ],
    shelved: [
      {
        ...{ rule: 'humidity-high', device: 'th-2', by: 'lin-hao', until: iso(now + 90 * MINUTE) },
        reason: '加湿器配件明天到',
      },
      {
        ...{ rule: 'sensor-battery-low', device: 'th-3', by: 'lin-hao', until: iso(now + 2000 * MINUTE) },
        reason: '电池已订',
        title: { zh: '传感器电池低', en: 'Sensor battery low' },
      },
    ],
  };
}
