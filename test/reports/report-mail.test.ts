import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { afterEach, describe, expect, test } from 'vitest';
import { channelSchema } from '#core/config/channels.ts';
import type { Config } from '#core/config/config.ts';
import type { Language } from '#core/text.ts';
import { createReportMail } from '#services/dashboard-api/period-reports/mail.ts';
import { renderReport } from '#services/dashboard-api/period-reports/paper/render-report.ts';
import { PAPER_TYPES, type ReportMail } from '#services/dashboard-api/period-reports/seams.ts';
import { terribleWeek } from './fixture-bad-weeks.ts';
import { ordinaryWeek } from './fixture-report.ts';

/** Reports by e-mail, against a mail server of the test's own. */

interface Taken {
  readonly to: readonly string[];
  readonly raw: string;
}
const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function startServer(refuse: string | null = null): Promise<{ port: number; taken: Taken[] }> {
  const taken: Taken[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    logger: false,
    onData: (stream, session, done) => {
      void text(stream).then((raw) => {
        taken.push({ to: session.envelope.rcptTo.map(({ address }) => address), raw });
        done(
          refuse === null
            ? null
            : Object.assign(new Error(refuse.slice(4)), { responseCode: Number(refuse.slice(0, 3)) }),
        );
      });
    },
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(() => new Promise((resolve) => server.close(() => resolve())));
  return { port: (server.server.address() as AddressInfo).port, taken };
}

const siteWith = (channels: Record<string, number>, routes: { channel: string; to: string }[] = []) =>
  ({
    site: {
      id: 'lab',
      channels: Object.fromEntries(
        Object.entries(channels).map(([name, port]) => [
          name,
          channelSchema.parse({ kind: 'smtp', host: '127.0.0.1', port, from: '值守 <zhishou@example.com>' }),
        ]),
      ),
    },
    people: { people: [{ id: 'gao-jie', routes }] },
  }) as unknown as Pick<Config, 'site' | 'people'>;

const mailTo = (language: Language, change: Partial<ReportMail> = {}): ReportMail => ({
  key: 'report/weekly-2026-W46/gao-jie/0',
  report: ordinaryWeek(),
  to: { person: 'gao-jie', name: { zh: '高洁', en: 'Gao Jie' }, address: 'gao.jie@example.com', language },
  files: [],
  url: 'https://room.example.com/reports/weekly-2026-W46',
  ...change,
});

/** The decoded parts of a mail, whatever is nested in whatever. */
function partsOf(raw: string): readonly { readonly head: string; readonly body: Buffer }[] {
  const [head = '', ...rest] = raw.split('\r\n\r\n');
  const body = rest.join('\r\n\r\n');
  const unfolded = head.replaceAll(/\r\n[ \t]+/g, ' ');
  const boundary = /boundary="([^"]+)"/.exec(unfolded)?.[1];
  if (boundary !== undefined)
    return body
      .split(`--${boundary}`)
      .slice(1, -1)
      .flatMap((part) => partsOf(part.replace(/^\r\n/, '')));
  const encoding = /content-transfer-encoding: (\S+)/i.exec(unfolded)?.[1] ?? '7bit';
  const decoded =
    encoding === 'base64' ? Buffer.from(body, 'base64') : Buffer.from(fromQuoted(body, encoding), 'latin1');
  return [{ head: unfolded, body: decoded }];
}
const fromQuoted = (body: string, encoding: string): string =>
  encoding !== 'quoted-printable'
    ? Buffer.from(body).toString('latin1')
    : body
        .replaceAll(/=\r\n/g, '')
        .replaceAll(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
const decodeSubject = (raw: string): string =>
  (/^Subject: ((?:.|\r\n[ \t])*)/im.exec(raw)?.[1] ?? '')
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?utf-8\?([BQ])\?(.*?)\?=/gi, (_all, kind: string, coded: string) =>
      kind.toUpperCase() === 'B'
        ? Buffer.from(coded, 'base64').toString()
        : Buffer.from(
            coded
              .replaceAll('_', ' ')
              .replaceAll(/=([0-9A-F]{2})/g, (_one, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
            'latin1',
          ).toString(),
    );

describe('O-WK-1: the report by e-mail', () => {
  test.each(['zh', 'en'] as const)(
    'says the paragraph and three figures in the reader’s language, with the papers as they were archived (%s)',
    async (language) => {
      const { port, taken } = await startServer();
      const report = terribleWeek();
      const pdf = await renderReport(report, { language, format: 'pdf', charts: [] });
      const send = createReportMail(siteWith({ email: port }))!;
      const outcome = await send(
        mailTo(language, { report, files: [{ name: `weekly-${language}.pdf`, type: PAPER_TYPES.pdf, bytes: pdf }] }),
      );
      expect(outcome).toEqual({ result: 'sent', detail: null });
      const [mail] = taken;
      expect(mail?.to).toEqual(['gao.jie@example.com']);
      expect(decodeSubject(mail!.raw)).toContain(
        language === 'zh'
          ? '【模拟】机房运行周报 2026 年第 47 周：示例机房'
          : '[SIMULATED] Weekly report, week 47 of 2026: Sample room',
      );
      const [plain, html, file] = partsOf(mail!.raw);
      for (const body of [plain!.body.toString(), html!.body.toString()]) {
        expect(body).toContain(report.summary[language]);
        expect(body).toContain(language === 'zh' ? '26.9 ℃' : '26.9 °C');
        expect(body).toContain('57.3 %');
        expect(body).toContain('https://room.example.com/reports/weekly-2026-W46');
      }
      expect(file!.head).toContain(`weekly-${language}.pdf`);
      expect(file!.head).toContain('application/pdf');
      expect(file!.body.equals(Buffer.from(pdf))).toBe(true);
    },
  );

  test('the same mail sent again is the same message to a mailbox', async () => {
    const { port, taken } = await startServer();
    const send = createReportMail(siteWith({ email: port }))!;
    await send(mailTo('zh'));
    await send(mailTo('zh'));
    const ids = taken.map(({ raw }) => /^Message-ID: (.*)\r$/im.exec(raw)?.[1]);
    expect(ids).toEqual([
      '<report-weekly-2026-W46-gao-jie-0@lab.zhishou.invalid>',
      '<report-weekly-2026-W46-gao-jie-0@lab.zhishou.invalid>',
    ]);
  });

  test('goes over the channel that the person’s route names', async () => {
    const one = await startServer();
    const other = await startServer();
    const send = createReportMail(
      siteWith({ one: one.port, other: other.port }, [{ channel: 'other', to: 'gao.jie@example.com' }]),
    )!;
    await send(mailTo('zh'));
    expect([one.taken.length, other.taken.length]).toEqual([0, 1]);
  });

  test.each([
    ['550 no such mailbox', 'refused', 'for good'],
    ['451 try later', 'failed', 'may be tried again'],
  ] as const)('%s is %s: %s', async (answer, result, _why) => {
    const { port } = await startServer(answer);
    const outcome = await createReportMail(siteWith({ email: port }))!(mailTo('zh'));
    expect(outcome.result).toBe(result);
    expect(outcome.detail).toContain(answer.slice(4));
  });

  test('a server that is not there may be tried again; nothing is thrown', async () => {
    const { port } = await startServer();
    await cleanUps.pop()?.();
    expect((await createReportMail(siteWith({ email: port }))!(mailTo('zh'))).result).toBe('failed');
  });

  test('a site without a way to send mail says so beforehand', () => {
    expect(createReportMail(siteWith({}))).toBeNull();
  });

  test('what is too large to be taken stays behind and is said', async () => {
    const { port, taken } = await startServer();
    const files = [8 * 1024 * 1024, 1000].map((size) => ({
      name: `${size}.pdf`,
      type: PAPER_TYPES.pdf,
      bytes: new Uint8Array(size),
    }));
    await createReportMail(siteWith({ email: port }))!(mailTo('zh', { files }));
    const [plain, , file, none] = partsOf(taken[0]!.raw);
    expect(plain!.body.toString()).toContain('1 个附件太大，未随邮件发送，请在网页上下载。');
    expect(file!.head).toContain('1000.pdf');
    expect(none).toBeUndefined();
  });

  test('what people wrote makes no HTML of the mail', async () => {
    const { port, taken } = await startServer();
    const report = ordinaryWeek({ summary: { zh: '<b onclick="x">&</b>', en: '' } });
    await createReportMail(siteWith({ email: port }))!(mailTo('zh', { report }));
    const [, html] = partsOf(taken[0]!.raw);
    expect(html!.body.toString()).toContain('&lt;b onclick=&quot;x&quot;&gt;&amp;&lt;/b&gt;');
  });
});
