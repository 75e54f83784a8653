import type { IncidentReport, ReportEvent, ReportNotification, ReportStep } from '#core/report.ts';

/**
 * What paper has no room for: the same date on every row, the same message once for each channel, thirty lines of what was not
 * needed. Nothing is left out that is not said in fewer words; the page and the Markdown report have every line.
 */

/** `2026-11-22` when all of the report happened on that day, else null. */
export function onlyDay({ timeline, notifications }: IncidentReport): string | null {
  const days = new Set([...timeline, ...notifications].map(({ localTime }) => localTime.slice(0, 10)));
  const [day] = days;
  return days.size === 1 && day !== undefined ? day : null;
}

export interface PaperDelivery {
  readonly localTime: string;
  readonly person: string;
  /** All on which it went: `phone, e-mail`. */
  readonly channels: readonly string[];
  readonly subject: string;
  readonly stateLabel: string;
}

/** Channels of one person get the same message within this time, retries included. */
const SAME_MESSAGE_MS = 120_000;

export function mergeChannels(notifications: readonly ReportNotification[]): readonly PaperDelivery[] {
  const merged: { at: number; row: PaperDelivery; channels: string[] }[] = [];
  for (const one of notifications) {
    const at = Date.parse(one.at);
    const same = merged.find(
      ({ row, channels, at: before }) =>
        row.person === one.person &&
        row.subject === one.subject &&
        row.stateLabel === one.stateLabel &&
        Math.abs(at - before) <= SAME_MESSAGE_MS &&
        !channels.includes(one.channel),
    );
    if (same !== undefined) {
      same.channels.push(one.channel);
      continue;
    }
    const channels = [one.channel];
    const { localTime, person, subject, stateLabel } = one;
    merged.push({ at, channels, row: { localTime, person, channels, subject, stateLabel } });
  }
  return merged.map(({ row }) => row);
}

/** `跳过：通知各部门` → `跳过` and the rest. */
const HEAD = /^(.{1,40}?)(?:：|: )/;

/** Lines of one moment that say the same of several things are one line: `Skipped: A; B; C`. */
export function mergeEvents(events: readonly ReportEvent[], separator: string): readonly ReportEvent[] {
  const merged: ReportEvent[] = [];
  for (const event of events) {
    const last = merged.at(-1);
    const head = HEAD.exec(event.what);
    const same =
      last !== undefined &&
      head !== null &&
      HEAD.exec(last.what)?.[0] === head[0] &&
      (['localTime', 'kind', 'who', 'why'] as const).every((key) => last[key] === event[key]);
    if (same)
      merged[merged.length - 1] = { ...last, what: `${last.what}${separator}${event.what.slice(head[0].length)}` };
    else merged.push(event);
  }
  return merged;
}

/** Steps that were not needed, by their reason: a row each says nothing. */
export function partSteps(steps: readonly ReportStep[]): {
  readonly lived: readonly ReportStep[];
  readonly spared: readonly { readonly why: string; readonly steps: readonly ReportStep[] }[];
} {
  const spared = steps.filter(({ state, answer }) => state === 'skipped' && answer === null);
  const reasons = Map.groupBy(spared, ({ detail }) => detail ?? '');
  return {
    lived: steps.filter((step) => !spared.includes(step)),
    spared: [...reasons].map(([why, of]) => ({ why, steps: of })),
  };
}
