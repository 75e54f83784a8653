import type { IncidentView, StepView } from '#core/incident.ts';

/** What somebody else has done since a page last looked. Pure. */
export interface News {
  readonly key: string;
  readonly what: 'answered' | 'done' | 'waived';
  readonly by: string;
  readonly step: StepView;
  readonly at: string;
}

const WHAT: Readonly<Record<string, News['what']>> = { done: 'done', waived: 'waived' };

/** `me`: what this page's own person has done is no news. Everything the system does by itself stands elsewhere. */
export function newsBetween(before: IncidentView, after: IncidentView, me: readonly string[]): News[] {
  const then = new Map(before.steps.map((step) => [step.id, step]));
  const whoEnded = new Map(
    after.timeline.flatMap(({ kind, step, who }) => (kind === 'order' && step !== null ? [[step, who] as const] : [])),
  );
  return after.steps.flatMap((step): News[] => {
    const old = then.get(step.id);
    if (old === undefined) return [];
    const { answer } = step;
    if (answer !== null && answer.by !== 'zhishou' && (old.answer?.at !== answer.at || old.answer?.id !== answer.id)) {
      return me.includes(answer.by)
        ? []
        : [{ key: `${step.id}/${answer.at}`, what: 'answered', by: answer.by, step, at: answer.at }];
    }
    const what = WHAT[step.state];
    const by = whoEnded.get(step.id);
    const ended = step.kind === 'task' || step.state === 'waived';
    if (what === undefined || old.state === step.state || !ended || by === undefined || by === 'zhishou') return [];
    const at = step.endedAt ?? '';
    return me.includes(by) ? [] : [{ key: `${step.id}/${at}`, what, by, step, at }];
  });
}
