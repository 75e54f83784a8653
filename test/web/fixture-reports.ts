import type { IncomingMessage, ServerResponse } from 'node:http';
import { text as bodyOf } from 'node:stream/consumers';
import type { ArchivedReport, PeriodReport } from '#core/paperwork/period-report.ts';
import type { Language } from '#core/text.ts';
import { periodChartSvg } from '#services/dashboard-api/period-reports/paper/period-chart.ts';
import { terribleWeek, wholeYear } from '../reports/fixture-bad-weeks.ts';
import { chartsOf } from '../reports/fixture-charts.ts';
import { emptyWeek, ordinaryWeek } from '../reports/fixture-report.ts';

/** The archive of reports as the service answers it, for the page's own tests; curves are drawn as the service draws them. */
export interface ReportsFixture {
  archived: ArchivedReport[];
  readonly mailed: { id: string; to: readonly string[] }[];
  readonly made: { period: string; name: string }[];
  /** The next requests are answered so; null: with what there is. */
  failure: { status: number; code: string; detail: string } | null;
  readonly also: (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<boolean>;
}

const archivedOf = (report: PeriodReport, change: Partial<ArchivedReport> = {}): ArchivedReport => ({
  ...{ id: report.id, period: report.period, name: report.name, from: report.from, to: report.to },
  madeAt: report.generatedAt,
  files: ['zh.docx', 'zh.pdf', 'zh.xlsx', 'en.docx', 'en.pdf', 'en.xlsx'].map((end) => ({
    name: `${report.id}-${end}`,
    bytes: 120_000,
    sha256: 'ab'.repeat(32),
  })),
  intact: true,
  mailed: [],
  summary: report.summary,
  ...change,
});

export function reportsFixture(): ReportsFixture {
  const reports = [
    ordinaryWeek(),
    terribleWeek(),
    { ...emptyWeek(), id: 'weekly-2026-W45', name: '2026-W45' },
    wholeYear(),
  ];
  const [week, bad, , year] = reports as [PeriodReport, PeriodReport, PeriodReport, PeriodReport];
  const fixture: ReportsFixture = {
    archived: [
      archivedOf(bad, {
        mailed: [
          { to: 'gao-jie', at: '2026-11-23T00:01:00Z', error: null },
          { to: 'lin-hao', at: null, error: '550 no such mailbox' },
        ],
      }),
      archivedOf(week, { intact: false }),
      archivedOf(year),
    ],
    mailed: [],
    made: [],
    failure: null,
    also: async (request, response, url) => {
      const path = /^\/api\/v1\/reports(?:\/(.*))?$/.exec(url.pathname);
      if (path === null) return false;
      const [id = '', part = '', name = ''] = (path[1] ?? '').split('/').map(decodeURIComponent);
      const send = (status: number, body: unknown): boolean => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
        return true;
      };
      const fail = (status: number, code: string, detail: string): boolean =>
        send(status, { type: 'about:blank', title: code, status, code, detail });
      if (fixture.failure !== null) return fail(fixture.failure.status, fixture.failure.code, fixture.failure.detail);
      if (id === '' && request.method === 'GET') return send(200, { reports: fixture.archived, next: null });
      if (id === '') {
        fixture.made.push(JSON.parse(await bodyOf(request)) as { period: string; name: string });
        return send(200, { report: week, archived: archivedOf(week) });
      }
      if (part === 'mail') {
        const { to } = JSON.parse(await bodyOf(request)) as { to: string[] };
        fixture.mailed.push({ id, to });
        return send(202, {
          queued: to.filter((one) => one !== 'zhou-min'),
          unreachable: to.filter((one) => one === 'zhou-min'),
        });
      }
      const report = reports.find((one) => one.id === id);
      if (report === undefined) return fail(404, 'NOT_FOUND', id);
      if (part === '') return send(200, report);
      const chart = part === 'charts' ? chartsOf(report).find((one) => one.id === name) : undefined;
      if (chart === undefined) return fail(404, 'NOT_FOUND', name);
      const language: Language = url.searchParams.get('language') === 'en' ? 'en' : 'zh';
      response.writeHead(200, { 'content-type': 'image/svg+xml' }).end(periodChartSvg(chart, language));
      return true;
    },
  };
  return fixture;
}
