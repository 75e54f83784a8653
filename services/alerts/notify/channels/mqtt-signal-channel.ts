import type { ChannelConfigOf } from '#core/config/channels.ts';
import { SEVERITIES, type Severity } from '#core/config/rule.ts';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { OutgoingMessage } from '#core/notification.ts';
import type { Cancel, Channel, ChannelNews } from '#core/ports.ts';
import { type Duration, seconds } from '#core/time.ts';
import type { KeptChannelParts } from './channel-parts.ts';
import { createMatters } from './open-matters.ts';
import { createSelfTestSchedule, createStateWatch } from './signal-self-test.ts';
import { quietOf, watchMatters } from './watch-matters.ts';

type Config = ChannelConfigOf<'mqtt-signal'>;

interface Matter {
  readonly severity: Severity;
  readonly alert: string | null;
  readonly incident: string | null;
}

/**
 * A siren or a lamp on MQTT: on while anything raised is neither over nor in somebody's hand, off when nothing is. Several matters
 * sound once, with the payload of the worst. After `longest` it is silent until a reminder sounds it again.
 *
 * It is never left on by a crash: what is open is kept, and a start sets the device to what that says, so a blip or an alarm
 * that ended meanwhile is switched off. When the machine itself dies nobody can; so let the device end by itself:
 * - zigbee2mqtt (www.zigbee2mqtt.io/devices, exposes `warning`): {"warning": {"mode": "emergency", "level": "high",
 *   "strobe": true, "duration": 600}}, off {"warning": {"mode": "stop"}}
 * - Tasmota: topic cmnd/NAME/POWER, ON and OFF, with PulseTime set on the device
 * - Shelly, second generation (RPC over MQTT): topic NAME/rpc, {"id": 1, "src": "zhishou", "method": "Switch.Set", "params":
 *   {"id": 0, "on": true, "toggle_after": 600}}
 */
export function createMqttSignalChannel(name: string, config: Config, parts: KeptChannelParts): Channel {
  const { wall, log } = parts;
  const matters = createMatters<Matter>(parts.memory, `channel/${name}/open/`);
  const publish = createPublish(name, config, parts);
  const watch = createStateWatch(config.state, parts);
  let sounding: Severity | null = null;
  let testing = false;
  let cancelLongest: Cancel = () => {};
  let cancelRetry: Cancel = () => {};

  const wanted = (): Severity | null => {
    const open = [...matters.values()].map(({ severity }) => severity).filter((one) => config.on[one] !== undefined);
    return open.toSorted((a, b) => SEVERITIES.indexOf(b) - SEVERITIES.indexOf(a))[0] ?? null;
  };

  async function switchOn(severity: Severity): Promise<void> {
    const before = sounding;
    sounding = severity;
    cancelRetry();
    await publish(config.on[severity] ?? config.off);
    if (before !== null) return;
    cancelLongest();
    cancelLongest = wall.after(config.longest, () => void switchOff());
  }

  /** Off must arrive: what could not be told is told again. */
  async function switchOff(): Promise<void> {
    cancelLongest();
    cancelRetry();
    sounding = null;
    try {
      await publish(config.off);
    } catch (error) {
      log.warn({ channel: name, error: messageOf(error) }, 'a signal could not be switched off yet');
      cancelRetry = wall.after(RETRY, () => {
        if (sounding === null) void switchOff();
      });
    }
  }

  /** After something ended: off with the last, else what the others ask for. */
  async function settle(): Promise<void> {
    const want = wanted();
    if (want === null) {
      if (sounding !== null) await switchOff();
    } else if (sounding !== null && sounding !== want) await switchOn(want);
  }

  function end(matches: (key: string, matter: Matter) => boolean): boolean {
    const ended = [...matters.entries()].filter(([key, matter]) => matches(key, matter));
    for (const [key] of ended) matters.delete(key);
    return ended.length > 0;
  }

  function quiet(id: string | null): void {
    if (id === null) return;
    if (end((key, { alert, incident }) => key === id || alert === id || incident === id)) {
      settle().catch((error: unknown) =>
        log.warn({ channel: name, error: messageOf(error) }, 'a signal was not renewed'),
      );
    }
  }

  /** A blip: on, seen, off, seen. Nothing is proven by silence where the device tells nothing. */
  async function blip(): Promise<void> {
    const severity = SEVERITIES.find((one) => config.on[one] !== undefined);
    if (config.self_test === undefined || severity === undefined) return publish(config.off);
    const { within, blip: length } = config.self_test;
    testing = true;
    try {
      const seenOn = watch.next(true, within);
      await publish(config.on[severity] ?? config.off);
      const [seen] = await Promise.all([seenOn, pause(length)]);
      const seenOff = watch.next(false, within);
      if (wanted() === null) await publish(config.off);
      if (!seen) throw new ZhishouError('TIMED_OUT', name, 'the self-test was not seen to switch it on');
      if (wanted() === null && !(await seenOff))
        throw new ZhishouError('TIMED_OUT', name, 'it was not seen to go off again');
    } finally {
      testing = false;
      // Also after a failure in between: better twice off than once left on.
      if (wanted() === null) await switchOff();
    }
  }
  const pause = (length: Duration): Promise<void> => new Promise((resolve) => void wall.after(length, () => resolve()));

  async function test(): Promise<void> {
    // What sounds is being tried in earnest.
    if (sounding !== null || testing) return;
    await blip();
  }

  return {
    async send(message) {
      matters.restore();
      const key = keyOf(message);
      if (message.phase === 'information') return;
      if (message.phase === 'recovered') {
        end((other) => other === key);
        return settle();
      }
      const { severity, alert, incident } = message;
      if (config.on[severity] === undefined) return;
      matters.set(key, { severity, alert, incident });
      await switchOn(wanted() ?? severity);
    },
    listen(tell) {
      matters.restore();
      const want = wanted();
      if (want === null) void switchOff();
      else switchOn(want).catch((error: unknown) => tell({ kind: 'health', works: false, detail: messageOf(error) }));
      const stops = [
        watch.start(),
        watchMatters(parts, name, { alert: (view) => quiet(quietOf(view)), incident: (view) => quiet(quietOf(view)) }),
        createSelfTestSchedule(name, config.self_test?.every, parts, () => report(test(), tell)),
      ];
      return () => {
        for (const stop of stops) stop();
        cancelRetry();
        // Who acts next goes on with what is open.
        cancelLongest();
        if (testing && wanted() === null) void switchOff();
      };
    },
    test,
    async close() {
      cancelLongest();
      cancelRetry();
      if (matters.size === 0 && (sounding !== null || testing)) await publish(config.off).catch(() => {});
    },
  };
}

const RETRY: Duration = seconds(5);

const report = (done: Promise<void>, tell: (news: ChannelNews) => void): Promise<void> =>
  done.then(
    () => tell({ kind: 'health', works: true, detail: null }),
    (error: unknown) => tell({ kind: 'health', works: false, detail: messageOf(error) }),
  );

/** An alert ends by itself; an incident holds several. */
const keyOf = ({ alert, incident, conversation }: OutgoingMessage): string => alert ?? incident ?? conversation;

function createPublish(name: string, { topic, retain }: Config, { bus }: KeptChannelParts) {
  return async (payload: Config['off']): Promise<void> => {
    try {
      await bus.publish(topic, typeof payload === 'string' ? payload : JSON.stringify(payload), { retain, qos: 1 });
    } catch (error) {
      throw new ZhishouError('BUS_DOWN', name, messageOf(error), { cause: error });
    }
  };
}
