import type { KeyFigure } from '#core/report-paper/document.ts';
import type { Language } from '#core/text.ts';

/** A report's mail in two bodies of the same words: who opens nothing has still read the paragraph and three figures. */
export interface MailWords {
  readonly language: Language;
  readonly mark: string;
  readonly title: string;
  readonly site: string;
  readonly summary: string;
  readonly figures: readonly KeyFigure[];
  /** Files that were too large to come along. */
  readonly left: number;
  readonly url: string | null;
}

const link = ({ language }: MailWords): string => (language === 'zh' ? '在网页上看' : 'Read it on the page');

function tooLarge({ language, left, url }: MailWords): string {
  if (left === 0) return '';
  const where = url === null ? '' : language === 'zh' ? '，请在网页上下载' : ', fetch them from the page';
  return language === 'zh'
    ? `${left} 个附件太大，未随邮件发送${where}。`
    : `${left} files were too large for this mail${where}.`;
}

const sayFigure = ({ label, value, change }: KeyFigure, language: Language): string =>
  `${label}${language === 'zh' ? '：' : ': '}${value}${change === '' ? '' : ` (${change})`}`;

export function reportText(words: MailWords): string {
  const { mark, title, site, summary, figures, language, url } = words;
  return [
    `${mark}${title}\n${site}`,
    summary,
    figures.map((figure) => sayFigure(figure, language)).join('\n'),
    tooLarge(words),
    url === null ? '' : `${link(words)}: ${url}`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

const FONT = "system-ui,-apple-system,'Segoe UI','Noto Sans SC','Microsoft YaHei',sans-serif";

/** Neither text nor ground has a colour of its own: both are the reader's, light or dark. Styles are inline, mail programs drop others. */
export function reportHtml(words: MailWords): string {
  const { mark, title, site, summary, figures, language, url } = words;
  const left = tooLarge(words);
  const cells = figures.map(
    ({ label, value, change }) =>
      `<td style="padding:8px 16px 8px 0;vertical-align:top"><div style="font-size:13px;opacity:.75">${inHtml(label)}</div><div style="font-size:22px">${inHtml(value)}</div><div style="font-size:13px;opacity:.75">${inHtml(change) || '&nbsp;'}</div></td>`,
  );
  return [
    `<!doctype html><html lang="${language === 'zh' ? 'zh-CN' : 'en'}"><head><meta charset="utf-8">`,
    '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"></head>',
    `<body style="margin:0;padding:16px;font:16px/1.6 ${FONT}"><div style="max-width:600px">`,
    `<h1 style="margin:0;font-size:20px;line-height:1.4">${inHtml(mark + title)}</h1>`,
    `<p style="margin:0 0 12px;font-size:14px;opacity:.75">${inHtml(site)}</p>`,
    `<p style="margin:0 0 12px">${inHtml(summary)}</p>`,
    `<table role="presentation" style="border-collapse:collapse;border-top:1px solid #98a2ab;border-bottom:1px solid #98a2ab;margin:0 0 16px"><tr>${cells.join('')}</tr></table>`,
    left === '' ? '' : `<p style="margin:0 0 12px;font-size:14px">${inHtml(left)}</p>`,
    url === null
      ? ''
      : `<p style="margin:0"><a href="${inHtml(url)}" style="display:inline-block;padding:10px 20px;border-radius:6px;background:#1f5fa8;color:#ffffff;text-decoration:none">${link(words)}</a></p>`,
    '</div></body></html>',
  ].join('');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const inHtml = (text: string): string => text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
