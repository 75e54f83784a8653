import type { ChannelConfigOf } from '#core/config/channels.ts';
import type { Config } from '#core/config/config.ts';
import { messageOf, ZhishouError } from '#core/errors.ts';
import { keyFigures } from '#core/report-paper/key-figures.ts';
import { periodTitle } from '#core/report-paper/period-title.ts';
import { createPaperWriter } from '#core/report-paper/writer.ts';
import { reportHtml, reportText } from './mail-body.ts';
import type { MailReport, ReportMail } from './seams.ts';

/** Reports by e-mail, over the channel of kind smtp that the recipient's route names, else the site's first. */

/** Seen before anything is opened. */
const MOST_FIGURES = 3;
/** Mail servers take ten to twenty-five; a mail that is refused for its size tells nobody anything. */
const MOST_ATTACHED_BYTES = 7 * 1024 * 1024;

/** Null: the site has no way to send mail. */
export function createReportMail({ site, people }: Pick<Config, 'site' | 'people'>): MailReport | null {
  const channels = Object.entries(site.channels).flatMap(([name, channel]) =>
    channel.kind === 'smtp' ? [{ name, channel }] : [],
  );
  const [first] = channels;
  if (first === undefined) return null;
  return async (mail) => {
    const routes = people.people.find(({ id }) => id === mail.to.person)?.routes ?? [];
    const own = routes.find(({ to }) => to === mail.to.address)?.channel;
    const { name, channel } = channels.find((one) => one.name === own) ?? first;
    return sendOver(name, channel, mail, site.id);
  };
}

async function sendOver(
  name: string,
  channel: ChannelConfigOf<'smtp'>,
  mail: ReportMail,
  site: string,
): ReturnType<MailReport> {
  // Loaded with the first mail, once a week.
  const { createSmtpTransport } = await import('#platform/smtp-transport.ts');
  const transport = createSmtpTransport(name, channel);
  try {
    await transport.send(toMail(mail, channel.from, site));
    return { result: 'sent', detail: null };
  } catch (error) {
    const final = error instanceof ZhishouError && error.code === 'REFUSED';
    return { result: final ? 'refused' : 'failed', detail: messageOf(error) };
  } finally {
    transport.close();
  }
}

function toMail({ key, report, to, files, url }: ReportMail, from: string, site: string) {
  const { language } = to;
  const writer = createPaperWriter(report, language);
  const attached = withinLimit(files);
  const words = {
    language,
    mark: report.simulated ? writer.say('【模拟】', '[SIMULATED] ') : '',
    title: periodTitle(report, language),
    site: report.siteName[language],
    summary: report.summary[language],
    figures: keyFigures(writer).slice(0, MOST_FIGURES),
    left: files.length - attached.length,
    url,
  };
  return {
    from,
    to: to.address,
    subject: `${words.mark}${words.title}${writer.say('：', ': ')}${words.site}`,
    text: reportText(words),
    html: reportHtml(words),
    messageId: `<${key.replaceAll(/[^\w.-]+/g, '-')}@${site}.zhishou.invalid>`,
    headers: {
      // RFC 3834: no vacation replies to a machine.
      'Auto-Submitted': 'auto-generated',
      'List-Id': `<reports.${site}.zhishou.invalid>`,
    },
    attachments: attached.map(({ name, type, bytes }) => ({
      filename: name,
      contentType: type,
      content: Buffer.from(bytes),
    })),
  };
}

function withinLimit(files: ReportMail['files']): ReportMail['files'] {
  let room = MOST_ATTACHED_BYTES;
  return files.filter(({ bytes }) => {
    if (bytes.length > room) return false;
    room -= bytes.length;
    return true;
  });
}
