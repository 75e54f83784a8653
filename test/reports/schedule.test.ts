import { afterEach, expect, test } from 'vitest';
import type { Config } from '#core/config/config.ts';
import { reportsSchema } from '#core/config/reports.ts';
import type { Notice } from '#core/notice.ts';
import { periodById } from '#core/period-report/periods.ts';
import { hours, type Instant, instant, minutes } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { type KeptEdition, openReportArchive, type ReportArchive } from '#platform/report-archive.ts';
import { createMailDesk, peopleMeant } from '#services/dashboard-api/period-reports/mail-desk.ts';
import { createReportSchedule } from '#services/dashboard-api/period-reports/schedule.ts';
import type { MailOutcome, ReportMail } from '#services/dashboard-api/period-reports/seams.ts';
import { sampleConfig } from '../plans/support.ts';

/** Ready before the Monday meeting by itself: on a virtual clock, with mail that fails and a process that is killed. */
const ZONE = 'Asia/Shanghai';
/** Sunday 15 November 2026, 20:00 in Shanghai. */
const SUNDAY = instant(Date.UTC(2026, 10, 15, 12));
const stopping: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stopping.splice(0)) await stop();
});

interface World {
  readonly clock: ReturnType<typeof createVirtualClock>;
  readonly archive: ReportArchive;
  readonly made: string[];
  readonly mails: ReportMail[];
  readonly notices: Notice[];
  outcome: (mail: ReportMail) => MailOutcome;
  failMaking: boolean;
}
const world = (): World => ({
  clock: createVirtualClock(SUNDAY),
  archive: openReportArchive(':memory:', null),
  ...{ made: [], mails: [], notices: [], failMaking: false },
  outcome: () => ({ result: 'sent', detail: null }),
});

function start(one: World, reports: unknown, since: Instant = instant(Date.UTC(2026, 10, 3))) {
  const sample = sampleConfig();
  const config: Config = {
    ...sample,
    site: { ...sample.site, time_zone: ZONE, reports: reportsSchema.parse(reports) },
  };
  const { clock, archive } = one;
  const make = async (id: string): Promise<KeptEdition> => {
    if (one.failMaking) throw new Error('history is away');
    const span = periodById(id, ZONE);
    if (span === null) throw new Error(id);
    one.made.push(id);
    const { period, name, from, to } = span;
    const edition = { id, periodId: id, period, name, from, to, madeAt: clock.now(), madeBy: 'zhishou', reason: null };
    const files = [`${id}-zh.docx`, `${id}-zh.pdf`, `${id}-en.docx`, `${id}.json`];
    return archive.add(
      { ...edition, summary: { zh: '好', en: 'good' } },
      files.map((file) => ({ name: file, bytes: Buffer.from(file.endsWith('json') ? JSON.stringify({ id }) : file) })),
    );
  };
  const mails = createMailDesk({
    ...{ config, clock, log: silentLog, archive },
    mail: async (mail) => {
      one.mails.push(mail);
      return one.outcome(mail);
    },
    onGivenUp: (id, person) => {
      const edition = archive.get(id);
      if (edition !== null) schedule.tell(edition, [person]);
    },
  });
  const schedule = createReportSchedule({
    ...{ config, clock, log: silentLog, metrics: createMetrics(), archive, mails },
    maker: {
      make: async (span) => archive.get(span.id) ?? make(span.id),
      correct: async (span) => make(span.id),
    },
    notices: {
      tell: async (notice) => {
        one.notices.push(notice);
        return true;
      },
    },
    meant: (names, at) => peopleMeant(config, null, names, at),
    since: async () => since,
  });
  mails.start();
  schedule.start();
  const stop = async (): Promise<void> => {
    await schedule.stop();
    await mails.stop();
  };
  stopping.push(stop);
  return { stop };
}
/** In steps, so that what hangs on promises between timers comes to its turn. */
async function pass(one: World, length: number): Promise<void> {
  for (let at = 0; at < length; at += minutes(10)) await one.clock.advanceByAsync(minutes(10));
}

