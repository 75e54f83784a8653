import type { PersonCommand } from '#core/command.ts';
import type { Config } from '#core/config/config.ts';
import type { FunctionName, Person } from '#core/config/people.ts';
import type { NotificationRequest } from '#core/notification.ts';
import type { Cancel, Clock, Journal, Log } from '#core/ports.ts';
import type { HandOverNote, RotaChange, RotaView } from '#core/rota/changes.ts';
import type { Layer, Span } from '#core/rota/layer.ts';
import { earliest, fromIso, hours, type Instant, milliseconds, plus, toIso } from '#core/time.ts';
import { carriedOut, type OrderAnswer, type Refusal, refusal, refused } from '../order-answer.ts';
import type { UnitOfWork } from '../unit-of-work.ts';
import type { LiveRota } from './rota.ts';
import {
  isRefusal,
  judgeCancel,
  judgeCover,
  judgeNote,
  judgeSwap,
  type RotaNow,
  replacedBy,
  type Wanted,
} from './rota-orders.ts';
import { changeTexts, createWords, handOverTexts, type OpenMatters, type Told } from './rota-texts.ts';

/**
 * The rota as it runs: what people change of it is kept with who, when and why, and holds at once for everything that asks who is on
 * duty; at each hand-over whoever takes over is told what they take over, and until they have said so the page shows that they have
 * not.
 */
export interface RotaDesk {
  /** Takes the changes over. Before anything asks who is on duty. */
  restore(): void;
  /** Tells of a hand-over that came while nobody was there to tell it, then of each as it comes. */
  start(): void;
  stop(): void;
  publish(): void;
  /** Handles `rota.*`; durable when it returns. */
  onCommand(command: PersonCommand): OrderAnswer;
}

export interface RotaDeskDependencies {
  readonly config: Config;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly work: UnitOfWork;
  readonly log: Log;
  readonly rota: LiveRota;
  readonly publishView: (view: RotaView) => void;
  readonly tell: (request: NotificationRequest) => unknown;
  readonly open: () => OpenMatters;
  /** Somebody else has a turn now, or will have: at the moment it is so. */
  readonly onTurn: () => void;
}

/** Who has a rotation, as it was last seen. */
interface Holder {
  readonly person: string | null;
  /** Since when, ISO 8601. */
  readonly since: string;
  readonly turn: string | null;
  readonly accepted: boolean;
}

const CHANGE = 'rota/change/';
const NOTE = 'rota/note/';
const HOLDER = 'rota/holder/';
const MOST = 2000;
/** For so long it is known who was on duty and why. */
const KEPT = hours(400 * 24);
/** A timer that is far ahead is set anew on the way: nothing is lost when a clock is set. */
const FARTHEST_LOOK = hours(24);
const WRONG_ORDER = refusal('BAD_REQUEST', '这不是针对排班的命令', 'this order is not for the rota');

