import type { FunctionName } from '#core/config/people.ts';
import type { Severity } from '#core/config/rule.ts';
import type { Figures, TimelineKind } from '#core/incident.ts';
import type { NotificationRequest } from '#core/notification.ts';
import type { Text } from '#core/text.ts';
import { type Instant, instant, toIso } from '#core/time.ts';
import { clockLine } from './clock-line.ts';
import type { ActDefinition, StepDefinition } from './definition.ts';
import type { Command } from './events.ts';
import { figuresOf } from './figures.ts';
import { messagePhase } from './message-phase.ts';
import { type IncidentState, newStep, type StepProgress } from './state.ts';
import { indexOf } from './step-index.ts';
import { listedAs, settle, stepList } from './step-list.ts';

/**
 * One call of `decide`: a copy of the state that may be changed, and the commands that come of it. Only what is changed is
 * copied, so that the state before stays as it was and an event costs little.
 */
export class Turn {
  readonly state: IncidentState;
  readonly at: Instant;
  readonly commands: Command[] = [];
  /** Something happened that people should see at once. */
  urgent = false;
  /** What the UPSes say was put together, for an outage that began then. */
  summedUp: { readonly outageSince: Instant | null } | null = null;
  readonly #edited = new Set<string>();
  /** Who has been told the clocks in this turn. */
  readonly #clocked = new Set<string>();
  #list: readonly StepProgress[];
  #own: StepProgress[] | null = null;

  constructor(before: IncidentState, at: Instant) {
    this.at = instant(Math.max(at, before.now));
    this.state = {
      ...before,
      now: this.at,
      power: before.power === null ? null : { ...before.power, ups: { ...before.power.ups } },
      heat: before.heat === null ? null : { ...before.heat, points: { ...before.heat.points } },
      told: { ...before.told },
      alerts: { ...before.alerts },
    };
    settle(before.steps);
    this.#list = stepList(this.state);
  }

  /** The step's progress, to be read. */
  step(id: string): Readonly<StepProgress> {
    const place = indexOf(this.state.definition).places.get(id);
    return place === undefined ? newStep() : this.progressAt(place);
  }

  /** The same by the step's place in the definition. */
  progressAt(place: number): Readonly<StepProgress> {
    return this.#list[place] ?? newStep();
  }

  /** The step's progress, to be changed. */
  edit(id: string): StepProgress {
    const present = this.state.steps[id] ?? newStep();
    if (this.#edited.has(id)) return present;
    return this.replace(id, { ...present });
  }

  /** In place of the step's progress; what this turn then changes of it is its own. */
  replace(id: string, progress: StepProgress): StepProgress {
    const { steps, list } = this.#ownSteps();
    const place = indexOf(this.state.definition).places.get(id);
    steps[id] = progress;
    if (place !== undefined) list[place] = progress;
    this.#edited.add(id);
    return progress;
  }

  /** The steps are copied when the first of them changes. */
  #ownSteps(): { steps: Record<string, StepProgress>; list: StepProgress[] } {
    if (this.#own === null) {
      this.#own = [...this.#list];
      this.#list = this.#own;
      this.state.steps = { ...this.state.steps };
      listedAs(this.state.steps, this.#own);
    }
    return { steps: this.state.steps, list: this.#own };
  }

  acts(): readonly ActDefinition[] {
    return indexOf(this.state.definition).acts;
  }

  /** One line of the record (I7). */
  record(
    kind: TimelineKind,
    what: Text,
    more: {
      who?: string;
      why?: Text | null;
      figures?: Figures;
      step?: string | null;
      urgent?: boolean;
    } = {},
  ): void {
    this.state.entries += 1;
    this.urgent ||= more.urgent ?? (kind !== 'clocks' && kind !== 'reading');
    this.commands.push({
      type: 'record',
      entry: {
        seq: this.state.entries,
        at: toIso(instant(this.at + this.state.offsetMs)),
        elapsedS: Math.round((this.at - (this.state.power?.outageSince ?? this.state.openedAt)) / 1000),
        kind,
        what,
        who: more.who ?? 'zhishou',
        why: more.why ?? null,
        // I7: a decision always names the figures of its moment.
        figures: kind === 'decision' ? { ...figuresOf(this.state), ...more.figures } : (more.figures ?? {}),
        step: more.step ?? null,
      },
    });
  }

  /** Who was rung in this turn because nobody has acknowledged: they have read all that is open for them. */
  readonly rung = new Set<FunctionName>();

  /** Tells people once per key; the key is made unique by the incident's id. */
  notify(
    key: string,
    named: readonly FunctionName[],
    severity: Severity,
    subject: Text,
    body: Text,
    step?: string,
    butNot: readonly string[] = [],
    byName: readonly string[] = [],
    channels?: readonly string[],
  ): void {
    const { mode, definition, id, lead, relapses } = this.state;
    // O-ORG-2: what is for the person on duty goes to whoever has taken the incident over.
    const taken = lead?.byHand === true && named.includes('duty');
    const functions = taken ? named.filter((name) => name !== 'duty') : named;
    const people = taken ? [...byName, lead.person.id] : byName;
    const request: NotificationRequest = {
      // In an outage after the first the same words are news again.
      key: relapses === 0 ? `${id}/${key}` : `${id}/again-${relapses}/${key}`,
      about: step === undefined ? { incident: id } : { incident: id, step },
      functions,
      people: [...new Set(people)],
      ...(butNot.length === 0 ? {} : { butNot }),
      ...(channels === undefined ? {} : { channels }),
      severity,
      subject,
      body: this.#withClocks(body, severity, key, [...functions, ...people]),
      drill: mode === 'drill' || mode === 'rehearsal',
      simulated: definition.site.simulated,
      phase: messagePhase(this.state, key, step),
      conversation: id,
    };
    this.commands.push({ type: 'notify', request });
    this.record('notification', subject, {
      step: step ?? null,
      figures: { to: [...functions, ...people].join(' ') },
      urgent: false,
    });
  }

  /** What is urgent in an outage says its clocks; what comes later is below and is cut first where there is little room. */
  #withClocks(body: Text, severity: Severity, key: string, to: readonly string[]): Text {
    if (severity !== 'high' || key.startsWith('cut/')) return body;
    // What one moment tells one person becomes one message: the clocks stand in it once.
    if (to.every((name) => this.#clocked.has(name))) return body;
    for (const name of to) this.#clocked.add(name);
    const line = clockLine(this.state, body);
    return line.zh === '' ? body : { zh: `${body.zh}\n${line.zh}`, en: `${body.en}\n${line.en}` };
  }

  /** True the first time it is asked for this key; until `forget`. */
  once(key: string): boolean {
    if (this.state.told[key] !== undefined) return false;
    this.state.told[key] = this.at;
    return true;
  }

  forget(key: string): void {
    delete this.state.told[key];
  }
}

export const definitionOf = (state: IncidentState, id: string): StepDefinition | undefined =>
  indexOf(state.definition).byId.get(id);
