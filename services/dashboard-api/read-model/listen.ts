import type { z } from 'zod';
import type { Config } from '#core/config/config.ts';
import { messageOf } from '#core/errors.ts';
import type { IncidentView } from '#core/incident.ts';
import type { Bus, BusMessage, Cancel, Clock, Log, Metrics, Stop } from '#core/ports.ts';
import type { ReadingBatch } from '#core/reading.ts';
import { fromIso, type Instant, instant, milliseconds, minutes } from '#core/time.ts';
import { type TopicPattern, topicFilter } from '#core/topics.ts';
import { limitLog } from '#platform/log.ts';
import { alarmFiguresSchema } from '../schemas/alarm-figures.ts';
import { batteryTestSchema } from '../schemas/battery-test.ts';
import { channelStatesSchema } from '../schemas/channels.ts';
import { forecastSchema } from '../schemas/forecast.ts';
import { incidentSchema } from '../schemas/incident.ts';
import { journalStateSchema } from '../schemas/journal-state.ts';
import { outOfServiceSchema } from '../schemas/out-of-service.ts';
import {
  alertSchema,
  caughtMessageSchema,
  deliverySchema,
  deviceStatusSchema,
  readingBatchSchema,
  simulatorStateSchema,
  siteStatusSchema,
} from '../schemas/payloads.ts';
import { outagesSchema, readinessSchema } from '../schemas/readiness.ts';
import { rotaViewSchema } from '../schemas/rota.ts';
import { rulesViewSchema } from '../schemas/rules.ts';
import { aliveSchema } from '../schemas/service-alive.ts';
import type { ReadModel } from './model.ts';

/** Bytes from the bus become typed values here, once. What is not as its topic promises is counted, named once a minute, and dropped. */

export interface ListenDependencies {
  readonly config: Config;
  readonly bus: Bus;
  /** The site's clock: how long ago a service was heard. */
  readonly clock: Clock;
  /** Real time: how often an incident is decoded, how often a rejection is logged. */
  readonly wall: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly model: ReadModel;
  /** New readings, not the retained ones that come again after a restart. */
  readonly record: (batch: ReadingBatch) => void;
  /** After the model has it. */
  readonly onIncident?: (incident: IncidentView) => void;
}

export interface Listening {
  start(): Promise<void>;
  stop: Stop;
  readonly rejected: () => number;
  /** When listening began, by the site's clock. */
  readonly since: () => Instant;
  /** When a message of this service came last; null: never. */
  readonly heard: (service: 'collector' | 'alerts') => Instant | null;
}

/** An incident has up to 2,000 timeline entries, about 1 MB. */
const MOST_BYTES = 4_000_000;
/** The alerts service speaks each minute, the collector more often. */
const KEPT_COUNTS_FOR = minutes(1);
/** In a demo that runs fast an incident changes hundreds of times a second; the page needs ten. */
const INCIDENT_GAP = milliseconds(100);

export function createListening(deps: ListenDependencies): Listening {
  const { config, bus, clock, model } = deps;
  const stops: Stop[] = [];
  const heardAt: { collector: Instant | null; alerts: Instant | null } = { collector: null, alerts: null };
  let since = clock.now();
  const rejections = createRejections(deps);
  const incidentGate = createLatestOnly(deps.wall, INCIDENT_GAP);

  /** A kept message says when its sender last spoke: if that was just now, nobody need wait a minute to know. An older one says nothing of now. */
  const hear = (service: 'collector' | 'alerts', at: Instant | null): void => {
    if (at === null || clock.now() - at > KEPT_COUNTS_FOR) return;
    heardAt[service] = instant(Math.max(heardAt[service] ?? 0, Math.min(at, clock.now())));
  };
  const on = async <Schema extends z.ZodType>(
    pattern: TopicPattern,
    schema: Schema,
    handle: (payload: z.output<Schema>, message: BusMessage) => unknown,
    service?: 'collector' | 'alerts',
  ): Promise<void> => {
    const decode = (message: BusMessage): void => {
      const decoded = decodeMessage(pattern, schema, message);
      if ('error' in decoded) rejections.add(pattern, message.topic, decoded.error);
      else if (handle(decoded.value, message) === false) rejections.add(pattern, message.topic, 'an unknown device');
      else if (service !== undefined) hear(service, message.retained ? saidAt(decoded.value) : clock.now());
    };
    const handler = (message: BusMessage): void => {
      // An empty message clears a retained one; what it was about is kept here until newer entries push it out.
      if (message.value === undefined && message.payload.length === 0) return;
      if (pattern === 'incident/+') incidentGate.put(message.topic, () => decode(message));
      else decode(message);
    };
    stops.push(await bus.subscribe(topicFilter(config.site.id, pattern), handler));
  };

  return {
    async start() {
      since = clock.now();
      await on('site', siteStatusSchema, (status) => model.onSite(status), 'alerts');
      await on('device/+', deviceStatusSchema, (status) => model.onDevice(status), 'collector');
      await on('alert/+', alertSchema, (alert) => model.onAlert(alert), 'alerts');
      await on(
        'incident/+',
        incidentSchema,
        (incident) => {
          model.onIncident(incident);
          deps.onIncident?.(incident);
        },
        'alerts',
      );
      await on('forecast/+', forecastSchema, (view) => model.onForecast(view), 'alerts');
      await on('battery-test/+', batteryTestSchema, (view) => model.onBatteryTest(view), 'alerts');
      await on('delivery/+', deliverySchema, (delivery) => model.onDelivery(delivery), 'alerts');
      await on('service/+', aliveSchema, ({ service }) => {
        if (service === 'alerts') hear('alerts', clock.now());
      });
      await on('channels', channelStatesSchema, (states) => model.onChannels(states), 'alerts');
      await on('readiness', readinessSchema, (view) => model.onReadiness(view), 'alerts');
      await on('journal', journalStateSchema, (state) => model.onJournalState(state), 'alerts');
      await on('rules', rulesViewSchema, (view) => model.onRules(view), 'alerts');
      await on('rota', rotaViewSchema, (view) => model.onRota(view), 'alerts');
      await on('outages', outagesSchema, ({ outages }) => model.onOutages(outages), 'alerts');
      await on('alarm-figures', alarmFiguresSchema, (view) => model.onAlarmFigures(view), 'alerts');
      await on('maintenance', outOfServiceSchema, (all) => model.onOutOfService(all), 'alerts');
      await on('reading/+', readingBatchSchema, (batch, message) => takeReadings(deps, batch, message), 'collector');
      if (!config.site.simulation) return;
      await on('simulator/state', simulatorStateSchema, (state) => model.onSimulator(state));
      await on('simulator/caught/+', caughtMessageSchema, (message) => model.onCaught(message));
    },
    async stop() {
      incidentGate.stop();
      for (const stop of stops.splice(0).reverse()) await stop();
    },
    rejected: rejections.count,
    since: () => since,
    heard: (service) => heardAt[service],
  };
}

