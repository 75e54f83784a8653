import type { Action, Operation } from '#core/config/device.ts';
import { messageOf } from '#core/errors.ts';
import type { ActionContext, Cancel } from '#core/ports.ts';
import { QUIET } from '#core/quiet.ts';
import { type Instant, instant, milliseconds, toIso } from '#core/time.ts';
import type { IncidentsDependencies } from '../seams.ts';
import { operationOf } from './compile.ts';
import type { ActDefinition } from './definition.ts';
import type { Command, EventBody, VerifyCommand } from './events.ts';
import type { EvidenceView, IncidentState } from './state.ts';
import { definitionOf } from './turn.ts';

/** `then` is called directly after the event is durable. */
type Report = (event: EventBody, then?: () => void) => void;

/**
 * Carries out commands and looks for evidence. `begun` is written directly before the driver is called and `ended` directly
 * after, so that a crash leaves one of three traces: intent alone (never sent), begun alone (fate unknown), both.
 */
export class Executor {
  readonly #deps: IncidentsDependencies;
  readonly #report: Report;
  readonly #looks = new Map<string, Look>();
  #stopped = false;

  constructor(deps: IncidentsDependencies, report: Report) {
    this.#deps = deps;
    this.#report = report;
  }

  act(state: IncidentState, command: Extract<Command, { type: 'act' }>): void {
    const step = definitionOf(state, command.step);
    if (step?.kind !== 'act') return;
    const operation = this.#operation(step);
    const action = wayOf(operation, command.way);
    this.#report({ type: 'action-begun', step: step.id, run: command.run }, () => {
      void this.#run(state, step, action, command.run);
    });
  }

  async #run(state: IncidentState, step: ActDefinition, action: Action | null, run: string): Promise<void> {
    if (this.#stopped) return;
    const ended = (result: 'ok' | 'failed' | 'unknown', detail: string): void => {
      if (!this.#stopped) this.#report({ type: 'action-ended', step: step.id, run, result, detail });
    };
    if (action === null) {
      ended('failed', 'the configuration no longer has this operation');
      return;
    }
    try {
      const outcome = await this.#deps.actions.run(action, this.#context(state, step, run, this.#deps.clock.now()));
      ended(outcome.result, outcome.detail);
    } catch (error) {
      // A runner never throws; if it does its fate is unknown, and evidence decides.
      ended('unknown', messageOf(error));
    }
  }

  verify(state: IncidentState, command: VerifyCommand): void {
    this.stopVerify(command.step);
    const step = definitionOf(state, command.step);
    if (step?.kind !== 'act' || this.#stopped) return;
    const startedAt = instant(command.runStartedAt + state.offsetMs);
    const look: Look = {
      command,
      cancel: null,
      ended: false,
      begunAt: this.#deps.clock.monotonic(),
      askedAt: state.now,
    };
    this.#looks.set(command.step, look);
    void this.#lookNow(look, step, this.#context(state, step, command.run, startedAt));
  }

  stopVerify(step: string): void {
    const look = this.#looks.get(step);
    if (look === undefined) return;
    look.ended = true;
    look.cancel?.();
    this.#looks.delete(step);
  }

  stop(): void {
    this.#stopped = true;
    for (const step of [...this.#looks.keys()]) this.stopVerify(step);
  }

  /** Looks; tells when it says something new, is proven, or the time is up; looks again. */
  async #lookNow(look: Look, step: ActDefinition, context: ActionContext): Promise<void> {
    let items: readonly EvidenceView[] = [];
    try {
      const operation = this.#operation(step);
      if (operation !== undefined) items = await this.#deps.evidence.check(operation.verify, context);
    } catch (error) {
      this.#deps.log.warn({ step: step.id, error: messageOf(error) }, 'evidence could not be looked at');
    }
    this.#looked(look, step, context, items);
  }

  /** Where nothing need be waited for: a timer's word. */
  #lookAgain(look: Look, step: ActDefinition, context: ActionContext): typeof QUIET | undefined {
    const operation = this.#operation(step);
    const items = operation === undefined ? null : (this.#deps.evidence.checkNow?.(operation.verify, context) ?? null);
    if (items === null) {
      void this.#lookNow(look, step, context);
      return undefined;
    }
    this.#looked(look, step, context, items);
    return QUIET;
  }

  #looked(look: Look, step: ActDefinition, context: ActionContext, items: readonly EvidenceView[]): void {
    const { command } = look;
    if (look.ended || this.#stopped) return;
    const signature = items.map((item) => item.holds).join();
    const proven = items.length > 0 && items.every((item) => item.holds === true);
    const steadyNow = look.askedAt + (this.#deps.clock.monotonic() - look.begunAt);
    const timeUp = command.until !== null && steadyNow >= command.until;
    // Arranged before it is told: what is told may end this look.
    look.cancel = this.#deps.clock.after(milliseconds(command.everyMs), () => this.#lookAgain(look, step, context));
    if (proven || timeUp || look.told !== signature) {
      look.told = signature;
      this.#report({ type: 'verified', step: step.id, since: command.since, items });
    }
  }

  #operation(step: ActDefinition): Operation | undefined {
    return operationOf(
      this.#deps.config.devices.find((device) => device.id === step.device),
      step.operation,
    );
  }

  #context(state: IncidentState, step: ActDefinition, run: string, startedAt: Instant): ActionContext {
    return {
      run,
      limit: step.giveUpMs,
      values: {
        device: step.device,
        incident: state.id,
        run,
        started: toIso(startedAt),
        started_epoch: String(Math.floor(startedAt / 1000)),
      },
    };
  }
}

interface Look {
  readonly command: VerifyCommand;
  cancel: Cancel | null;
  ended: boolean;
  told?: string;
  readonly begunAt: number;
  readonly askedAt: number;
}

const wayOf = (operation: Operation | undefined, way: number): Action | null =>
  operation === undefined ? null : ([operation.by, ...operation.otherwise][way] ?? null);