export function createRotaDesk(dependencies: RotaDeskDependencies): RotaDesk {
  const { config, clock, journal, work, log, rota } = dependencies;
  const changes: RotaChange[] = [];
  const notes = new Map<string, HandOverNote>();
  const holders = new Map<FunctionName, Holder>();
  let cancel: Cancel | null = null;
  let stopped = false;

  const words = createWords(config.site.time_zone, config.people.people, rota.layers());
  const personOf = (id: string | null): Person | null => config.people.people.find((one) => one.id === id) ?? null;
  const publish = (): void => dependencies.publishView(viewOf(rota.layers(), changes, notes, holders, clock.now()));

  function say(key: string, people: readonly string[], { subject, body }: Told, conversation: string): void {
    if (people.length === 0) return;
    const simulated = config.site.simulation;
    const to = { functions: [], people: [...new Set(people)], about: {}, severity: 'low' as const };
    dependencies.tell({ ...to, key, subject, body, conversation, phase: 'information', drill: false, simulated });
  }

  /** All that a change means, durable before anything follows from it. */
  function keep(change: RotaChange, kind: string, told: () => void): void {
    journal.append([{ at: clock.now(), stream: 'site', kind, body: change }]);
    work.run(() => {
      const known = changes.findIndex(({ id }) => id === change.id);
      if (known < 0) changes.push(change);
      else changes[known] = change;
      work.store.set(CHANGE + change.id, change);
      told();
    });
    log.warn({ change: change.id, role: change.role, by: change.by, why: change.reason }, kind);
    rota.useChanges(changes);
    turn();
    dependencies.onTurn();
  }

  /** Looks who has each rotation now, and again when that changes. */
  function turn(): void {
    cancel?.();
    cancel = null;
    if (stopped) return;
    const now = clock.now();
    const spans = rota.layers().map((layer) => ({ layer, span: layer.spanAt(now) }));
    const changed = spans.filter(({ layer, span }) => takeOver(layer, span, now));
    publish();
    if (changed.length > 0) dependencies.onTurn();
    const next = earliest(...spans.map(({ span }) => span.until), plus(now, FARTHEST_LOOK));
    cancel = clock.after(milliseconds(Math.max(1, next - now)), turn);
  }

  /** True: somebody else than before. */
  function takeOver(layer: Layer, span: Span, now: Instant): boolean {
    const { role } = layer;
    const before = holders.get(role);
    if (before !== undefined && before.person === span.person) return false;
    const person = personOf(span.person);
    const since = toIso(before === undefined ? now : (latestStart(layer, span, before, now) ?? now));
    // Whoever has it at the very first start has it already.
    const holder = { person: span.person, since, turn: span.turn, accepted: before === undefined };
    work.run(() => {
      holders.set(role, holder);
      work.store.set(HOLDER + role, holder);
      if (before === undefined || person === null) return;
      const until = endOf(layer, span);
      const note = notes.get(before.turn ?? '') ?? null;
      const told = handOverTexts(
        { role, before: personOf(before.person), until, note, open: dependencies.open() },
        words,
      );
      say(`rota/hand-over/${role}/${since}`, [person.id], told, `rota/${role}`);
    });
    if (before === undefined) return false;
    log.info({ role, from: before.person, to: span.person }, 'the duty was handed over');
    return true;
  }

  function carryOut(command: PersonCommand): OrderAnswer {
    const { body, by } = command;
    const at: RotaNow = { layers: rota.layers(), changes, people: config.people.people, now: clock.now() };
    const answer = (why: Refusal): OrderAnswer => refused(command, why);
    switch (body.kind) {
      case 'rota.swap':
      case 'rota.cover': {
        const wanted = body.kind === 'rota.swap' ? judgeSwap(body, by, at) : judgeCover(body, by, at);
        if (isRefusal(wanted)) return answer(wanted);
        return changes.length >= MOST
          ? answer(refusal('TOO_MANY', '排班调整太多', 'too many changes of the rota'))
          : carriedOut(command, make(wanted, by.user));
      }
      case 'rota.cancel': {
        const change = judgeCancel(body, by, at);
        if (isRefusal(change)) return answer(change);
        callOff(change, by.user);
        return carriedOut(command, change.id);
      }
      case 'rota.note': {
        const wrong = judgeNote(body, at);
        if (wrong !== null) return answer(wrong);
        write({ turn: body.turn, text: body.text, by: by.user, at: toIso(at.now) });
        return carriedOut(command);
      }
      case 'rota.accept':
        return accept(command, body.role);
      default:
        return answer(WRONG_ORDER);
    }
  }

  function make(wanted: Wanted, by: string): string {
    const number = Math.max(0, ...changes.map(({ id }) => Number(id.slice(5)))) + 1;
    const id = `rota-${String(number).padStart(5, '0')}`;
    const change: RotaChange = { ...wanted, id, by, at: toIso(clock.now()), cancelled: null };
    const layer = rota.layers().find(({ role }) => role === change.role);
    const people = concerned(change, layer);
    keep(change, change.kind === 'swap' ? 'rota.swapped' : 'rota.covered', () =>
      say(`rota/change/${id}`, people, changeTexts(change, words, layer, null), `rota/${change.role}`),
    );
    return id;
  }

  function callOff(change: RotaChange, by: string): void {
    const off: RotaChange = { ...change, cancelled: { by, at: toIso(clock.now()) } };
    const layer = rota.layers().find(({ role }) => role === change.role);
    const people = [...concerned(change, layer), ...(change.kind === 'cover' ? underneath(change, layer) : [])];
    keep(off, 'rota.cancelled', () =>
      say(`rota/change/${change.id}/off`, people, changeTexts(change, words, layer, by), `rota/${change.role}`),
    );
  }

  function write(note: HandOverNote): void {
    journal.append([{ at: clock.now(), stream: 'site', kind: 'rota.note', body: note }]);
    work.run(() => {
      if (note.text === '') {
        notes.delete(note.turn);
        work.store.delete(NOTE + note.turn);
      } else {
        notes.set(note.turn, note);
        work.store.set(NOTE + note.turn, note);
      }
    });
    publish();
  }

  function accept(command: PersonCommand, role: FunctionName): OrderAnswer {
    const holder = holders.get(role);
    if (holder == null || holder.person === null)
      return refused(command, refusal('CONFLICT', '现在无人值班', 'nobody has it now'));
    if (holder.person !== command.by.user)
      return refused(command, refusal('FORBIDDEN', '只有接班的人能确认', 'only whoever took over can say so'));
    if (!holder.accepted) {
      const body = { role, person: holder.person, since: holder.since };
      journal.append([{ at: clock.now(), stream: 'site', kind: 'rota.accepted', body }]);
      holders.set(role, { ...holder, accepted: true });
      work.run(() => work.store.set(HOLDER + role, { ...holder, accepted: true }));
      publish();
    }
    return carriedOut(command);
  }

  /** Whose time it would have been without the cover. */
  function underneath(change: RotaChange & { kind: 'cover' }, layer: Layer | undefined): string[] {
    const turn = layer?.turnAt(fromIso(change.from) ?? clock.now());
    return turn?.person == null ? [] : [turn.person];
  }

  return {
    restore() {
      const old = toIso(plus(clock.now(), milliseconds(-KEPT)));
      for (const [key, value] of [...work.store.entries(CHANGE)]) {
        const change = value as RotaChange;
        if (change.at < old && (change.kind === 'swap' || change.to < old)) work.store.delete(key);
        else changes.push(change);
      }
      for (const [key, value] of [...work.store.entries(NOTE)]) {
        const note = value as HandOverNote;
        if (note.at < old) work.store.delete(key);
        else notes.set(note.turn, note);
      }
      for (const [key, value] of work.store.entries(HOLDER))
        holders.set(key.slice(HOLDER.length) as FunctionName, value as Holder);
      if (changes.length > 0) rota.useChanges(changes);
    },
    start: turn,
    stop() {
      stopped = true;
      cancel?.();
      cancel = null;
    },
    publish,
    onCommand: carryOut,
  };
}