function takeReadings(deps: ListenDependencies, batch: ReadingBatch, message: BusMessage): boolean {
  const known = deps.model.onReadings(batch);
  if (known && !message.retained) deps.record(batch);
  return known;
}

/** When a message was made, as far as it says: epoch milliseconds or ISO 8601. */
function saidAt(payload: unknown): Instant | null {
  if (typeof payload !== 'object' || payload === null || !('at' in payload)) return null;
  if (typeof payload.at === 'number') return instant(payload.at);
  return typeof payload.at === 'string' ? fromIso(payload.at) : null;
}

/**
 * What comes all the time: from a service of this process it is taken as it is. The rest goes through its schema also then, so
 * that pages get what the schema has and nothing else.
 */
const TAKEN_AS_IT_IS: ReadonlySet<TopicPattern> = new Set(['reading/+', 'device/+', 'rules']);

const decodeMessage = <Schema extends z.ZodType>(
  pattern: TopicPattern,
  schema: Schema,
  message: BusMessage,
): { value: z.output<Schema> } | { error: string } =>
  message.value !== undefined && TAKEN_AS_IT_IS.has(pattern)
    ? { value: message.value as z.output<Schema> }
    : decodePayload(schema, message.payload);

const UTF8 = new TextDecoder('utf-8', { fatal: true });

function decodePayload<Schema extends z.ZodType>(
  schema: Schema,
  payload: Uint8Array,
): { value: z.output<Schema> } | { error: string } {
  if (payload.length > MOST_BYTES) return { error: `${payload.length} bytes are too many` };
  try {
    const parsed = schema.safeParse(JSON.parse(UTF8.decode(payload)));
    if (parsed.success) return { value: parsed.data };
    const issue = parsed.error.issues[0];
    return { error: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not as promised'}` };
  } catch (error) {
    return { error: messageOf(error).slice(0, 200) };
  }
}

function createRejections({ wall, log, metrics }: ListenDependencies) {
  let count = 0;
  const limited = limitLog(log, wall);
  return {
    count: () => count,
    add(pattern: TopicPattern, topic: string, error: string): void {
      count++;
      metrics.count('zhishou_dashboard_rejected_messages_total', { topic: pattern });
      limited.warn(pattern, { topic, error, rejected: count }, 'a message is not what its topic promises; dropped');
    },
  };
}

/** Runs the first at once and after that only the latest of each key, `gap` apart. */
function createLatestOnly(wall: Clock, gap: ReturnType<typeof milliseconds>) {
  const waiting = new Map<string, { run: (() => void) | null; cancel: Cancel }>();
  const open = (key: string): void => {
    const entry = waiting.get(key);
    waiting.delete(key);
    if (entry?.run != null) put(key, entry.run);
  };
  const put = (key: string, run: () => void): void => {
    const entry = waiting.get(key);
    if (entry !== undefined) {
      entry.run = run;
      return;
    }
    waiting.set(key, { run: null, cancel: wall.after(gap, () => open(key)) });
    run();
  };
  return {
    put,
    stop(): void {
      for (const { cancel } of waiting.values()) cancel();
      waiting.clear();
    },
  };
}
