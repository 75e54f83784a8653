import type { OutgoingMessage } from '#core/notification.ts';
import { acknowledgeLabel, codeLine } from './message-words.ts';
import { inXml } from './webhook-channel.ts';

/** A mail's two bodies: the same words as plain text and as small, calm HTML. */

export function mailText(message: OutgoingMessage): string {
  const link = message.act?.link ?? null;
  const act = [link === null ? '' : `${acknowledgeLabel(message)}: ${link}`, codeLine(message)];
  return [message.body, ...act].filter((part) => part !== '').join('\n\n');
}

/** Readable on light and on dark, and beside the word that the subject begins with: colour never stands alone. */
const BAR = { high: '#d0342c', medium: '#c77700', low: '#6b7785' } as const;
const RECOVERED = '#3f8f5a';
const FONT = "system-ui,-apple-system,'Segoe UI','Noto Sans SC','Microsoft YaHei',sans-serif";

/** Neither text nor ground has a colour of its own: both are the reader's, light or dark. Styles are inline, mail programs drop others. */
export function mailHtml(message: OutgoingMessage): string {
  const link = message.act?.link ?? null;
  const code = codeLine(message);
  const bar = message.phase === 'recovered' ? RECOVERED : BAR[message.severity];
  const lines = message.body.split('\n').map((line) => `<p style="margin:0 0 6px">${inXml(line) || '&nbsp;'}</p>`);
  return [
    `<!doctype html><html lang="${message.language === 'zh' ? 'zh-CN' : 'en'}"><head><meta charset="utf-8">`,
    '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"></head>',
    `<body style="margin:0;padding:16px;font:16px/1.6 ${FONT}"><div style="max-width:560px;border-left:6px solid ${bar};padding:4px 0 4px 16px">`,
    `<h1 style="margin:0 0 12px;font-size:20px;line-height:1.4">${inXml(message.subject)}</h1>`,
    ...lines,
    link === null
      ? ''
      : `<p style="margin:20px 0 8px"><a href="${inXml(link)}" style="display:inline-block;padding:14px 28px;border-radius:6px;background:#1f5fa8;color:#ffffff;font-size:18px;font-weight:600;text-decoration:none">${acknowledgeLabel(message)}</a></p>`,
    code === '' ? '' : `<p style="margin:8px 0 0;font-size:18px">${inXml(code)}</p>`,
    '</div></body></html>',
  ].join('');
}
