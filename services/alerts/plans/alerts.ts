import type { IncidentEvent } from './events.ts';
import { bothTexts } from './texts.ts';
import type { Turn } from './turn.ts';

/** Alerts that the plan's triggers and conditions name: which fire now. That one ends closes nothing. */
export function takeAlert(turn: Turn, { id, title, firing }: Extract<IncidentEvent, { type: 'alert' }>): void {
  const { alerts } = turn.state;
  const before = alerts[id];
  if (firing === null) {
    if (before === undefined) return;
    delete alerts[id];
    turn.record('reading', bothTexts(`告警结束：${title.zh}`, `Alert over: ${title.en}`), {
      why: before.deviceName,
      figures: { alert: before.key },
    });
    return;
  }
  if (before?.key === firing.key) return;
  alerts[id] = firing;
  turn.record('reading', title, { why: firing.deviceName, figures: { alert: firing.key }, urgent: true });
}
