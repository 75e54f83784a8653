import type { Config } from '#core/config/config.ts';
import { addressOf } from '#core/config/watch.ts';
import { messageOf } from '#core/errors.ts';
import type { Bus, Cancel, Clock, Log, Metrics, Stop } from '#core/ports.ts';
import { type Duration, milliseconds, minutes, seconds, toIso } from '#core/time.ts';
import { topicFilter } from '#core/topics.ts';

/**
 * The collector watches the service that decides and tells (L32). When it falls silent nobody would be told of anything: the
 * last resort of site.yaml is told from here, past rules, rota and outbox, and again until it is back.
 */
export interface WatchdogDependencies {
  readonly config: Pick<Config, 'site'>;
  readonly bus: Bus;
  /** Real time. */
  readonly wall: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Posts JSON; rejects when it was not taken. */
  readonly post: (url: string, body: object, timeoutMs: number) => Promise<void>;
}

/** After a start of everything the other service takes its time. */
const FIRST_WORD: Duration = minutes(2);
const LOOK_EVERY: Duration = seconds(5);
const TIMEOUT: Duration = seconds(10);

export async function startWatchdog(deps: WatchdogDependencies): Promise<Stop> {
  const { config, bus, wall, log, metrics } = deps;
  const { silent_after: silentAfter, again_every: againEvery } = config.site.watchdog;
  let heardAt = milliseconds(wall.monotonic() + FIRST_WORD - silentAfter);
  let silentSince: string | null = null;
  let toldAt: Duration | null = null;
  let cancel: Cancel = () => {};

  function look(): void {
    const now = wall.monotonic();
    if (now - heardAt > silentAfter) {
      if (silentSince === null) {
        silentSince = toIso(wall.now());
        log.error({ silentForS: Math.round((now - heardAt) / 1000) }, 'the alerts service is silent: nobody is told');
      }
      if (toldAt === null || now - toldAt >= againEvery) {
        toldAt = now;
        void lastResort(deps, 'silent', silentSince);
      }
    }
    metrics.gauge('zhishou_alerts_service_heard', silentSince === null ? 1 : 0);
    cancel = wall.after(LOOK_EVERY, look);
  }

  function onAlive(): void {
    heardAt = wall.monotonic();
    if (silentSince === null) return;
    log.warn({ since: silentSince }, 'the alerts service is back');
    void lastResort(deps, 'back', silentSince);
    silentSince = null;
    toldAt = null;
  }

  const stop = await bus.subscribe(topicFilter(config.site.id, 'service/+').replace('+', 'alerts'), (message) => {
    // A kept one says nothing of now.
    if (!message.retained) onAlive();
  });
  look();
  return async () => {
    cancel();
    await stop();
  };
}

const TEXTS = {
  silent: {
    zh: '值守的告警服务没有响应：现在发生什么都不会通知任何人。请立即查看主机。',
    en: 'The alerts service of Zhishou is silent: nobody will be told of anything. Look at the host now.',
  },
  back: { zh: '值守的告警服务已恢复。', en: 'The alerts service of Zhishou is back.' },
};

/** Each way on its own: what fails is logged and tried again with the next round. */
async function lastResort(deps: WatchdogDependencies, state: 'silent' | 'back', since: string): Promise<void> {
  const { config, bus, log, metrics, post } = deps;
  const { site } = config;
  const { webhook, mqtt } = site.watchdog;
  const text = TEXTS[state][site.language];
  const mark = site.simulation ? (site.language === 'zh' ? '【模拟】' : '[SIMULATED] ') : '';
  const body = {
    site: site.id,
    state,
    since,
    text: `${mark}${site.name[site.language]}${site.language === 'zh' ? '：' : ': '}${text}`,
  };
  const ways: [string, Promise<unknown>][] = [];
  if (webhook !== undefined) ways.push(['webhook', post(addressOf(webhook), body, TIMEOUT)]);
  if (mqtt !== undefined) ways.push(['mqtt', bus.publish(mqtt.topic, state === 'silent' ? mqtt.silent : mqtt.back)]);
  for (const [way, sent] of ways) {
    try {
      await sent;
      metrics.count('zhishou_last_resort_total', { way, result: 'taken' });
    } catch (error) {
      metrics.count('zhishou_last_resort_total', { way, result: 'failed' });
      log.error({ way, error: messageOf(error) }, 'the last resort was not reached');
    }
  }
}
