import type { DeliveriesResponse } from '#core/api.ts';
import type { CommandResult } from '#core/command.ts';
import type { Config } from '#core/config/config.ts';
import type { Person } from '#core/config/people.ts';
import { messageOf, ZhishouError } from '#core/errors.ts';
import { type DeliveryView, type OutgoingMessage, wentOut } from '#core/notification.ts';
import { sleep } from '#core/ports.ts';
import { between, type Instant, parseDuration, seconds } from '#core/time.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { environmentVariables, makeTemporaryFolder, printLine, setExitCode } from '#platform/environment.ts';

import { silentLog } from '#platform/log.ts';
import { sendHttp } from '#platform/net.ts';
import { randomPassword } from '#platform/secrets.ts';
import { createChannels } from '#services/alerts/notify/channels/create-channels.ts';
import { configDirectory, describeProblem, type LoadedSite, loadSite } from './configuration.ts';

/** `zhishou notify test PERSON`: a marked test message over each of the person's ways, and what came of each. */
export interface NotifyOptions {
  readonly config: string | null;
  readonly channel?: string;
  /** Of the running service. Default: where site.yaml says that the page is. */
  readonly url?: string;
  readonly direct?: boolean;
  readonly wait: string;
  readonly json?: boolean;
}

/** One way and what came of it. */
interface Outcome {
  readonly channel: string;
  readonly to: string;
  readonly ok: boolean;
  readonly word: string;
}

const EVERY = seconds(0.5);
/** What a channel sends goes over the service's own broker, which is not there without it. */
const NEEDS_SERVICE: ReadonlySet<string> = new Set(['mqtt-signal']);

export async function notify(what: string, who: string, options: NotifyOptions): Promise<void> {
  if (what !== 'test') throw new ZhishouError('BAD_REQUEST', what, 'only test is known');
  const { config, problems } = read(configDirectory(options.config));
  if (config === null) {
    for (const problem of problems) await printLine(describeProblem(problem));
    setExitCode(1);
    return;
  }
  const person = config.people.people.find(({ id }) => id === who);
  if (person === undefined) {
    const known = config.people.people.map(({ id }) => id).join(', ');
    throw new ZhishouError('NOT_FOUND', who, `people.yaml has nobody of this id; it has ${known}`);
  }
  const outcomes =
    options.direct === true ? await directly(config, person, options) : await throughService(config, person, options);
  if (outcomes.length === 0) throw new ZhishouError('NOT_FOUND', who, 'has no such way to be reached');
  const ok = outcomes.every((outcome) => outcome.ok);
  if (!ok) setExitCode(1);
  if (options.json === true) {
    await printLine(JSON.stringify({ ok, direct: options.direct === true, ways: outcomes }));
    return;
  }
  if (options.direct === true)
    await printLine('directly from the configuration: the running service, its outbox and its limits are passed by');
  const width = Math.max(...outcomes.map(({ channel }) => channel.length));
  for (const { channel, to, ok: went, word } of outcomes)
    await printLine(`${went ? 'ok  ' : 'FAIL'}  ${channel.padEnd(width)}  ${to}  ${word}`);
}

/** A simulated room's secrets are made for the moment; nobody's contacts hang on them. */
function read(directory: string): LoadedSite {
  const secrets = makeTemporaryFolder('zhishou-notify-');
  try {
    return loadSite(directory, { secretsDirectory: secrets.path, profiles: 'named' });
  } finally {
    secrets.remove();
  }
}

function ways(person: Person, channel: string | undefined): Person['routes'] {
  return person.routes.filter((route) => channel === undefined || route.channel === channel);
}

