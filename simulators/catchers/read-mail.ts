/** Subject and plain text of a mail (RFC 5322, MIME): enough to show on the demo's page what would have been read. */

const MOST_NESTING = 4;

/** Takes the raw message as latin-1 text, one character a byte. */
export function readMail(raw: string): { subject: string; text: string } {
  const { headers, body } = split(raw);
  return { subject: decodeWords(headers.get('subject') ?? ''), text: (textPart(headers, body, 0) ?? '').trim() };
}

function split(raw: string): { headers: Map<string, string>; body: string } {
  const end = /\r?\n\r?\n/.exec(raw);
  const head = end === null ? raw : raw.slice(0, end.index);
  const headers = new Map<string, string>();
  for (const line of head.replaceAll(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return { headers, body: end === null ? '' : raw.slice(end.index + end[0].length) };
}

/** The first text/plain part, or any text part when there is none. */
function textPart(headers: ReadonlyMap<string, string>, body: string, depth: number): string | null {
  const type = headers.get('content-type') ?? 'text/plain';
  const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1];
  if (/^multipart\//i.test(type) && boundary !== undefined && depth < MOST_NESTING) {
    const parts = body
      .split(`--${boundary}`)
      .slice(1)
      .filter((part) => !part.startsWith('--'))
      .map((part) => split(part.replace(/^\r?\n/, '')));
    const plain = parts.find((part) => /^text\/plain/i.test(part.headers.get('content-type') ?? 'text/plain'));
    const chosen = plain ?? parts[0];
    return chosen === undefined ? null : textPart(chosen.headers, chosen.body, depth + 1);
  }
  const charset = /charset="?([\w-]+)"?/i.exec(type)?.[1] ?? 'utf-8';
  return decodeBytes(decodeTransfer(body, headers.get('content-transfer-encoding') ?? '7bit'), charset);
}

function decodeTransfer(body: string, encoding: string): Buffer {
  if (/base64/i.test(encoding)) return Buffer.from(body, 'base64');
  if (/quoted-printable/i.test(encoding)) return decodeQuoted(body.replaceAll(/=\r?\n/g, ''));
  return Buffer.from(body, 'latin1');
}

const decodeQuoted = (text: string): Buffer =>
  Buffer.from(
    text.replaceAll(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );

function decodeBytes(bytes: Buffer, charset: string): string {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return bytes.toString('utf8');
  }
}

/** RFC 2047 encoded words; white space between two of them is dropped. */
function decodeWords(text: string): string {
  return text
    .replaceAll(/(=\?[^?\s]+\?[bqBQ]\?[^?\s]*\?=)\s+(?==\?)/g, '$1')
    .replaceAll(/=\?([^?\s]+)\?([bqBQ])\?([^?\s]*)\?=/g, (_, charset: string, kind: string, encoded: string) =>
      decodeBytes(
        kind.toLowerCase() === 'b' ? Buffer.from(encoded, 'base64') : decodeQuoted(encoded.replaceAll('_', ' ')),
        charset,
      ),
    );
}
