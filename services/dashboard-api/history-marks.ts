import type { AlertView } from '#core/alert.ts';
import type { Device } from '#core/config/device.ts';
import type { HistoryMark, HistoryMarksResponse, MarkKind } from '#core/history-view.ts';
import type { IncidentView } from '#core/incident.ts';
import { covers, type MaintenanceWindow, windowEnd } from '#core/maintenance.ts';
import type { PlannedOutage } from '#core/outage.ts';
import type { RulesView } from '#core/rules-view.ts';
import type { Text } from '#core/text.ts';

/**
 * What happened while a value did what it did: alerts, incidents, cuts that were announced, maintenance, rules that people changed,
 * entries of registers. Pure: each source says its own, here they are cut to the range and to what can be looked at.
 */
export interface MarksAsk {
  /** ISO 8601 in UTC, as every instant here: they compare as they sort. */
  readonly from: string;
  readonly to: string;
  /** What is shown; empty: the whole site. */
  readonly devices: readonly Device[];
}

/** A register that wants its entries on the charts gives one of these. */
export type MarkSource = (ask: MarksAsk) => readonly HistoryMark[];

export const MOST_MARKS = 300;
const WEIGHT: Readonly<Record<MarkKind, number>> = {
  incident: 0,
  outage: 1,
  maintenance: 2,
  record: 3,
  alert: 4,
  rule: 5,
};

export function readMarks(sources: readonly MarkSource[], ask: MarksAsk, withNotes: boolean): HistoryMarksResponse {
  const found = sources
    .flatMap((source) => source(ask))
    .filter(({ at, to, open }) => at <= ask.to && (open || (to ?? at) >= ask.from));
  const kept = [...found]
    .sort((a, b) => WEIGHT[a.kind] - WEIGHT[b.kind] || b.at.localeCompare(a.at))
    .slice(0, MOST_MARKS)
    .sort((a, b) => a.at.localeCompare(b.at) || WEIGHT[a.kind] - WEIGHT[b.kind]);
  return {
    marks: withNotes ? kept : kept.map((mark) => ({ ...mark, note: null })),
    truncated: kept.length < found.length,
  };
}

const concerns = ({ devices }: MarksAsk, ids: readonly string[]): boolean =>
  devices.length === 0 || ids.length === 0 || devices.some(({ id }) => ids.includes(id));

/** Alerts that fired: what only was watched for a while raised nothing. */
export const alertMarks =
  (alerts: () => readonly AlertView[]): MarkSource =>
  (ask) =>
    alerts().flatMap(({ id, device, title, severity, firedAt, clearedAt, state }) =>
      firedAt === null || !concerns(ask, [device])
        ? []
        : [
            {
              ...{ id, kind: 'alert' as const, at: firedAt, to: clearedAt, open: state !== 'cleared' },
              ...{ title, note: null, devices: [device], severity },
            },
          ],
    );

/** An incident is about every device that it had a step for, and about those whose alert belongs to it. */
export const incidentMarks =
  (incidents: () => readonly IncidentView[], alerts: () => readonly AlertView[]): MarkSource =>
  (ask) =>
    incidents().flatMap((incident) => {
      const devices = devicesOf(incident, alerts());
      if (!concerns(ask, devices)) return [];
      const { id, openedAt, closedAt, plan, cause } = incident;
      const title: Text = { zh: `${plan.title.zh}：${cause.zh}`, en: `${plan.title.en}: ${cause.en}` };
      const mark = { id, kind: 'incident' as const, at: openedAt, to: closedAt, open: closedAt === null };
      return [{ ...mark, title, note: null, devices, severity: 'high' as const }];
    });

export function devicesOf(incident: IncidentView, alerts: readonly AlertView[]): readonly string[] {
  const ofSteps = incident.steps.flatMap(({ device }) => device ?? []);
  const ofAlerts = alerts.filter((alert) => alert.incident === incident.id).map(({ device }) => device);
  const ofClocks = incident.clocks?.upses.map(({ ups }) => ups) ?? [];
  return [...new Set([...ofSteps, ...ofAlerts, ...ofClocks])];
}

const CUT: Text = { zh: '计划停电', en: 'Announced power cut' };

export const outageMarks =
  (outages: () => readonly PlannedOutage[]): MarkSource =>
  (ask) =>
    outages().flatMap(({ id, from, to, upses, reason, cancelled }) =>
      cancelled !== null || !concerns(ask, upses)
        ? []
        : [
            {
              ...{ id, kind: 'outage' as const, at: from, to, open: false, title: CUT, note: reason },
              ...{ devices: upses, severity: null },
            },
          ],
    );

const MAINTENANCE: Text = { zh: '维护', en: 'Maintenance' };

export const maintenanceMarks =
  (windows: () => readonly MaintenanceWindow[], devices: readonly Device[]): MarkSource =>
  (ask) =>
    windows().flatMap((window) => {
      const whole = window.devices.length === 0 && window.kinds.length === 0 && window.room === null;
      const about = whole ? [] : devices.filter((device) => covers(window, window.rule ?? '', device)).map(idOf);
      // A window of equipment that is no longer there is about none of what is shown.
      if (!whole && about.length === 0) return [];
      if (!concerns(ask, about)) return [];
      const mark = { id: window.id, kind: 'maintenance' as const, at: window.from, to: windowEnd(window), open: false };
      return [{ ...mark, title: MAINTENANCE, note: window.reason, devices: about, severity: null }];
    });

const idOf = ({ id }: Device): string => id;

/** From here on other numbers raise the alert: a curve that stays under its old limit and alarms is explained. */
export const ruleMarks =
  (rules: () => RulesView | null): MarkSource =>
  (ask) =>
    (rules()?.overrides ?? []).flatMap(({ rule, device, at, reason }) => {
      if (device !== null && !concerns(ask, [device])) return [];
      // A change for all of a rule's devices is about those it concerns; who looks at one device asks its rules.
      if (device === null && ask.devices.length > 0) return [];
      const title = rules()?.rules.find(({ id }) => id === rule)?.title ?? { zh: rule, en: rule };
      return [
        {
          ...{ id: rule, kind: 'rule' as const, at, to: null, open: false, note: reason, severity: null },
          title,
          devices: device === null ? [] : [device],
        },
      ];
    });