/** As the service itself would send it, with its outbox; needs a token of an operator. */
async function throughService(config: Config, person: Person, options: NotifyOptions): Promise<Outcome[]> {
  const token = environmentVariables().ZHISHOU_TOKEN;
  if (token === undefined) {
    const mend = 'set ZHISHOU_TOKEN to a token of an operator (page: users), or give --direct';
    throw new ZhishouError('NOT_SIGNED_IN', 'zhishou notify', mend);
  }
  const { host, port } = config.site.http;
  const own = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const base = `${(options.url ?? `http://${own}:${port}`).replace(/\/$/, '')}/api/v1`;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const ask = async <T>(method: 'GET' | 'POST', path: string, body?: object, more = {}): Promise<T> => {
    const request = { url: `${base}${path}`, method, headers: { ...headers, ...more }, timeoutMs: seconds(15) };
    const answer = await sendHttp({ ...request, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    return JSON.parse(answer.body) as T;
  };
  const order = {
    kind: 'contact.test',
    person: person.id,
    ...(options.channel === undefined ? {} : { channel: options.channel }),
  };
  const { created } = await ask<CommandResult>('POST', '/commands', order, { 'idempotency-key': randomPassword(24) });
  if (created === null) throw new ZhishouError('BAD_ANSWER', base, 'the service has not said which test it began');
  const clock = createSystemClock();
  const end = clock.monotonic() + (parseDuration(options.wait) ?? seconds(60));
  for (;;) {
    const { deliveries } = await ask<DeliveriesResponse>('GET', `/deliveries?test=${encodeURIComponent(created)}`);
    const settled =
      deliveries.length > 0 && deliveries.every(({ state }) => state !== 'queued' && state !== 'retrying');
    if (settled || clock.monotonic() >= end) return deliveries.map(outcomeOf).reverse();
    await sleep(clock, EVERY);
  }
}

function outcomeOf({ channel, to, state, error, queuedAt, sentAt, attempts }: DeliveryView): Outcome {
  const took = sentAt === null ? '' : ` after ${((Date.parse(sentAt) - Date.parse(queuedAt)) / 1000).toFixed(1)} s`;
  const word = wentOut(state)
    ? `${state}${took}`
    : `${state}${attempts > 0 ? `, tried ${attempts} times` : ''}: ${error ?? 'nothing heard yet'}`;
  return { channel, to, ok: wentOut(state), word };
}

/** For a site whose service does not run yet: each channel is opened, used once and closed here. */
async function directly(config: Config, person: Person, { channel }: NotifyOptions): Promise<Outcome[]> {
  const clock = createSystemClock();
  const { site } = config;
  const needed = new Set(ways(person, channel).map((route) => route.channel));
  const some = Object.fromEntries(Object.entries(site.channels).filter(([id]) => needed.has(id)));
  const channels = createChannels({ ...site, channels: some }, { clock, bus: createMemoryBus(), log: silentLog });
  const outcomes: Outcome[] = [];
  for (const route of ways(person, channel)) {
    const kind = site.channels[route.channel]?.kind;
    const one = channels[route.channel];
    if (one === undefined || kind === undefined) {
      outcomes.push({ ...route, ok: false, word: 'site.yaml has no such channel' });
      continue;
    }
    if (NEEDS_SERVICE.has(kind)) {
      outcomes.push({
        ...route,
        ok: false,
        word: 'goes over the broker of the running service: not possible directly',
      });
      continue;
    }
    const from = clock.now();
    try {
      await one.send(messageFor(config, person, route.to, from));
      const took = (between(from, clock.now()) / 1000).toFixed(1);
      outcomes.push({ ...route, ok: true, word: `taken after ${took} s` });
    } catch (error) {
      outcomes.push({ ...route, ok: false, word: messageOf(error) });
    }
  }
  await Promise.all(Object.values(channels).map((one) => one.close()));
  return outcomes;
}

function messageFor({ site }: Config, { id, language }: Person, to: string, at: Instant): OutgoingMessage {
  const zh = language === 'zh';
  const mark = site.simulation ? (zh ? '【模拟】' : '[SIMULATED] ') : '';
  const test = `test-${at.toString(36)}`;
  return {
    ...{ id: `${test}-${randomPassword(6)}`, to, person: id, language, severity: 'low' as const },
    subject: `${mark}${site.name[language]}${zh ? '：发送测试' : ': test message'}`,
    body: zh
      ? `${mark}这是测试，没有故障，无需处理。由 zhishou notify test 直接发出。`
      : `${mark}This is a test, nothing is wrong, nothing to do. Sent directly by zhishou notify test.`,
    ...{ phase: 'information' as const, conversation: test, incident: null, alert: null, act: null },
    ...{ drill: false, simulated: site.simulation, at },
  };
}