/** The two whom a change concerns: of a cover, who stands in and whose time it was. */
function concerned(change: RotaChange, layer: Layer | undefined): string[] {
  if (change.kind === 'swap') return [change.a.person, change.b.person];
  const [from, to] = [fromIso(change.from), fromIso(change.to)];
  const before = layer === undefined || from === null || to === null ? [] : replacedBy(layer, from, to);
  return [change.person, ...before.filter((one) => one !== null)];
}

/** When the present holder's time began, if that was after the one before had it; null: nobody can say. */
function latestStart(layer: Layer, span: Span, before: Holder, now: Instant): Instant | null {
  const since = fromIso(before.since);
  if (since === null || since >= now) return null;
  return layer.spans(since, now).findLast(({ person }) => person !== span.person)?.until ?? null;
}

/** The end of the person's time, over turns and covers of their own. */
function endOf(layer: Layer, span: Span): Instant {
  const next = layer.spans(span.until, plus(span.until, hours(31 * 24))).find(({ person }) => person !== span.person);
  return next === undefined ? span.until : next.from < span.until ? span.until : next.from;
}

function viewOf(
  layers: readonly Layer[],
  changes: readonly RotaChange[],
  notes: ReadonlyMap<string, HandOverNote>,
  holders: ReadonlyMap<FunctionName, Holder>,
  now: Instant,
): RotaView {
  return {
    at: toIso(now),
    layers: layers.map((layer) => {
      const span = layer.spanAt(now);
      const holder = holders.get(layer.role);
      const waits = holder !== undefined && holder.person !== null && holder.person === span.person && !holder.accepted;
      return {
        role: layer.role,
        person: span.person,
        turn: span.turn,
        until: toIso(endOf(layer, span)),
        unacceptedSince: waits ? holder.since : null,
      };
    }),
    changes: [...changes],
    notes: [...notes.values()],
  };
}
