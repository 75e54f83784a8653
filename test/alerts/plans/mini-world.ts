import type { CommandBody } from '#core/command.ts';
import type { Config } from '#core/config/config.ts';
import type { Action, Evidence } from '#core/config/device.ts';
import type { IncidentView } from '#core/incident.ts';
import type { NotificationRequest } from '#core/notification.ts';
import type { ActionContext, ActionOutcome, Journal, JournalRecord } from '#core/ports.ts';
import type { Value } from '#core/reading.ts';
import { type Duration, type Instant, milliseconds, minutes, seconds } from '#core/time.ts';
import { createVirtualClock, type VirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { openStateStore } from '#platform/state-store.ts';
import { createIncidents } from '#services/alerts/plans/incidents.ts';
import { createRota } from '#services/alerts/rota/rota.ts';
import type { EvidenceItem, Incidents } from '#services/alerts/seams.ts';
import { readingOf } from './mini-journal.ts';
import { EMPTY, type Fault, type Machine, newMachines, OUTLETS, PORTS, TAKES, TICK_S } from './mini-machines.ts';
import { alertOf, MONDAY, mainsLost, sampleConfig } from './outage-rig.ts';

/**
 * A very small room for thousands of runs: a battery that empties in proportion to the load, machines that take their time, a
 * UPS read every five seconds. It has no sockets, no profiles, no collector; the simulated room proper is in outage-rig.ts.
 */

export interface MiniOptions {
  readonly at?: Instant;
  readonly config?: Config;
  /** Full battery at 2,400 W. */
  readonly battery?: Duration;
  readonly charge?: number;
  readonly firmwareFactor?: number;
  readonly faults?: Readonly<Record<string, Fault>>;
  readonly armed?: boolean;
  readonly mode?: 'drill' | 'rehearsal' | null;
  readonly journal?: Journal;
  /** Kill the product at this journal write (from 1), before or after it is durable; it comes back five seconds later. */
  readonly kill?: { readonly write: number; readonly when: 'before' | 'after' };
}

export class MiniWorld {
  readonly clock: VirtualClock;
  readonly machines = newMachines();
  /** Everything that reached a device, in order. */
  readonly commands: { at: number; device: string; what: string; accepted: boolean }[] = [];
  readonly told = new Map<string, NotificationRequest>();
  readonly polls: { device: string; everyMs: number | null }[] = [];
  readonly records: JournalRecord[] = [];
  readonly #options: MiniOptions;
  readonly #state = openStateStore(':memory:');
  mains = true;
  silent = false;
  /** Overrides what the UPS says. */
  status: string | null = null;
  sample: Partial<Record<'battery.charge' | 'battery.runtime', Value | null>> = {};
  armed: boolean;
  charge: number;
  dead = false;
  kills = 0;
  writes = 0;
  lostMainsAt = 0;
  #batterySince: number | null = null;
  #alerted = false;
  readonly #alerts = new Map<string, number>();
  temperature = 24;
  incidents: Incidents;
  latest: IncidentView | null = null;
  published = 0;

  constructor(options: MiniOptions = {}) {
    this.#options = options;
    this.clock = createVirtualClock(options.at ?? MONDAY);
    this.armed = options.armed ?? true;
    this.charge = options.charge ?? 100;
    this.incidents = this.#product();
    this.incidents.start();
    this.#physics();
    this.#poll();
  }

  get config(): Config {
    return this.#options.config ?? sampleConfig();
  }

  load(): number {
    let watts = 0;
    for (const machine of this.machines.values()) if (machine.on) watts += machine.state === 'off' ? 8 : machine.watts;
    return watts;
  }

  /** True seconds to empty at the present load. */
  remainingS(): number {
    const full = (this.#options.battery ?? minutes(60)) / 1000;
    return (full * Math.max(0, (this.charge - EMPTY) / (100 - EMPTY)) * 2400) / Math.max(1, this.load());
  }

  #physics(): void {
    this.clock.after(milliseconds(TICK_S * 1000), () => {
      if (this.mains) this.charge = Math.min(100, this.charge + 0.05 * TICK_S);
      else if (this.charge > 0) {
        const full = (this.#options.battery ?? minutes(60)) / 1000;
        this.charge -= (TICK_S * (100 - EMPTY) * this.load()) / (full * 2400);
        if (this.charge <= EMPTY) this.#blackout();
      }
      this.#physics();
    });
  }

  #blackout(): void {
    this.charge = 0;
    for (const machine of this.machines.values()) {
      if (machine.on && machine.state !== 'off') machine.lost = true;
      machine.state = 'off';
    }
  }

  #poll(): void {
    this.clock.after(seconds(5), () => {
      if (!this.silent && this.charge > 0) this.read();
      this.#poll();
    });
  }

  /** One reading of the UPS, as the collector would hand it over. */
  read(): void {
    const now = this.clock.now();
    const status = this.status ?? (this.mains ? 'OL' : 'OB DISCHRG');
    const factor = this.#options.firmwareFactor ?? 1;
    const values: [string, Value | null][] = [
      ['ups.status', status],
      ['battery.charge', this.sample['battery.charge'] ?? Math.round(this.charge)],
      ['battery.runtime', this.sample['battery.runtime'] ?? Math.floor((this.remainingS() * factor) / 60) * 60],
      ['ups.realpower', this.load()],
    ];
    if (this.dead) return;
    if (!status.includes('OB')) {
      this.#batterySince = null;
      this.#alerted = false;
    } else this.#batterySince ??= now;
    const reading = (point: string, value: Value | null, device = 'ups-1') =>
      ({
        device,
        point,
        value,
        quality: value === null ? 'missing' : 'good',
        measuredAt: now,
        receivedAt: now,
        changedAt: now,
        simulated: true,
      }) as const;
    this.incidents.onReadings({
      device: 'ups-1',
      at: now,
      cause: 'schedule',
      readings: values.map(([point, value]) => reading(point, value)),
    });
    this.incidents.onReadings({
      device: 'th-1',
      at: now,
      cause: 'message',
      readings: [reading('ambient.temperature', this.temperature, 'th-1')],
    });
    if (this.#batterySince === null || this.#alerted || this.dead) return;
    this.#alerted = true;
    this.incidents.onAlert(mainsLost(this.#batterySince));
  }

  setMains(present: boolean): void {
    this.mains = present;
    if (!present) this.lostMainsAt = this.clock.now();
    else
      for (const machine of this.machines.values())
        if (machine.on && machine.state === 'off' && machine.lost) machine.state = 'off';
    this.read();
  }

  run(length: Duration): Promise<void> {
    return this.clock.advanceByAsync(length);
  }

  async until(test: (view: IncidentView) => boolean, limit: Duration): Promise<boolean> {
    const end = this.clock.now() + limit;
    while (this.clock.now() < end) {
      if (this.latest !== null && test(this.view())) return true;
      await this.clock.advanceByAsync(seconds(10));
    }
    return test(this.view());
  }

  view(): IncidentView {
    const view = this.incidents.views().at(-1) ?? this.latest;
    if (view === null) throw new Error('no incident');
    return view;
  }

  step(id: string) {
    const step = this.view().steps.find((one) => one.id === id);
    if (step === undefined) throw new Error(`no step ${id}`);
    return step;
  }

  #commandIds = 0;
  order(body: CommandBody, user = 'gao-jie') {
    return this.incidents.onCommand({
      id: `c-${++this.#commandIds}`,
      at: this.clock.now(),
      by: { user, name: user, role: 'operator' },
      body,
      signature: '',
    });
  }

  /** An alert as the rules would hand it over; the same firing until it was cleared. */
  alert(rule: string, device: string, firing = true): void {
    const since = this.#alerts.get(`${rule}/${device}`) ?? this.clock.now();
    if (firing) this.#alerts.set(`${rule}/${device}`, since);
    else this.#alerts.delete(`${rule}/${device}`);
    if (!this.dead) this.incidents.onAlert(alertOf(rule, device, since, firing));
  }

  answer(answer: string, more: { minutes?: number; until?: string } = {}) {
    return this.order({ kind: 'incident.answer', incident: this.view().id, step: 'ask-outlook', answer, ...more });
  }

  accepted(): string[] {
    return this.commands.filter((one) => one.accepted).map((one) => `${one.device} ${one.what}`);
  }

  /** Kills the product and starts another on the same journal, `after` later. */
  crash(after: Duration = seconds(5)): void {
    this.dead = true;
    const old = this.incidents;
    this.clock.after(after, () => {
      void old.stop();
      this.dead = false;
      // Alerts that still fire are handed over again at each start (L12).
      this.#alerted = false;
      this.incidents = this.#product();
      this.incidents.start();
    });
  }

  #journal(): Journal {
    if (this.#options.journal !== undefined) return this.#options.journal;
    return {
      append: (batch) => {
        if (this.dead) throw new Error('the process is dead');
        this.writes += 1;
        const kill = this.#options.kill?.write === this.writes && this.kills === 0 ? this.#options.kill : null;
        if (kill?.when === 'before') this.#die();
        // Through JSON, as the disk would keep it.
        const made = batch.map(
          (one, i): JournalRecord => ({
            ...(JSON.parse(JSON.stringify(one)) as typeof one),
            seq: this.records.length + 1 + i,
            hash: '',
          }),
        );
        this.records.push(...made);
        if (kill?.when === 'after') this.#die();
        return made;
      },
      verify: () => null,
      close: () => {},
      ...readingOf(this.records),
    };
  }

  #die(): never {
    this.kills += 1;
    this.crash();
    throw new Error('killed');
  }

  #product(): Incidents {
    const life = { dead: false };
    const own: { incidents: Incidents | null } = { incidents: null };
    const alive = (): boolean =>
      !this.dead && (own.incidents === null || own.incidents === this.incidents) && !life.dead;
    const never = new Promise<never>(() => {});
    own.incidents = createIncidents({
      config: this.config,
      clock: this.clock,
      journal: this.#journal(),
      state: this.#state,
      log: silentLog,
      metrics: createMetrics(),
      actions: {
        describe: (action) => Object.keys(action)[0] ?? '',
        run: (action, context) => (alive() ? this.#act(action, context) : never),
        test: async () => ({ result: 'ok', detail: 'nothing to test' }),
      },
      evidence: { check: (evidence, context) => (alive() ? this.#check(evidence, context) : never) },
      rota: createRota(this.config),
      notify: (request) => {
        if (alive() && !this.told.has(request.key)) this.told.set(request.key, request);
      },
      publish: (view) => {
        this.published += 1;
        if (alive()) this.latest = view;
      },
      poll: (device, everyMs) => {
        if (alive()) this.polls.push({ device, everyMs });
      },
      armed: () => this.armed,
      forcedMode: this.#options.mode === undefined ? 'drill' : this.#options.mode,
    });
    return own.incidents;
  }

  #act(action: Action, context: ActionContext): Promise<ActionOutcome> {
    if ('ssh' in action) return this.#ssh(PORTS[action.ssh.port] ?? '', action.ssh.command, context);
    if (!('snmp_set' in action)) return Promise.resolve({ result: 'failed', detail: 'nothing here' });
    const device = OUTLETS[Number(action.snmp_set.index)] ?? '';
    const machine = this.machines.get(device);
    const on = action.snmp_set.control === 'outlet.on';
    if (machine === undefined) return Promise.resolve({ result: 'failed', detail: 'no such outlet' });
    const stuck = this.#options.faults?.[device] === 'unstoppable';
    this.#note(device, on ? 'outlet-on' : 'outlet-off', !stuck && machine.on !== on);
    if (stuck) return Promise.resolve({ result: 'failed', detail: 'the agent refused' });
    if (machine.on !== on) this.#setOutlet(device, machine, on);
    return Promise.resolve({ result: 'ok', detail: 'set' });
  }

  #setOutlet(device: string, machine: Machine, on: boolean): void {
    machine.on = on;
    if (!on) {
      if (machine.state === 'running' && device.startsWith('server')) machine.lost = true;
      machine.state = 'off';
      return;
    }
    machine.state = 'starting';
    this.clock.after(TAKES.boot, () => {
      if (machine.state === 'starting') machine.state = 'running';
    });
  }

  #note(device: string, what: string, accepted: boolean): void {
    this.commands.push({ at: this.clock.now(), device, what, accepted });
  }

  #ssh(device: string, command: string, context: ActionContext): Promise<ActionOutcome> {
    const machine = this.machines.get(device);
    const fault = this.#options.faults?.[device];
    const kind = command.includes('shutdown') ? 'shutdown' : command.includes('verify') ? 'verify' : 'backup';
    if (machine?.state !== 'running') return Promise.resolve({ result: 'failed', detail: 'connection refused' });
    if (fault === 'login-refused') return Promise.resolve({ result: 'failed', detail: 'login refused' });
    const run = (context.values.run ?? '').replace('/verify', '');
    if (kind === 'verify')
      return Promise.resolve({ result: machine.backups.has(run) ? 'ok' : 'failed', detail: run, exitCode: 1 });
    this.#note(device, kind === 'backup' ? `backup ${run.split('/').slice(1).join('/')}` : kind, true);
    if (kind === 'shutdown') return Promise.resolve(this.#shutdown(machine, fault));
    if (fault === 'backup-fails') return Promise.resolve({ result: 'failed', detail: 'exit code 1' });
    return new Promise((resolve) => {
      const take = fault === 'backup-hangs' ? context.limit : TAKES.backup;
      this.clock.after(milliseconds(take), () => {
        if (fault !== 'backup-hangs' && machine.state === 'running') machine.backups.add(run);
        resolve(
          machine.backups.has(run) ? { result: 'ok', detail: 'complete' } : { result: 'unknown', detail: 'lost' },
        );
      });
    });
  }

  #shutdown(machine: Machine, fault: Fault | undefined): ActionOutcome {
    machine.state = 'stopping';
    if (fault !== 'shutdown-hangs' && fault !== 'unstoppable') {
      this.clock.after(TAKES.shutdown, () => {
        if (machine.state === 'stopping') machine.state = 'off';
      });
    }
    return { result: 'ok', detail: 'scheduled' };
  }

  async #check(evidence: readonly Evidence[], context: ActionContext): Promise<readonly EvidenceItem[]> {
    return Promise.all(evidence.map((one) => this.#checkOne(one, context)));
  }

  async #checkOne(evidence: Evidence, context: ActionContext): Promise<EvidenceItem> {
    if ('tcp' in evidence) {
      const state = this.machines.get(PORTS[evidence.tcp.port] ?? '')?.state;
      const open = state === 'running' || state === 'stopping';
      return { kind: 'tcp', holds: open === (evidence.is === 'open'), detail: open ? 'open' : 'closed' };
    }
    if ('command' in evidence) {
      const outcome = await this.#act(evidence.command, context);
      return { kind: 'command', holds: outcome.result === 'ok', detail: outcome.detail };
    }
    if (!('point' in evidence)) return { kind: 'command', holds: null, detail: 'not in this world' };
    const machine = this.machines.get(OUTLETS[Number(evidence.point.point.split('.')[1])] ?? '');
    const watts = machine === undefined || !machine.on ? 0 : machine.state === 'off' ? 8 : machine.watts;
    const value: Value = evidence.point.point.endsWith('status') ? (machine?.on ? 'on' : 'off') : watts;
    const holds =
      'is' in evidence
        ? value === evidence.is
        : 'below' in evidence
          ? Number(value) < evidence.below
          : Number(value) > evidence.above;
    return { kind: 'point', holds, detail: `${evidence.point.point} is ${String(value)}` };
  }
}
