import type { Again } from '#core/again.ts';
import { type Device, intervalOf, isSpokenWith } from '#core/config/device.ts';
import type { DeviceStatus, Reading, ReadingBatch, ReadingsAgain } from '#core/reading.ts';
import { between, type Duration, type Instant, milliseconds, minutes } from '#core/time.ts';
import type { Decoded } from './decode.ts';
import { type PointState, stepQuality, toReading } from './quality.ts';
import { isPlain, NOTHING, SteadyAnswers } from './steady-answers.ts';

/**
 * What is known of one device: the state of each of its points and of the device itself. Makes the batches and the
 * statuses that go to the bus; decides nothing about when.
 */
export interface Said {
  readonly point: string;
  readonly decoded: Decoded;
  /** When the device measured it, as far as it tells. */
  readonly measuredAt?: Instant;
  /** The broker kept it: why it is not fresh. */
  readonly kept?: string;
}

export interface DeviceBook {
  readonly device: Device;
  /** The device answered. `complete`: it tells all it has each time, so a point it no longer tells is gone. */
  heard(said: readonly Said[], cause: ReadingBatch['cause'], now: Instant, complete: boolean): void;
  /** It did not: `device.responding` goes false, and after `staleAfter` the values are stale. */
  failed(failure: { readonly state: 'silent' | 'refusing'; readonly reason: string }, now: Instant): void;
  /** All values are stale from now on. */
  silenced(reason: string, now: Instant): void;
  /** One reading beside the device's own conversation: `host.reachable`, `service.web.available`. `alive`: something of it answers. */
  observed(said: Said, now: Instant, alive: boolean): void;
  setProfile(profile: string | null): void;
  /** Another object when they are others. */
  setLabels(labels: Readonly<Record<string, string>>): void;
  announce(now: Instant): void;
  readonly lastSeenAt: () => Instant | null;
}

export interface DeviceBookOptions {
  readonly device: Device;
  readonly simulated: boolean;
  readonly staleAfter: Duration;
  /** Points that are told as missing even when they never came. */
  readonly expected: readonly string[];
  readonly publishReadings: (batch: ReadingBatch) => void;
  readonly publishStatus: (status: DeviceStatus) => void;
  /** Absent: what is said again is published like any other. */
  readonly again?: RepeatsOptions;
}

export interface RepeatsOptions {
  /** The topics on which the other two publish. */
  readonly readings: string;
  readonly status: string;
  readonly readingsAgain: (again: ReadingsAgain, points: number) => void;
  readonly statusAgain: (again: Again) => void;
}

/** An unchanged status is told again this often, so that `lastSeenAt` on the bus is not old. */
const REPEAT_STATUS: Duration = minutes(1);

export const defaultStaleAfter = (device: Device): Duration =>
  device.stale_after ?? milliseconds(3 * intervalOf(device));

