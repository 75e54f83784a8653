import type { Severity } from '#core/config/rule.ts';
import type { Site } from '#core/config/site.ts';
import type { NotificationRequest } from '#core/notification.ts';
import { fillText, type Text } from '#core/text.ts';
import type { Instant } from '#core/time.ts';

/** The site's own words around what is told (`texts` of site.yaml). The marks of a drill come before all of them. */
const SEVERITY: Readonly<Record<Severity, Text>> = {
  high: { zh: '紧急', en: 'HIGH' },
  medium: { zh: '重要', en: 'MEDIUM' },
  low: { zh: '一般', en: 'LOW' },
};

export function inSiteWords(
  request: NotificationRequest,
  site: Pick<Site, 'name' | 'texts' | 'time_zone'>,
  at: Instant,
): NotificationRequest {
  const template = site.texts[request.phase ?? 'information'];
  if (template === undefined) return request;
  const time = timeOfDay(at, site.time_zone);
  const { subject, body, severity } = request;
  const values = { subject, body, site: site.name, severity: SEVERITY[severity], time: { zh: time, en: time } };
  return {
    ...request,
    subject: template.subject === undefined ? subject : fillText(template.subject, values),
    body: template.body === undefined ? body : fillText(template.body, values),
  };
}

const timeOfDay = (at: Instant, timeZone: string): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(at);
