import type { Text } from '#core/text.ts';

/** What was done, in words, by the route that did it; read by the page of the record alone, so the first load goes without. */

const ACTIONS: Readonly<Record<string, Text>> = {
  'POST /api/v1/session': { zh: '登录', en: 'Sign-in' },
  'DELETE /api/v1/session': { zh: '退出登录', en: 'Sign-out' },
  'GET /api/v1/oidc/callback': { zh: '统一身份认证登录', en: 'Single sign-on' },
  'POST /api/v1/oidc/link': { zh: '关联统一身份认证', en: 'Link with single sign-on' },
  'DELETE /api/v1/oidc/link': { zh: '取消关联统一身份认证', en: 'Unlink single sign-on' },
  'POST /api/v1/first-run': { zh: '首次设置', en: 'First setup' },
  'PUT /api/v1/password': { zh: '修改密码', en: 'Change of password' },
  'POST /api/v1/one-time-codes': { zh: '开始开通动态验证码', en: 'Begin one-time codes' },
  'PUT /api/v1/one-time-codes': { zh: '开通动态验证码', en: 'One-time codes on' },
  'DELETE /api/v1/one-time-codes': { zh: '停用动态验证码', en: 'One-time codes off' },
  'POST /api/v1/one-time-codes/recovery': { zh: '重新生成恢复码', en: 'New recovery codes' },
  'DELETE /api/v1/sessions': { zh: '退出其他设备', en: 'End other sessions' },
  'DELETE /api/v1/sessions/:id': { zh: '退出一处登录', en: 'End a session' },
  'DELETE /api/v1/sessions/everybody/:id': { zh: '退出他人的登录', en: 'End somebody’s session' },
  'DELETE /api/v1/users/:user/sessions': { zh: '退出某人的全部登录', en: 'End a person’s sessions' },
  'POST /api/v1/users': { zh: '添加账号', en: 'New account' },
  'PATCH /api/v1/users/:user': { zh: '修改账号', en: 'Change of an account' },
  'POST /api/v1/tokens': { zh: '新建令牌', en: 'New token' },
  'DELETE /api/v1/tokens/:id': { zh: '撤销令牌', en: 'Token revoked' },
  'POST /api/v1/commands': { zh: '命令', en: 'Order' },
  'POST /api/v1/simulator': { zh: '操作模拟台', en: 'Simulator' },
  'POST /api/v1/alertmanager': { zh: '送入告警', en: 'Alerts sent in' },
  'POST /api/v1/surveys': { zh: '查看新设备', en: 'Look at a new device' },
  'DELETE /api/v1/surveys/:id': { zh: '结束查看', en: 'End a look' },
  'POST /api/v1/tasks': { zh: '新建任务', en: 'New task' },
  'PATCH /api/v1/tasks/:id': { zh: '修改任务', en: 'Change of a task' },
  'PUT /api/v1/room-plan': { zh: '修改机房平面图', en: 'Change of the room plan' },
  'POST /api/v1/room-plan/pictures': { zh: '上传平面图', en: 'Picture of the room' },
  'POST /api/v1/rota-feed': { zh: '新建日历订阅', en: 'New calendar feed' },
  'DELETE /api/v1/rota-feed': { zh: '撤销日历订阅', en: 'Calendar feed withdrawn' },
};

const COMMANDS: Readonly<Record<string, Text>> = {
  'incident.answer': { zh: '回答问题', en: 'Answer' },
  'incident.task-done': { zh: '任务完成', en: 'Task done' },
  'incident.waive': { zh: '跳过步骤', en: 'Step waived' },
  'incident.acknowledge': { zh: '确认事件', en: 'Incident acknowledged' },
  'incident.start-sequence': { zh: '立即开始关机', en: 'Shutdown started' },
  'incident.stand-down': { zh: '解除', en: 'Stand-down' },
  'incident.open': { zh: '启动预案', en: 'Plan started' },
  'incident.close': { zh: '关闭事件', en: 'Incident closed' },
  'incident.hand-over': { zh: '交接', en: 'Hand-over' },
  'incident.raise-level': { zh: '升级', en: 'Level raised' },
  'incident.note': { zh: '记一笔', en: 'Note' },
  'outage.plan': { zh: '登记计划停电', en: 'Outage announced' },
  'outage.cancel': { zh: '取消计划停电', en: 'Outage called off' },
  'readiness.test': { zh: '就绪测试', en: 'Readiness test' },
  'alert.acknowledge': { zh: '确认告警', en: 'Alert acknowledged' },
  'alert.silence': { zh: '搁置告警', en: 'Alert shelved' },
  'alert.unshelve': { zh: '取消搁置', en: 'Alert unshelved' },
  'maintenance.start': { zh: '开始检修', en: 'Maintenance begun' },
  'maintenance.end': { zh: '结束检修', en: 'Maintenance ended' },
  'rules.reload': { zh: '重读规则', en: 'Rules read again' },
  'rule.override': { zh: '改规则', en: 'Rule changed' },
  'rule.override-remove': { zh: '恢复规则', en: 'Rule as in its file' },
  'delivery.retry': { zh: '重发消息', en: 'Message sent again' },
  'delivery.dismiss': { zh: '放弃消息', en: 'Message dismissed' },
  'contact.test': { zh: '测试联系方式', en: 'Contact test' },
  'rota.swap': { zh: '换班', en: 'Swap' },
  'rota.cover': { zh: '代班', en: 'Cover' },
  'rota.cancel': { zh: '取消换班', en: 'Change of the rota called off' },
  'rota.note': { zh: '交班留言', en: 'Hand-over note' },
  'rota.accept': { zh: '接班', en: 'Duty accepted' },
  'site.arm': { zh: '启用自动执行', en: 'Site armed' },
  'site.disarm': { zh: '停用自动执行', en: 'Site disarmed' },
};

/** A route that this page does not know is shown as it is. */
export const actionWords = (action: string): Text => ACTIONS[action] ?? { zh: action, en: action };

export interface RecordedAct {
  readonly user: string;
  readonly action: string;
  readonly detail: string;
}

/**
 * What more there is to say. An order's detail is its body: what was ordered, and the rest of it as `name: value`. Of a sign-in only the
 * name that was typed is left, where it is not the person's anyway. Other details stay as they are.
 */
export function detailWords({ user, action, detail }: RecordedAct): {
  readonly order: Text | null;
  readonly rest: string;
} {
  if (action === 'POST /api/v1/commands') return orderWords(detail);
  if (SAID_BY_THE_ACTION.test(action)) return { order: null, rest: '' };
  const typed = /^sign-in of (.*?)(?: with a one-time code| at the provider, as \w+)?$/s.exec(detail)?.[1];
  return { order: null, rest: typed === undefined ? detail : typed === user ? '' : typed };
}

const SAID_BY_THE_ACTION = /\/one-time-codes|^PUT \/api\/v1\/password/;

function orderWords(detail: string): { readonly order: Text | null; readonly rest: string } {
  const body = parsed(detail);
  if (body === null || typeof body.kind !== 'string') return { order: null, rest: detail };
  const { kind, ...others } = body;
  const rest = Object.entries(others)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' · ');
  return { order: COMMANDS[kind] ?? { zh: kind, en: kind }, rest };
}

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
