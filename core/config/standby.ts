import { z } from 'zod';
import type { Text } from '../text.ts';
import { durationSchema, idSchema, textSchema } from './common.ts';
import { DEVICE_KINDS } from './device.ts';
import { FUNCTIONS } from './people.ts';
import type { Plan } from './plan.ts';

/** `standby` of site.yaml: equipment that waits to take another's place (O-THF-3). */
export const standbySchema = z.strictObject({
  id: idSchema,
  name: textSchema,
  /** What it can stand in for. */
  stands_for: z.array(z.enum(DEVICE_KINDS)).min(1),
  /** Where it is kept. */
  place: textSchema,
  /** What to do with it, in a sentence or two. */
  how: textSchema,
  function: z.enum(FUNCTIONS),
  within: durationSchema.prefault('4h'),
});
export type Standby = z.infer<typeof standbySchema>;

/** What the texts of a task `for_each: {standby: …}` may use besides all others. */
export const STANDBY_TEXT_NAMES = ['standby', 'standby_place', 'standby_how'] as const;

type Entry = Plan['steps'][number];

/**
 * Each task `for_each: {standby: [server]}` becomes one task a thing on the list that stands in for a server: `replace` becomes
 * `replace-spare-1`, `replace-spare-2`, … What waits for `replace` waits for all of them, and for none where nothing is on the list.
 */
export function withStandby(plan: Plan, standby: readonly Standby[]): Plan {
  const made = new Map<string, readonly string[]>();
  const expand = <Step extends { readonly id: string }>(step: Step): Step[] => {
    if (!isForEach(step)) return [step];
    const { for_each: each, ...task } = step.task;
    const fitting = standby.filter(({ stands_for: kinds }) => kinds.some((kind) => each.standby.includes(kind)));
    const steps = fitting.map((one) => oneOf({ ...step, task }, one));
    made.set(
      step.id,
      steps.map(({ id }) => id),
    );
    return steps as unknown as Step[];
  };
  const steps = plan.steps.flatMap((entry): Entry[] => {
    if ('choose' in entry) {
      const choose = entry.choose.map((branch) => ({ ...branch, steps: branch.steps.flatMap(expand) }));
      return [{ ...entry, choose }];
    }
    return 'together' in entry ? [{ ...entry, together: entry.together.flatMap(expand) }] : expand(entry);
  });
  if (made.size === 0) return plan;
  const waiting = <Step extends { readonly after: readonly string[] }>(step: Step): Step => ({
    ...step,
    after: step.after.flatMap((id) => made.get(id) ?? [id]),
  });
  return {
    ...plan,
    steps: steps.map((entry): Entry => {
      if ('choose' in entry)
        return waiting({
          ...entry,
          choose: entry.choose.map((branch) => ({ ...branch, steps: branch.steps.map(waiting) })),
        });
      return 'together' in entry ? waiting({ ...entry, together: entry.together.map(waiting) }) : waiting(entry);
    }),
  };
}

interface ForEach {
  readonly id: string;
  readonly task: { readonly for_each: { readonly standby: readonly string[] } };
}

const isForEach = (step: object): step is ForEach =>
  'task' in step && (step.task as Partial<ForEach['task']>).for_each !== undefined;

function oneOf(step: { readonly id: string; readonly task: object }, one: Standby): { readonly id: string } {
  const texts: Readonly<Record<(typeof STANDBY_TEXT_NAMES)[number], Text>> = {
    standby: one.name,
    standby_place: one.place,
    standby_how: one.how,
  };
  const whole = { ...step, task: { ...step.task, function: one.function, within: one.within } };
  return { ...(filledIn(whole, texts) as typeof whole), id: `${step.id}-${one.id}` };
}

/** Every text within, in each language with that language's words. */
function filledIn(value: unknown, texts: Readonly<Record<string, Text>>): unknown {
  if (Array.isArray(value)) return value.map((one) => filledIn(one, texts));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      typeof one === 'string' && (key === 'zh' || key === 'en')
        ? one.replaceAll(/\{(\w+)\}/g, (whole, name: string) => texts[name]?.[key] ?? whole)
        : filledIn(one, texts),
    ]),
  );
}
