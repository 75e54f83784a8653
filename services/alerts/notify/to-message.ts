import type { DeliveryView, OutgoingMessage, WaysToAct } from '#core/notification.ts';
import type { Language } from '#core/text.ts';
import type { Instant } from '#core/time.ts';

/** What a channel gets of a delivery. How to act on it is no part of what is kept and shown: the link is this person's alone. */
export function toMessage(view: DeliveryView, language: Language, act: WaysToAct | null, at: Instant): OutgoingMessage {
  const { id, key, to, person, subject, body, severity, incident, alert, drill, simulated } = view;
  const { phase = 'information', conversation = key } = view;
  const about = { incident, alert, conversation, phase, act };
  return { id, to, person, language, subject, body, severity, ...about, drill, simulated, at };
}
