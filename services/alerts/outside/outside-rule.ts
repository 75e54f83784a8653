import { createHash } from 'node:crypto';
import type { Config } from '#core/config/config.ts';
import type { OutsideConfig } from '#core/config/outside.ts';
import type { Rule, Severity } from '#core/config/rule.ts';
import type { OutsideAlert } from '#core/outside-alert.ts';
import { sameText, type Text } from '#core/text.ts';
import { minutes, seconds } from '#core/time.ts';

/** What an alert of another system is for us: a rule with its words, and the device that it is about. All of it pure. */

export function severityOf({ labels }: OutsideAlert, { severities, otherwise }: OutsideConfig): Severity {
  return severities[labels.severity?.toLowerCase() ?? ''] ?? otherwise;
}

/** `outside-disk-full-high`: one system has the same name with several severities. */
export const ruleIdOf = ({ labels }: OutsideAlert, severity: Severity): string =>
  `outside-${slug(labels.alertname ?? '', 40)}-${severity}`;

export function ruleFor(alert: OutsideAlert, severity: Severity, config: OutsideConfig): Rule {
  const { annotations, labels } = alert;
  const where = labels.instance === undefined ? '' : ` ${cut(labels.instance, 80)}`;
  const name = cut(labels.alertname ?? 'alert', 80);
  return {
    id: ruleIdOf(alert, severity),
    title: said(annotations, ['summary', 'message', 'title'], 120) ?? sameText(`${name}${where}`),
    consequence: said(annotations, ['description', 'details'], 500) ?? {
      zh: `另一监控系统报告了 ${name}${where}`,
      en: `Another system reports ${name}${where}`,
    },
    response: said(annotations, ['response', 'runbook', 'runbook_url'], 500) ?? {
      zh: '查看发来告警的系统并处理',
      en: 'Look at the system that sent it, and act',
    },
    // Never judged: what fires is said by the other system.
    on: { devices: [] },
    when: { point: 'device.responding', is: false },
    for: seconds(0),
    severity,
    safety: false,
    notify: [...config.notify],
    respond_within: minutes(severity === 'high' ? 15 : 60),
    inhibited_by: [],
    source: `outside: ${cut(alert.from, 60)}`,
    obligations: [],
    overrides: [],
  };
}

export const restRuleId = (severity: Severity): string => `outside-0-more-${severity}`;

/** Told once for all that is not told one by one. */
export function restRule(severity: Severity, config: OutsideConfig): Rule {
  return {
    ...ruleFor({ ...NOTHING, labels: { alertname: 'more' } }, severity, config),
    id: restRuleId(severity),
    title: {
      zh: '外部系统告警过多，其余未逐条通知',
      en: 'Too many alerts from outside; the rest are not told one by one',
    },
    consequence: { zh: '外部系统可能大面积故障', en: 'Much of what the other systems watch may have failed' },
    response: { zh: '到发来告警的系统查看全部告警', en: 'See all of them in the system that sent them' },
    source: 'outside',
  };
}

const NOTHING: OutsideAlert = {
  fingerprint: '00000000',
  status: 'firing',
  labels: {},
  annotations: {},
  startsAt: '',
  receivedAt: '',
  from: '',
};

/** `summary_zh` and `summary_en` where there are such, as our own alerts have when they come back. */
function said(annotations: OutsideAlert['annotations'], names: readonly string[], most: number): Text | null {
  for (const name of names) {
    const plain = annotations[name];
    const zh = annotations[`${name}_zh`] ?? plain ?? annotations[`${name}_en`];
    const en = annotations[`${name}_en`] ?? plain ?? zh;
    if (zh !== undefined && en !== undefined && zh.trim() !== '') return { zh: cut(zh, most), en: cut(en, most) };
  }
  return null;
}

const cut = (text: string, most: number): string => {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`;
};

/** A part of an id: small letters, digits, hyphens. What has none of these, as a Chinese name, is told apart by its hash. */
export function slug(text: string, most: number): string {
  const plain = text
    .replaceAll(/([a-z\d])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, most)
    .replaceAll(/^-+|-+$/g, '');
  return plain === '' ? createHash('sha256').update(text).digest('hex').slice(0, 8) : plain;
}

/** The device that an alert is about: by the label `device`, or by the host of `instance`; else the host's name, as a subject of its own. */
export function createSubjects(config: Pick<Config, 'devices'>): (alert: OutsideAlert) => string {
  const ids = new Set(config.devices.map(({ id }) => id));
  const byHost = new Map<string, string>();
  for (const device of config.devices) {
    for (const host of hostsIn(device)) if (!byHost.has(host)) byHost.set(host, device.id);
  }
  return ({ labels }) => {
    const named = labels.device;
    if (named !== undefined && ids.has(named)) return named;
    const host = hostOf(labels.instance ?? '');
    if (host === '') return 'outside';
    return byHost.get(host) ?? (ids.has(host) ? host : slug(host, 50));
  };
}

/** `https://10.0.0.5:9100/x`, `10.0.0.5:9100`, `[::1]:9100`, `server-1` → the host alone. */
function hostOf(instance: string): string {
  const bare = instance.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').replace(/[/?#].*$/, '');
  const bracketed = /^\[([^\]]+)\]/.exec(bare)?.[1];
  return (bracketed ?? (bare.split(':').length > 2 ? bare : bare.replace(/:\d+$/, ''))).toLowerCase();
}

/** Every address in a device's configuration; this machine's own says nothing of a device. */
function hostsIn(value: unknown, key = ''): string[] {
  if (typeof value === 'string') {
    const host = key === 'host' ? value.toLowerCase() : key === 'url' ? hostOf(value) : '';
    return host === '' || /^(localhost|127\.|::1$)/.test(host) ? [] : [host];
  }
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((part: unknown) => hostsIn(part, key));
  return Object.entries(value).flatMap(([name, part]) => hostsIn(part, name));
}
