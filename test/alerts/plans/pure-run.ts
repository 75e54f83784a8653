import type { Config } from '#core/config/config.ts';
import type { Plan } from '#core/config/plan.ts';
import type { IncidentMode } from '#core/incident.ts';
import type { Value } from '#core/reading.ts';
import { type Instant, instant } from '#core/time.ts';
import { compileIncident } from '#services/alerts/plans/compile.ts';
import { decide } from '#services/alerts/plans/decide.ts';
import type { Command, EventBody, IncidentEvent, PowerSample } from '#services/alerts/plans/events.ts';
import type { IncidentState, PlannedWindow } from '#services/alerts/plans/state.ts';
import { MONDAY } from './outage-rig.ts';

/**
 * The decision function alone, with the least that carries out its commands: each act takes `takesMs`, then its evidence holds.
 * For courses whose readings are given as a table.
 */
export interface PureOptions {
  readonly config: Config;
  readonly plan: string;
  readonly mode?: IncidentMode;
  readonly trigger?: string;
  readonly planned?: PlannedWindow | null;
  readonly samples?: readonly PowerSample[];
  readonly outageSince?: Instant | null;
  readonly points?: Readonly<Record<string, Value>>;
  /** How long an act on this step takes; null: it never comes about. */
  readonly takesMs?: (step: string, way: number) => number | null;
  readonly change?: (plan: Plan) => Plan;
}

export class PureRun {
  state: IncidentState;
  now: Instant = MONDAY;
  readonly commands: { at: Instant; command: Command }[] = [];
  readonly events: IncidentEvent[] = [];
  readonly #options: PureOptions;
  readonly #running = new Map<string, { run: string; doneAt: number | null }>();
  readonly #looks = new Map<string, { since: Instant; until: Instant | null }>();
  #timer: Instant | null = null;

  constructor(options: PureOptions) {
    this.#options = options;
    const found = options.config.plans.find((one) => one.id === options.plan);
    if (found === undefined) throw new Error(`no plan ${options.plan}`);
    const definition = compileIncident(options.change?.(found) ?? found, {
      config: options.config,
      recordedP95: () => null,
      describe: (action) => Object.keys(action)[0] ?? '',
    });
    const opened: IncidentEvent = {
      type: 'opened',
      at: this.now,
      people: { working: true, duty: null },
      incident: 'inc-test',
      definition,
      mode: options.mode ?? 'drill',
      armed: true,
      trigger: options.trigger ?? 'test',
      cause: { zh: '试验', en: 'test' },
      by: 'zhishou',
      outageSince: options.outageSince ?? null,
      samples: options.samples ?? [],
      points: options.points ?? {},
      alerts: {},
      planned: options.planned ?? null,
    };
    const { state, commands } = decide(null, opened);
    this.state = state;
    this.events.push(opened);
    this.#take(commands);
  }

  handle(body: EventBody): void {
    const event: IncidentEvent = { ...body, at: this.now };
    this.events.push(event);
    const { state, commands } = decide(this.state, event);
    this.state = state;
    this.#take(commands);
  }

  /** Lets time pass, second by second where something is due. */
  run(ms: number, every?: { readonly ms: number; readonly say: (now: Instant) => EventBody | null }): void {
    const end = this.now + ms;
    let next = every === undefined ? Number.POSITIVE_INFINITY : this.now + every.ms;
    while (this.now < end && this.state.phase !== 'closed') {
      this.now = instant(this.now + 1000);
      this.#settle();
      if (this.#timer !== null && this.now >= this.#timer) {
        this.#timer = null;
        this.handle({ type: 'timer' });
      }
      if (every !== undefined && this.now >= next) {
        next += every.ms;
        const body = every.say(this.now);
        if (body !== null) this.handle(body);
      }
    }
    if (this.now < end) this.now = instant(end);
  }

  acts(): string[] {
    return this.commands.flatMap(({ command }) => (command.type === 'act' ? [`${command.step}/${command.way}`] : []));
  }

  told(part: string): boolean {
    return this.commands.some(({ command }) => command.type === 'notify' && command.request.key.includes(part));
  }

  lines(): string[] {
    return this.commands.flatMap(({ command }) => (command.type === 'record' ? [command.entry.what.en] : []));
  }

  whyOf(what: string): string {
    const found = this.commands.findLast(
      ({ command }) =>
        command.type === 'record' && command.entry.kind !== 'notification' && command.entry.what.en.startsWith(what),
    );
    return found?.command.type === 'record' ? (found.command.entry.why?.en ?? '') : '';
  }

  #take(commands: readonly Command[]): void {
    for (const command of commands) {
      this.commands.push({ at: this.now, command });
      if (command.type === 'timer') this.#timer = command.at;
      else if (command.type === 'verify') this.#looks.set(command.step, command);
      else if (command.type === 'stop-verify') this.#looks.delete(command.step);
    }
    // After all of the commands, as the shell does: one event at a time.
    for (const command of commands) if (command.type === 'act') this.#act(command);
  }

  #act({ step, run, way }: Extract<Command, { type: 'act' }>): void {
    const takes = this.#options.takesMs?.(step, way) ?? null;
    const length = this.#options.takesMs === undefined ? 30_000 : takes;
    this.#running.set(step, { run, doneAt: length === null ? null : this.now + length });
    this.handle({ type: 'action-begun', step, run });
    this.handle({ type: 'action-ended', step, run, result: 'ok', detail: '' });
  }

  /** Evidence, looked at each second. */
  #settle(): void {
    for (const [step, look] of [...this.#looks]) {
      if (this.#looks.get(step) !== look) continue;
      const running = this.#running.get(step);
      const holds = running?.doneAt != null && this.now >= running.doneAt;
      const late = look.until !== null && this.now >= look.until;
      const before = this.state.steps[step]?.verify?.purpose === 'before';
      if (!holds && !late && !before) continue;
      this.handle({
        type: 'verified',
        step,
        since: look.since,
        items: [{ kind: 'tcp', holds, detail: holds ? 'closed' : 'open' }],
      });
    }
  }
}
