import { ref, watch } from 'vue';
import type { AlertView } from '#core/alert.ts';
import { muteLeft, preferences } from '../preferences.ts';
import { createOneTab } from './one-tab.ts';
import { live, openAlerts } from './store.ts';
import { isAudible, playTone, wakeAudio } from './tone.ts';

/**
 * The wall page calls: a tone for what fires, again while nobody has acknowledged what is high, and the browser's own notice where
 * that was allowed. Loaded when the person has asked for either; one tab of a browser does it. Mute has an end, and what concerns
 * safety is heard all the same (L34).
 */

/** The person wants sound and the browser gives none before a touch. */
export const blocked = ref(false);

const REPEAT_MS = 30_000;
const tabs = createOneTab('zhishou-attention');
const heard = new Set<string>();
const notices = new Map<string, Notification>();
let started = false;

const calls = ({ state }: AlertView): boolean => state === 'firing';
const mayBeHeard = ({ safety }: AlertView): boolean => preferences.sound && (safety || muteLeft() === 0);

export interface AttentionParts {
  words(alert: AlertView): { readonly title: string; readonly body: string };
  /** Brings the alerts before the person who touched a notice. */
  show(): void;
}

export function startAttention({ words, show }: AttentionParts): void {
  if (started) return;
  started = true;
  let seen = false;
  watch(
    [openAlerts, () => live.loaded] as const,
    ([alerts, loaded]) => {
      if (!loaded) return;
      const fresh = alerts.filter((alert) => calls(alert) && !heard.has(alert.id));
      // What was there before the page was opened is on it; what is high calls anyhow.
      const wanted = seen ? fresh : fresh.filter(({ severity }) => severity === 'high');
      seen = true;
      remember(alerts);
      sound(wanted, '');
      for (const alert of wanted) notify(alert, words(alert), show);
      closeNotices(alerts);
    },
    { immediate: true },
  );
  setInterval(() => {
    const waiting = openAlerts.value.filter((alert) => calls(alert) && alert.severity === 'high');
    // All tabs have the same round, so that one of them sounds it.
    sound(waiting, ` ${Math.floor(Date.now() / REPEAT_MS)}`);
  }, REPEAT_MS);
  watch(() => preferences.sound, checkAudio, { immediate: true });
  addEventListener('pointerdown', checkAudio);
  addEventListener('keydown', checkAudio);
}

function remember(alerts: readonly AlertView[]): void {
  const present = new Set(alerts.map(({ id }) => id));
  for (const id of heard) if (!present.has(id)) heard.delete(id);
  for (const alert of alerts) if (calls(alert)) heard.add(alert.id);
}

/** One tone for all that comes at once: that of the worst. */
function sound(alerts: readonly AlertView[], round: string): void {
  const [worst] = alerts.filter(mayBeHeard);
  if (worst === undefined || !isAudible()) return;
  tabs.claim(`tone ${worst.id}${round}`, () => playTone(worst.severity));
}

function checkAudio(): void {
  if (!preferences.sound) {
    blocked.value = false;
    return;
  }
  void wakeAudio().then((audible) => {
    blocked.value = !audible;
  });
}

function notify(alert: AlertView, { title, body }: ReturnType<AttentionParts['words']>, show: () => void): void {
  if (!preferences.notices || noticeLeave() !== 'granted' || (!alert.safety && muteLeft() > 0)) return;
  tabs.claim(`notice ${alert.id}`, () => {
    const notice = new Notification(title, { body, tag: alert.id, requireInteraction: alert.severity === 'high' });
    notice.onclick = () => {
      window.focus();
      show();
      notice.close();
    };
    notices.set(alert.id, notice);
  });
}

/** What somebody has taken in hand calls no longer. */
function closeNotices(alerts: readonly AlertView[]): void {
  const calling = new Set(alerts.filter(calls).map(({ id }) => id));
  for (const [id, notice] of notices) {
    if (calling.has(id)) continue;
    notice.close();
    notices.delete(id);
  }
}

/** Browsers have notices on pages over HTTPS and on this machine only. */
export const noticeLeave = (): NotificationPermission | 'absent' =>
  typeof Notification === 'undefined' || !isSecureContext ? 'absent' : Notification.permission;
