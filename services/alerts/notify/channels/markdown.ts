/**
 * The robots' dialects of markdown have no documented way to escape. What would be read as markup gets its full-width twin:
 * the words stay readable, a device's name mentions nobody and opens no link.
 */
const TWINS: Readonly<Record<string, string>> = { '<': '＜', '>': '＞', '*': '＊', '[': '［', ']': '］', '`': 'ˋ' };

export const plainMarkdown = (text: string): string =>
  text
    .replaceAll(/[<>*[\]`]/g, (sign) => TWINS[sign] ?? sign)
    // A heading or a list at the beginning of a line.
    .replaceAll(/^(\s*)#/gm, '$1＃');
