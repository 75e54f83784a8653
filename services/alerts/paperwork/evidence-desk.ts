import type { PersonCommand } from '#core/command.ts';
import type { Config } from '#core/config/config.ts';
import { planSteps } from '#core/config/plan.ts';
import type { IncidentView } from '#core/incident.ts';
import type { PaperworkFacts } from '#core/paperwork/facts.ts';
import type { Cancel, Clock, StateStore } from '#core/ports.ts';
import type { Reading } from '#core/reading.ts';
import type { Text } from '#core/text.ts';
import { type Duration, fromIso, hours, type Instant, milliseconds, minus, minutes, plus, toIso } from '#core/time.ts';
import { readAlertLog } from '../lifecycle/alert-log.ts';
import { createSiteClock } from '../lifecycle/site-clock.ts';
import type { Incidents } from '../seams.ts';

/**
 * O-THF-2: what an investigation asks first is written into the incident's own record: who was in the rooms by the register, doors and motion,
 * and the alerts around the time. Once when it opens, for the day before, and once half an hour later, for what came since.
 */
export interface EvidenceDesk {
  onReadings(device: string, readings: readonly Reading[]): void;
  onIncident(view: IncidentView): void;
  stop(): void;
}

export interface EvidenceDeskDependencies {
  readonly config: Config;
  readonly clock: Clock;
  readonly state: Pick<StateStore, 'get'>;
  readonly facts: () => PaperworkFacts | null;
  readonly titleOf: (rule: string, device: string) => Text | null;
  readonly incidents: () => Pick<Incidents, 'onCommand' | 'views'> | null;
}

interface Movement {
  readonly at: Instant;
  readonly device: string;
  readonly point: string;
  readonly value: boolean;
}

const BEFORE: Duration = hours(24);
const AGAIN_AFTER: Duration = minutes(30);
/** A note holds 1,000 characters. */
const LONGEST = 950;
const MOST_MOVEMENTS = 500;
const MOVING = new Set(['room.door', 'room.motion']);

