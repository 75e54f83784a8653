import { addressesOf } from '#core/address-range.ts';
import type { Diagnosis } from '#core/diagnosis.ts';
import { messageOf, ZhishouError } from '#core/errors.ts';
import { type BusMessage, type Stop, sleep } from '#core/ports.ts';
import type { Secret } from '#core/secret.ts';
import {
  begunSurvey,
  MOST_SURVEY_POINTS,
  type ProbeResult,
  SURVEY_PURPOSE,
  type SurveyAsk,
  type SurveyFound,
  type SurveyOrder,
  type SurveyState,
  surveyOrderSchema,
} from '#core/survey.ts';
import { minutes, seconds } from '#core/time.ts';
import { topic } from '#core/topics.ts';
import { openSealed } from '#platform/sealed-message.ts';
import { diagnose } from './diagnose.ts';
import { credentialsOf, discoverNetwork, type Found } from './discover-network.ts';
import { asDevicesYaml } from './discovered-devices.ts';
import { entryForUrl } from './entry-for-url.ts';
import { openProbe } from './probe.ts';
import type { CollectorDependencies, DeviceJobs, SurveyParts } from './seams.ts';

/**
 * "Add a device" on the page: the page's server orders, sealed, and here is looked, because here are the links to devices.
 * Bounded: few at once, each for a short time, politely.
 */
const MOST_AT_ONCE = 3;
const TOO_MANY = `${MOST_AT_ONCE} are looked at already`;
const MOST_BYTES = 8000;
/** An order older than this is a repeated or a lost one. */
const FRESH = seconds(30);
const MOST_SEEN = 500;
const READ_EVERY = seconds(3);
/** Two minutes of live preview. */
const MOST_READINGS = 40;
const DISCOVERY = { rate: 30, atOnce: 16 };
/** Whoever asked has gone without a word; the page's server has forgotten it by then too. */
const LONGEST = minutes(15);

export async function startSurveys(
  deps: CollectorDependencies,
  parts: SurveyParts,
  all: readonly DeviceJobs[] = [],
): Promise<Stop> {
  const { bus, config, log, metrics } = deps;
  const { key, wall } = parts;
  const running = new Map<string, Run>();
  const seen = new Set<string>();
  const refuse = (reason: string): void =>
    metrics.count('zhishou_collector_rejected_messages_total', { reason: `survey order: ${reason}` });
  const publish = (state: SurveyState): void => {
    bus.publish(topic(config.site.id, 'survey/+', state.id), JSON.stringify(state)).catch((error: unknown) => {
      log.warn({ survey: state.id, error: messageOf(error) }, 'a survey could not be told');
    });
  };
  const begin = async (id: string, ask: SurveyAsk): Promise<void> => {
    const run = createRun();
    running.set(id, run);
    const cancel = wall.after(LONGEST, run.stop);
    let state = begunSurvey(id);
    const tell = (change: Partial<SurveyState>): void => {
      state = { ...state, ...change };
      publish(state);
    };
    try {
      tell({});
      if (ask.kind === 'look') await look(ask, deps, parts, run, tell);
      else if (ask.kind === 'discover') await discover(ask, deps, parts, run, tell);
      else {
        const target = all.find(({ device }) => device.id === ask.device);
        const told = (diagnosis: Diagnosis): void => tell({ diagnosis });
        await diagnose(target, ask.device, { deps, wall, stopped: run.stopped, tell: told });
      }
      tell({ state: 'done' });
    } catch (error) {
      const code = error instanceof ZhishouError ? error.code : 'INVARIANT';
      // A mistake of ours may carry what was typed in; only those that are made for people are told.
      const detail = error instanceof ZhishouError ? error.message : 'it could not be looked at';
      if (code === 'INVARIANT') log.error({ survey: id, error: messageOf(error) }, 'a survey broke');
      tell({ state: 'failed', error: { code, detail } });
    } finally {
      cancel();
      running.delete(id);
    }
  };
  const follow = ({ id, at, ask }: SurveyOrder): void => {
    if (Math.abs(wall.now() - at) > FRESH) refuse('too old');
    else if (ask === null) running.get(id)?.stop();
    else if (seen.has(id)) refuse('a repetition');
    else {
      seen.add(id);
      const [oldest] = seen;
      if (seen.size > MOST_SEEN && oldest !== undefined) seen.delete(oldest);
      if (running.size < MOST_AT_ONCE) void begin(id, ask);
      else publish({ ...begunSurvey(id), state: 'failed', error: { code: 'TOO_MANY', detail: TOO_MANY } });
    }
  };
  const onOrder = (message: BusMessage): void => {
    const order = openOrder(message, key);
    if (order === null) refuse('not sealed by the page');
    else follow(order);
  };
  const stopListening = await bus.subscribe(topic(config.site.id, 'survey-order'), onOrder);
  return async () => {
    await stopListening();
    for (const run of running.values()) run.stop();
  };
}

