import type { NotificationRequest } from '#core/notification.ts';
import type { Language } from '#core/text.ts';

/** What reaches people says at once that it is a drill or comes from the simulated room, in the reader's language. */
export function marked(
  request: Pick<NotificationRequest, 'subject' | 'body' | 'drill' | 'simulated'>,
  language: Language,
): { subject: string; body: string } {
  const marks = marksOf(request, language);
  const subject = request.subject[language].replaceAll(/\s+/g, ' ').trim();
  const body = withoutSubject(request.body[language], subject);
  if (marks === '') return { subject, body };
  const gap = language === 'zh' ? '' : ' ';
  return { subject: `${marks}${gap}${subject}`, body: `${marks}${gap}${body}` };
}

/** The subject stands above the body wherever it is read: once is enough, and room is dear in a text message. */
function withoutSubject(body: string, subject: string): string {
  const lines = body.split('\n');
  const rest = lines.filter((line) => line.trim() !== subject);
  return rest.length === 0 || rest.length === lines.length ? body : rest.join('\n');
}

export function marksOf(
  { drill, simulated }: Pick<NotificationRequest, 'drill' | 'simulated'>,
  language: Language,
): string {
  const words =
    language === 'zh' ? { drill: '【演练】', simulated: '【模拟】' } : { drill: '[DRILL]', simulated: '[SIMULATED]' };
  return `${simulated ? words.simulated : ''}${drill ? words.drill : ''}`;
}
