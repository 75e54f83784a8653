import type { ChannelConfigOf } from '#core/config/channels.ts';
import { messageOf } from '#core/errors.ts';
import { secretsOf } from '#core/hide-secrets.ts';
import type { OutgoingMessage } from '#core/notification.ts';
import type { Cancel, Channel, ChannelNews } from '#core/ports.ts';
import { type Duration, hours, type Instant, instant, plus, toIso } from '#core/time.ts';
import type { KeptChannelParts } from './channel-parts.ts';
import { exchange } from './guarded-exchange.ts';
import { secretsIn } from './message-words.ts';
import { createMatters } from './open-matters.ts';
import { endOf, watchMatters } from './watch-matters.ts';

type Config = ChannelConfigOf<'alertmanager'>;

/** What an Alertmanager holds of a matter; the labels are its identity and never change while it lasts. */
interface Firing {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: Instant;
}

/**
 * Our matters as alerts of a Prometheus Alertmanager, by its Alerts API (prometheus.io/docs/alerting/latest/alerts_api): POST
 * /api/v2/alerts, labels make an alert what it is, annotations are the newest that were sent.
 *
 * An alert is a state: what was raised is posted again each `repeat`, so that an Alertmanager that restarts hears of it, and ended
 * by an `endsAt` of now when it recovers. Its own end is hours away, not resolve_timeout's five minutes: when we fall silent, because
 * the room has no power, nothing has recovered (L29). What is firing is kept across restarts. News that is neither raised nor
 * recovered changes the annotations alone.
 */
export function createAlertmanagerChannel(name: string, config: Config, parts: KeptChannelParts): Channel {
  const { wall, log } = parts;
  const secrets = secretsOf(config);
  const matters = createMatters<Firing>(parts.memory, `channel/${name}/firing/`);
  let cancelRepeat: Cancel = () => {};
  let worked = true;

  async function post(alerts: readonly unknown[], hidden: readonly string[]): Promise<void> {
    await exchange(
      name,
      {
        url: `${config.url.replace(/\/+$/, '')}/api/v2/alerts`,
        method: 'POST',
        headers: { 'content-type': 'application/json', ...authorization(config) },
        body: JSON.stringify(alerts),
        timeoutMs: config.timeout,
      },
      hidden,
    );
  }
  const asAlert = ({ labels, annotations, startsAt }: Firing, endsAt: Instant) => ({
    labels,
    annotations,
    startsAt: toIso(startsAt),
    endsAt: toIso(endsAt),
  });

  async function resolve(key: string, hidden: readonly string[]): Promise<void> {
    const ended = matters.get(key);
    if (ended === undefined) return;
    await post([asAlert(ended, wall.now())], hidden);
    matters.delete(key);
  }

  async function repeat(): Promise<void> {
    const until = plus(wall.now(), HOLD);
    const all = [...matters.values()].map((firing) => asAlert(firing, until));
    for (let i = 0; i < all.length; i += BATCH) await post(all.slice(i, i + BATCH), secrets);
  }

  /** What ended without a message over this channel ends too. */
  function onEnd(key: string | null): void {
    if (key === null || matters.get(key) === undefined) return;
    resolve(key, secrets).catch((error: unknown) => {
      log.warn(
        { channel: name, error: messageOf(error) },
        'an end could not be told; it is tried with the next repetition',
      );
      owed.add(key);
    });
  }
  const owed = new Set<string>();

  async function tick(tell: (news: ChannelNews) => void): Promise<void> {
    try {
      await repeat();
      for (const key of [...owed]) {
        await resolve(key, secrets);
        owed.delete(key);
      }
      if (!worked) tell({ kind: 'health', works: true, detail: null });
      worked = true;
    } catch (error) {
      if (worked) tell({ kind: 'health', works: false, detail: messageOf(error) });
      worked = false;
    }
  }

  return {
    async send(message) {
      const key = keyOf(message);
      const hidden = [...secrets, ...secretsIn(message)];
      if (message.phase === 'recovered') return resolve(key, hidden);
      const before = matters.get(key);
      if (before === undefined && message.phase === 'information') return;
      const firing: Firing = {
        labels: before?.labels ?? labelsOf(message, parts.site.id, key, config.labels),
        annotations: { ...before?.annotations, ...annotationsOf(message) },
        // A demonstration's clock may be ahead of everybody else's.
        startsAt: before?.startsAt ?? instant(Math.min(message.at, wall.now())),
      };
      await post([asAlert(firing, plus(wall.now(), HOLD))], hidden);
      owed.delete(key);
      matters.set(key, firing);
    },
    listen(tell) {
      matters.restore();
      let stopped = false;
      const next = (delay: Duration): void => {
        cancelRepeat = wall.after(delay, () => {
          if (!stopped) void tick(tell).finally(() => !stopped && next(config.repeat));
        });
      };
      next(config.repeat);
      const stop = watchMatters(parts, name, {
        alert: (view) => onEnd(endOf(view)),
        incident: (view) => onEnd(endOf(view)),
      });
      return () => {
        stopped = true;
        cancelRepeat();
        stop();
      };
    },
    /** `/-/ready` (prometheus.io/docs/alerting/latest/management_api) tells nobody anything. */
    async test() {
      const url = `${config.url.replace(/\/+$/, '')}/-/ready`;
      await exchange(name, { url, method: 'GET', headers: authorization(config), timeoutMs: config.timeout }, secrets);
    },
    close: () => Promise.resolve(cancelRepeat()),
  };
}

const HOLD: Duration = hours(4);
const BATCH = 100;

/** An alert ends by itself; an incident holds several. */
const keyOf = ({ alert, incident, conversation }: OutgoingMessage): string => alert ?? incident ?? conversation;

function labelsOf(
  message: OutgoingMessage,
  site: string,
  key: string,
  more: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    ...more,
    alertname: 'Zhishou',
    site,
    matter: key,
    severity: message.severity,
    ...(message.simulated ? { simulated: 'true' } : {}),
    ...(message.drill ? { drill: 'true' } : {}),
  };
}

/** The words in the language of whoever was told, kept beside those in the other; no link: it is one person's signature. */
function annotationsOf({ subject, body, language }: OutgoingMessage): Record<string, string> {
  return { summary: subject, description: body, [`summary_${language}`]: subject, [`description_${language}`]: body };
}

function authorization({ user, password, token }: Config): Record<string, string> {
  if (token !== undefined) return { authorization: `Bearer ${token.reveal()}` };
  if (user === undefined) return {};
  const pair = Buffer.from(`${user}:${password?.reveal() ?? ''}`, 'utf8').toString('base64');
  return { authorization: `Basic ${pair}` };
}