interface Run {
  readonly stopped: () => boolean;
  stop(): void;
}

function createRun(): Run {
  let stopped = false;
  return {
    stopped: () => stopped,
    stop: () => {
      stopped = true;
    },
  };
}

function openOrder({ payload, retained }: BusMessage, key: Secret): SurveyOrder | null {
  if (retained || payload.length > MOST_BYTES) return null;
  try {
    const { sealed } = JSON.parse(new TextDecoder().decode(payload)) as { sealed?: unknown };
    const opened = typeof sealed === 'string' ? openSealed(sealed, SURVEY_PURPOSE, key) : null;
    return surveyOrderSchema.safeParse(opened).data ?? null;
  } catch {
    return null;
  }
}

type Tell = (change: Partial<SurveyState>) => void;

async function look(
  ask: Extract<SurveyAsk, { kind: 'look' }>,
  deps: CollectorDependencies,
  { wall, profiles: library }: SurveyParts,
  run: Run,
  tell: Tell,
): Promise<void> {
  const profiles = await library();
  const session = openProbe(ask.url, {
    snmp: deps.snmp,
    links: deps.links ?? {},
    clock: wall,
    profiles,
    ...(ask.profile === undefined ? {} : { profile: ask.profile }),
  });
  try {
    for (let reading = 1; reading <= MOST_READINGS && !run.stopped(); reading++) {
      if (reading > 1) await sleep(wall, READ_EVERY);
      if (run.stopped()) return;
      const probe = shortened(await session.read());
      const yaml = entryForUrl(ask.url, probe, profiles);
      tell({ done: reading, all: MOST_READINGS, probe, yaml });
    }
  } finally {
    session.close();
  }
}

const MOST_BEHIND = 500;
const shortened = ({ recognised, points, behind }: ProbeResult): ProbeResult => ({
  recognised,
  points: points.slice(0, MOST_SURVEY_POINTS),
  ...(behind === undefined ? {} : { behind: behind.slice(0, MOST_BEHIND) }),
});

async function discover(
  ask: Extract<SurveyAsk, { kind: 'discover' }>,
  deps: CollectorDependencies,
  { wall, profiles: library }: SurveyParts,
  run: Run,
  tell: Tell,
): Promise<void> {
  const profiles = await library();
  const credentials = credentialsOf(ask);
  const found: Found[] = [];
  let toldAt = 0;
  await discoverNetwork(addressesOf(ask.range), credentials, {
    ...DISCOVERY,
    snmp: deps.snmp,
    profiles,
    clock: wall,
    stopped: run.stopped,
    onProgress: (done, all, one) => {
      if (one !== null) found.push(one);
      // Several a second would be noise; who answers is told at once.
      if (one === null && done < all && wall.monotonic() - toldAt < 500) return;
      toldAt = wall.monotonic();
      tell({ done, all, found: found.map(asFound), yaml: asDevicesYaml(found, credentials) });
    },
  });
}

const asFound = ({ host, profile, title, kind, sysName, sysDescr }: Found): SurveyFound => ({
  host,
  profile,
  title,
  kind,
  name: sysName,
  description: sysDescr?.slice(0, 200) ?? null,
});