const WEEKLY = { weekly: { at: 'Mon 07:00', mail: ['director', 'sam-reed'] } };

test('O-WK-1 the week is ready on Monday at seven, once, and goes to each in their language', async () => {
  const one = world();
  start(one, WEEKLY);
  await pass(one, hours(10));
  expect(one.made).toEqual(['weekly-2026-W45']);
  await pass(one, hours(2));
  expect(one.made).toEqual(['weekly-2026-W45', 'weekly-2026-W46']);
  await pass(one, hours(48));
  expect(one.made).toHaveLength(2);
  const own = one.mails.filter(({ report }) => report.id === 'weekly-2026-W46');
  expect(own.map(({ to, files }) => [to.person, to.address, files.map(({ name }) => name)])).toEqual([
    ['sam-reed', 'sam.reed@example.com', ['weekly-2026-W46-en.docx', 'weekly-2026-W46-zh.pdf']],
    ['zhou-min', 'zhou.min@example.com', ['weekly-2026-W46-zh.docx', 'weekly-2026-W46-zh.pdf']],
  ]);
});

test('after weeks away everything that is missing since there was history is made, and nothing before that', async () => {
  const one = world();
  start(one, { ...WEEKLY, monthly: { at: '1 07:30' } }, instant(Date.UTC(2026, 9, 20)));
  await pass(one, hours(1));
  expect(one.made).toEqual(['weekly-2026-W43', 'monthly-2026-10', 'weekly-2026-W44', 'weekly-2026-W45'].sort(byTime));
});
const byTime = (a: string, b: string): number => (periodById(a, ZONE)?.to ?? 0) - (periodById(b, ZONE)?.to ?? 0);

test('what could not be made is tried again until it is', async () => {
  const one = world();
  one.failMaking = true;
  start(one, WEEKLY);
  await pass(one, hours(1));
  expect(one.made).toEqual([]);
  one.failMaking = false;
  await pass(one, minutes(20));
  expect(one.made).toEqual(['weekly-2026-W45']);
});

test('mail that fails is tried again over a restart, with the same key, and arrives once', async () => {
  const one = world();
  one.outcome = () => ({ result: 'failed', detail: 'no route to host' });
  const first = start(one, { weekly: { at: 'Mon 07:00', mail: ['zhou-min'] } });
  await pass(one, hours(1));
  await first.stop();
  const tried = one.mails.length;
  expect(tried).toBeGreaterThan(1);
  one.outcome = () => ({ result: 'sent', detail: null });
  start(one, { weekly: { at: 'Mon 07:00', mail: ['zhou-min'] } });
  await pass(one, hours(9));
  expect(one.made).toEqual(['weekly-2026-W45']);
  expect(one.mails).toHaveLength(tried + 1);
  expect(new Set(one.mails.map(({ key }) => key))).toEqual(new Set(['report/weekly-2026-W45/zhou-min/0']));
  expect(one.archive.mail.of('weekly-2026-W45')).toMatchObject([{ person: 'zhou-min', error: null }]);
});

test('who gets no mail, or whose mail is refused for good, is told by the site’s other ways', async () => {
  const one = world();
  one.outcome = ({ to }) => ({ result: to.person === 'zhou-min' ? 'refused' : 'sent', detail: 'no such mailbox' });
  start(one, WEEKLY);
  await pass(one, hours(1));
  expect(one.notices.map(({ people, path, severity }) => ({ people, path, severity }))).toEqual([
    { people: ['zhou-min'], path: '/reports/weekly-2026-W45', severity: 'low' },
  ]);
  expect(one.archive.mail.of('weekly-2026-W45')).toMatchObject([
    { person: 'sam-reed', error: null },
    { person: 'zhou-min', error: 'no such mailbox', nextAt: null },
  ]);
});