export function createEvidenceDesk(dependencies: EvidenceDeskDependencies): EvidenceDesk {
  const { config, clock, state, incidents } = dependencies;
  const collects = new Set(
    config.plans
      .filter((plan) => planSteps(plan).some(({ obligations }) => obligations.includes('O-THF-2')))
      .map(({ id }) => id),
  );
  const names = new Map(config.devices.map(({ id, name }) => [id, name]));
  const sensors = new Set(
    collects.size === 0 ? [] : config.devices.flatMap(({ id, kind }) => (kind === 'sensor' ? [id] : [])),
  );
  const siteClock = createSiteClock(config.site.time_zone);
  const last = new Map<string, boolean>();
  const movements: Movement[] = [];
  /** By incident. */
  const timers = new Map<string, Cancel>();
  let stopped = false;

  const l = config.site.language;
  const nameOf = (device: string): string => (names.get(device) ?? { zh: device, en: device })[l];
  const time = (at: string): string => siteClock.time(at, clock.now());

  /** The parts that were written already, by the record itself: a kill repeats none. */
  const written = (view: IncidentView, part: Part): boolean =>
    view.timeline.some(
      ({ who, what, why }) => who === 'zhishou' && `${what[l]} ${why?.[l] ?? ''}`.includes(HEADS[part][l]),
    );

  function plan(view: IncidentView): void {
    if (timers.has(view.id) || stopped) return;
    const opened = fromIso(view.openedAt) ?? clock.now();
    const part: Part | null = !written(view, 'before') ? 'before' : !written(view, 'since') ? 'since' : null;
    if (part === null) return;
    const at = part === 'before' ? clock.now() : plus(opened, AGAIN_AFTER);
    const cancel = clock.after(milliseconds(Math.max(0, at - clock.now())), () => {
      timers.delete(view.id);
      const now = incidents()
        ?.views()
        .find(({ id }) => id === view.id);
      if (now === undefined || now.phase === 'closed' || stopped) return;
      write(now, part, part === 'before' ? minus(opened, BEFORE) : opened);
    });
    timers.set(view.id, cancel);
  }

  function write(view: IncidentView, part: Part, from: Instant): void {
    const text = [HEADS[part][l], ...[people(), moved(from), alerts(from)]].join('\n').slice(0, LONGEST);
    const order: Omit<PersonCommand, 'signature'> = {
      id: `evidence/${view.id}/${part}`,
      at: clock.now(),
      by: { user: 'zhishou', name: '值守', role: 'duty' },
      body: { kind: 'incident.note', incident: view.id, text },
    };
    incidents()?.onCommand({ ...order, signature: '' });
  }

  function people(): string {
    const facts = dependencies.facts();
    const head = { zh: '登记在机房：', en: 'Signed in: ' }[l];
    if (facts === null) return head + { zh: '出入登记不可用', en: 'the register is not available' }[l];
    const all = facts.inRooms
      .slice(0, 10)
      .map(({ name, room, since }) => `${name[l]} (${ROOMS[room]?.[l] ?? room}, ${time(since)})`);
    return head + (all.length === 0 ? { zh: '无人', en: 'nobody' }[l] : all.join(l === 'zh' ? '、' : ', '));
  }

  function moved(from: Instant): string {
    const all = movements.filter(({ at }) => at >= from).slice(-12);
    const words = all.map(
      ({ at, device, point, value }) => `${time(toIso(at))} ${nameOf(device)} ${wordsOf(point, value)[l]}`,
    );
    const head = { zh: '门与人体：', en: 'Doors and motion: ' }[l];
    return (
      head + (words.length === 0 ? { zh: '无记录', en: 'none on record' }[l] : words.join(l === 'zh' ? '；' : '; '))
    );
  }

  function alerts(from: Instant): string {
    const fired = [...readAlertLog(state, toIso(from))].filter(({ what }) => what === 'fired').slice(-10);
    const words = fired.map(
      ({ at, rule, device }) => `${time(at)} ${dependencies.titleOf(rule, device)?.[l] ?? rule} (${nameOf(device)})`,
    );
    const head = { zh: '告警：', en: 'Alerts: ' }[l];
    return head + (words.length === 0 ? { zh: '无', en: 'none' }[l] : words.join(l === 'zh' ? '；' : '; '));
  }

  return {
    onReadings(from, readings) {
      if (!sensors.has(from)) return;
      for (const { device, point, value, quality } of readings) {
        if (!MOVING.has(point) || quality !== 'good' || typeof value !== 'boolean') continue;
        const key = `${device}/${point}`;
        if (last.get(key) === value) continue;
        const first = !last.has(key) && !value;
        last.set(key, value);
        if (first) continue;
        movements.push({ at: clock.now(), device, point, value });
        if (movements.length > MOST_MOVEMENTS) movements.shift();
      }
    },
    onIncident(view) {
      if (!collects.has(view.plan.id)) return;
      if (view.phase !== 'closed') plan(view);
      else {
        timers.get(view.id)?.();
        timers.delete(view.id);
      }
    },
    stop() {
      stopped = true;
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}

type Part = 'before' | 'since';
const HEADS: Readonly<Record<Part, Text>> = {
  before: { zh: '自动收集的证据（前 24 小时）', en: 'Evidence collected by itself (the 24 hours before)' },
  since: { zh: '自动收集的证据（开始后 30 分钟）', en: 'Evidence collected by itself (the 30 minutes since)' },
};

const ROOMS: Readonly<Record<string, Text>> = {
  core: { zh: '核心机房', en: 'core room' },
  auxiliary: { zh: '辅助机房', en: 'auxiliary room' },
};

const wordsOf = (point: string, value: boolean): Text =>
  point === 'room.door'
    ? value
      ? { zh: '门开', en: 'opened' }
      : { zh: '门关', en: 'closed' }
    : value
      ? { zh: '有人移动', en: 'motion' }
      : { zh: '无人移动', en: 'no motion' };