export function createDeviceBook(options: DeviceBookOptions): DeviceBook {
  const { device, simulated } = options;
  const points = new Map<string, PointState>();
  /** What the device's own conversation neither tells nor leaves out. */
  const beside = new Set(['device.responding']);
  const spokenWith = isSpokenWith(device);
  /** While every poll tells the same points; what it knows is written back into `points` as soon as anything else happens. */
  let steady: SteadyAnswers | null = null;
  /** The same for `host.reachable`, which has its own polls. */
  let reached: SteadyAnswers | null = null;
  /** The very same list for the very same word. */
  let besideList: readonly Said[] = [];
  let status: Omit<DeviceStatus, 'at' | 'lastSeenAt'> = {
    device: device.id,
    state: 'starting',
    profile: device.profile ?? null,
    failures: 0,
  };
  let toldAt: Instant | null = null;
  let told = '';
  let toldStatus: typeof status | null = null;
  let toldLabels: Readonly<Record<string, string>> = {};
  let lastSeenAt: Instant | null = null;
  const { again: repeats } = options;
  let statusNow: DeviceStatus | null = null;
  const statusAgain: Again = { topic: repeats?.status ?? '', value: () => statusNow ?? {} };

  const unsteady = (answers: SteadyAnswers | null): null => {
    for (const [point, state] of answers?.states() ?? []) points.set(point, state);
    return null;
  };
  const tellStatus = (now: Instant): void => {
    if (status === toldStatus && toldAt !== null && between(toldAt, now) < REPEAT_STATUS) return;
    toldStatus = status;
    const key = `${status.state} ${status.profile} ${status.reason ?? ''}`;
    const same = key === told && toldAt !== null;
    if (same && between(toldAt ?? now, now) < REPEAT_STATUS) return;
    told = key;
    toldAt = now;
    statusNow = { ...status, lastSeenAt, at: now };
    if (same && repeats !== undefined) repeats.statusAgain(statusAgain);
    else options.publishStatus(statusNow);
  };
  const tell = (readings: Reading[], cause: ReadingBatch['cause'], now: Instant): void => {
    if (readings.length > 0) options.publishReadings({ device: device.id, at: now, readings, cause });
  };
  const say = ({ point, decoded, measuredAt, kept }: Said, now: Instant): Reading => {
    const at = measuredAt === undefined || measuredAt > now ? now : measuredAt;
    const input =
      kept === undefined
        ? ({ kind: 'said', decoded, measuredAt: at, frozenAfter: device.frozen_after[point] ?? null } as const)
        : ({ kind: 'kept', decoded, measuredAt: at, reason: kept } as const);
    const state = stepQuality(points.get(point) ?? null, input, now);
    points.set(point, state);
    return toReading(device.id, point, state, simulated);
  };
  const responding = (value: boolean, now: Instant): Reading =>
    say({ point: 'device.responding', decoded: { value, quality: 'good' } }, now);
  const hush = (reason: string, now: Instant): Reading[] => {
    const names = new Set([...points.keys(), ...options.expected]).difference(beside);
    return [...names].map((point) => {
      const state = stepQuality(points.get(point) ?? null, { kind: 'silent', reason }, now);
      points.set(point, state);
      return toReading(device.id, point, state, simulated);
    });
  };
  /** Points that an answer should have had: gone from the device, or never there although expected. */
  const absent = (said: readonly Said[], now: Instant, complete: boolean): Reading[] => {
    const names = new Set(said.map(({ point }) => point));
    const readings: Reading[] = [];
    const decoded: Decoded = { value: null, quality: 'missing', reason: 'the device does not tell it' };
    for (const point of options.expected) {
      if (!names.has(point) && (complete || !points.has(point))) readings.push(say({ point, decoded }, now));
    }
    if (!complete) return readings;
    for (const point of [...points.keys()]) {
      if (names.has(point) || beside.has(point)) continue;
      if (options.expected.includes(point)) continue;
      readings.push(say({ point, decoded }, now));
      points.delete(point);
    }
    return readings;
  };

  /**
   * The points that a message left out, with their own times: the broker keeps the last message, and those who come later
   * should find every point in it. What has been left out for long is stale, though the device speaks (L9).
   */
  const untold = (named: ReadonlySet<string>, now: Instant): Reading[] =>
    [...points].flatMap(([point, state]) => {
      if (named.has(point) || (beside.has(point) && point !== 'device.responding')) return [];
      const old = between(state.receivedAt, now) >= options.staleAfter;
      const next = old ? stepQuality(state, { kind: 'silent', reason: 'its messages leave it out' }, now) : state;
      points.set(point, next);
      return [toReading(device.id, point, next, simulated)];
    });

  const steadily = (said: readonly (Said | null)[], readings: readonly Reading[], now: Instant): SteadyAnswers => {
    const told = readings.flatMap(({ point }, place) => {
      const state = points.get(point);
      return state === undefined ? [] : [{ point, said: said[place] ?? null, state }];
    });
    return new SteadyAnswers(device, simulated, told, now, repeats?.readings);
  };
  const heardAgain = (said: readonly Said[], cause: ReadingBatch['cause'], now: Instant): boolean => {
    if (steady === null || status.state !== 'responding' || said.length + 1 !== steady.count) return false;
    const news = steady.again(said, cause, now);
    if (news === null) return false;
    lastSeenAt = now;
    tellNews(steady, news);
    tellStatus(now);
    return true;
  };
  const tellNews = (answers: SteadyAnswers, news: readonly Reading[]): void => {
    if (news !== NOTHING || repeats === undefined) options.publishReadings(answers.batch(news));
    else repeats.readingsAgain(answers, answers.count);
  };

  return {
    device,
    heard: (said, cause, now, complete) => {
      if (heardAgain(said, cause, now)) return;
      steady = unsteady(steady);
      const fresh = said.some((one) => one.kept === undefined);
      const readings = said.map((one) => say(one, now));
      if (fresh) {
        readings.push(...absent(said, now, complete), responding(true, now));
        const { reason: _, ...rest } = status;
        status = { ...rest, state: 'responding', failures: 0 };
        lastSeenAt = now;
      }
      if (!complete) readings.push(...untold(new Set(readings.map((reading) => reading.point)), now));
      // Nothing was left out, nothing came of itself: the next one can be told by what is different.
      if (fresh && said.every(isPlain) && readings.length === said.length + 1) {
        steady = steadily([...said, null], readings, now);
        options.publishReadings(steady.begin(cause));
      } else tell(readings, cause, now);
      tellStatus(now);
    },
    failed: (failure, now) => {
      steady = unsteady(steady);
      status = { ...status, ...failure, failures: status.failures + 1 };
      const readings = [responding(false, now)];
      const since = lastSeenAt;
      if (since === null || between(since, now) >= options.staleAfter) readings.push(...hush(failure.reason, now));
      tell(readings, 'schedule', now);
      tellStatus(now);
    },
    silenced: (reason, now) => {
      steady = unsteady(steady);
      status = { ...status, state: 'silent', reason, failures: status.failures + 1 };
      tell([...hush(reason, now), responding(false, now)], 'watch', now);
      tellStatus(now);
    },
    observed: (said, now, alive) => {
      beside.add(said.point);
      if (besideList[0] !== said) besideList = [said];
      const news = reached?.again(besideList, 'schedule', now) ?? null;
      if (reached !== null && news !== null) tellNews(reached, news);
      else {
        reached = unsteady(reached);
        const reading = say(said, now);
        if (isPlain(said)) {
          reached = steadily(besideList, [reading], now);
          options.publishReadings(reached.begin('schedule'));
        } else tell([reading], 'schedule', now);
      }
      if (spokenWith) return;
      if (alive) lastSeenAt = now;
      if (!alive || status.state !== 'responding') {
        const { reason: _, ...rest } = status;
        status = alive
          ? { ...rest, state: 'responding', failures: 0 }
          : { ...rest, state: 'silent', failures: status.failures + 1, reason: 'nothing of it answers' };
      }
      tellStatus(now);
    },
    setProfile: (profile) => {
      status = { ...status, profile };
    },
    setLabels: (labels) => {
      if (labels === toldLabels) return;
      toldLabels = labels;
      const { labels: _, ...rest } = status;
      status = Object.keys(labels).length === 0 ? rest : { ...rest, labels };
      // Told with the next status, though all else is as it was.
      told = '';
    },
    announce: tellStatus,
    lastSeenAt: () => lastSeenAt,
  };
}
