import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { strFromU8, unzipSync } from 'fflate';
import readXlsx from 'read-excel-file/node';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { PeriodReport } from '#core/paperwork/period-report.ts';
import { TABLE_IDS } from '#core/report-paper/document.ts';
import { periodDocument, reportTables } from '#core/report-paper/period-document.ts';
import type { Language } from '#core/text.ts';
import { renderReport } from '#services/dashboard-api/period-reports/paper/render-report.ts';
import { toCsv } from '#services/dashboard-api/period-reports/paper/report-csv.ts';
import type { PaperFormat } from '#services/dashboard-api/period-reports/seams.ts';
import { describeReal } from '../support/real.ts';
import { terribleWeek, wholeYear } from './fixture-bad-weeks.ts';
import { chartsOf } from './fixture-charts.ts';
import { emptyWeek, ordinaryWeek } from './fixture-report.ts';

/** Papers as they come out, opened again; what a person should look at is left in the artefacts' folder. */
const ARTEFACTS = join(import.meta.dirname, '../e2e/shots');
/** A paper is a second of CPU, on a machine that may do other things beside. */
vi.setConfig({ testTimeout: 120_000 });
beforeAll(() => void mkdirSync(ARTEFACTS, { recursive: true }));

async function paper(name: string, report: PeriodReport, language: Language, format: PaperFormat): Promise<Uint8Array> {
  const bytes = await renderReport(report, { language, format, charts: chartsOf(report) });
  writeFileSync(join(ARTEFACTS, `${name}-${language}.${format}`), bytes);
  return bytes;
}

const words = (xml: string): string =>
  xml
    .replaceAll(/<\/w:p>/g, '\n')
    .replaceAll(/<[^>]+>/g, '')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>');

describe('O-WK-1: the report as Word', () => {
  test.each(['zh', 'en'] as const)(
    'has headings, tables whose head repeats, curves, page numbers and its edition (%s)',
    async (language) => {
      const files = unzipSync(await paper('week', ordinaryWeek(), language, 'docx'));
      const text = (name: string): string => strFromU8(files[name]!);
      const body = text('word/document.xml');
      const says = words(body);
      expect(says).toContain(
        language === 'zh' ? '【模拟】机房运行周报 2026 年第 46 周' : '[SIMULATED] Weekly report, week 46 of 2026',
      );
      expect(says).toContain(ordinaryWeek().summary[language]);
      expect(says).toContain(language === 'zh' ? '温度 ℃' : 'Temperature °C');
      expect(says).toMatch(/22\.4 ▲0\.4/);
      const headings = [...body.matchAll(/<w:pStyle w:val="Heading1"\/>/g)].length;
      expect(headings).toBeGreaterThanOrEqual(10);
      const tables = [...body.matchAll(/<w:tbl>/g)].length;
      expect([...body.matchAll(/<w:tblHeader\/>/g)].length).toBe(tables - 1);
      const media = Object.keys(files).filter((name) => name.startsWith('word/media/'));
      expect([...body.matchAll(/<w:drawing>/g)]).toHaveLength(chartsOf(ordinaryWeek()).length);
      for (const name of media) expect(strFromU8(files[name]!.slice(1, 4))).toBe('PNG');
      const footer = text(Object.keys(files).find((name) => /word\/footer\d*\.xml/.test(name))!);
      expect(footer).toContain('weekly-2026-W46');
      expect(footer).toMatch(/[0-9a-f]{12}/);
      expect(footer).toContain('NUMPAGES');
    },
  );

  test('where the record has holes the figure says so beside itself, and so does the coverage', async () => {
    const says = words(strFromU8(unzipSync(await paper('week', ordinaryWeek(), 'zh', 'docx'))['word/document.xml']!));
    expect(says).toMatch(/热通道温湿度\n?[\s\S]{0,40}23\.0 ▲0\.4\u00a0\*/);
    expect(says).toContain('83.1 %\u00a0*');
    expect(says).toContain('记录不足 95 %：热通道温湿度 83 %');
  });

  test('two editions of one week are told apart by their foot', async () => {
    const foot = async (report: PeriodReport): Promise<string> => {
      const files = unzipSync(await renderReport(report, { language: 'zh', format: 'docx', charts: [] }));
      return words(strFromU8(files[Object.keys(files).find((name) => /word\/footer\d*\.xml/.test(name))!]!));
    };
    expect(await foot(ordinaryWeek())).toBe(await foot(ordinaryWeek()));
    expect(await foot(ordinaryWeek())).not.toBe(
      await foot(ordinaryWeek({ missedDuties: terribleWeek().missedDuties })),
    );
  });
});

describeReal('pdftotext', 'O-WK-1: the report as PDF', () => {
  const textOf = (name: string): readonly string[] => {
    const { stdout } = spawnSync('pdftotext', ['-layout', join(ARTEFACTS, name), '-'], { encoding: 'utf8' });
    return stdout.split('\f').slice(0, -1);
  };

  test.each([
    ['week', ordinaryWeek, 2, 5, 'an ordinary week is two to five pages'],
    ['terrible', terribleWeek, 2, 11, 'a terrible one ends too'],
    ['empty', emptyWeek, 1, 1, 'nothing to tell is one page'],
    ['year', wholeYear, 2, 14, 'a year is no book'],
  ] as const)(
    '%s: its text is text with the right signs, numbered on each page (zh, en)',
    async (name, make, least, most, _why) => {
      for (const language of ['zh', 'en'] as const) {
        await paper(name, make(), language, 'pdf');
        const pages = textOf(`${name}-${language}.pdf`);
        expect(pages.length).toBeGreaterThanOrEqual(least);
        expect(pages.length).toBeLessThanOrEqual(most);
        for (const [index, page] of pages.entries()) {
          expect(page).toMatch(new RegExp(`${index + 1} ?/ ?${pages.length}`));
          expect(page).toContain(make().id);
        }
        const all = pages.join('\n');
        expect(all).not.toMatch(/undefined|NaN|\[object|\ufffd/);
        if (name !== 'empty') {
          expect(all).toMatch(language === 'zh' ? /温度 ℃/ : /Temperature/);
          expect(all).toMatch(/▲\d/);
          expect(all).toMatch(/▼\d/);
        }
      }
    },
  );

  test('what a director must know of a terrible week stands on its first page', async () => {
    await paper('terrible', terribleWeek(), 'zh', 'pdf');
    const [first = ''] = textOf('terrible-zh.pdf');
    const said = first.replaceAll(/\s+/g, '');
    for (const fact of [
      '空调全部停机',
      '市电中断，11月11日03:04，尚未结束',
      '核心机房温度超限共11小时30分，最高38.6℃',
      '电池健康度71%',
      '核心交换机4小时50分',
      '未做的例行工作1项：每日巡检',
      '逾期维修3项',
      '逾期任务1项',
      '报警最密时十分钟64次',
      '记录不足95%',
      '机房环境',
    ])
      expect(said).toContain(fact);
  });

  test('a week without trouble says so', async () => {
    const calm = ordinaryWeek({ services: [], drills: [], rooms: ordinaryWeek().rooms.slice(1) });
    await paper('calm', calm, 'zh', 'pdf');
    expect(textOf('calm-zh.pdf')[0]).toContain('本周没有需要处理的问题');
  });
});

describe('O-WK-1: the report as Excel', () => {
  test.each([
    ['zh', ordinaryWeek],
    ['en', terribleWeek],
    ['zh', wholeYear],
  ] as const)(
    'a sheet a part, numbers as numbers, moments as the site’s clock had them (%s)',
    async (language, make) => {
      const report = make();
      const bytes = Buffer.from(await paper(report.id, report, language, 'xlsx'));
      const sheets = await readXlsx(bytes);
      const there = reportTables(report, language).filter(({ rows }) => rows.length > 0);
      expect(sheets.map(({ sheet }) => sheet).slice(1)).toEqual(there.map(({ title }) => title.slice(0, 31)));
      const climate = sheets[1]!.data;
      const [head = [], first = []] = climate;
      const column = (label: string): number => head.indexOf(label);
      const core = report.rooms[0]!.whole[0]!.figures;
      const [mean, before, min] =
        language === 'zh'
          ? ['平均', report.period === 'yearly' ? '平均（上年）' : '平均（上周）', '最低时刻']
          : ['Mean', 'Mean, the week before', 'Lowest at'];
      expect(first[column(mean)]).toBe(core.mean.value);
      expect(first[column(before)]).toBe(core.mean.before);
      expect(first[column(language === 'zh' ? '超限时间 (h)' : 'Out of limits (h)')]).toBeCloseTo(
        (core.outsideS.value ?? 0) / 3600,
        9,
      );
      expect(first[column(language === 'zh' ? '覆盖率 (%)' : 'Coverage (%)')]).toBe(core.coverage);
      const at = first[column(min)] as unknown as Date;
      expect(at.toISOString().slice(0, 16)).toBe('2026-11-11T05:10');
      const rows = there.reduce((sum, table) => sum + table.rows.length, 0);
      expect(sheets.slice(1).reduce((sum, { data }) => sum + data.length - 1, 0)).toBe(rows);
    },
  );

  test('the head stays where it is while the rest is scrolled', async () => {
    const files = unzipSync(await paper('week', ordinaryWeek(), 'zh', 'xlsx'));
    expect(strFromU8(files['xl/worksheets/sheet2.xml']!)).toMatch(/<pane ySplit="1"[^>]*state="frozen"/);
  });
});

describe('the report as CSV', () => {
  test('the rooms’ climate with a mark for Excel, other parts by name, the same values', () => {
    const report = ordinaryWeek();
    const bytes = toCsv(report, 'en');
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const rows = parse(bytes, { bom: true, columns: true }) as Record<string, string>[];
    expect(rows).toHaveLength(5);
    expect(rows[0]).toMatchObject({
      Room: 'Core room',
      Unit: '°C',
      Mean: '22.43',
      'Mean, the week before': '22.08',
      'Lowest at': '2026-11-11T05:10:00+08:00',
    });
    for (const part of TABLE_IDS) expect(() => parse(toCsv(report, 'zh', part), { bom: true })).not.toThrow();
    expect(parse(toCsv(report, 'en', 'tasks'), { bom: true }) as string[][]).toEqual([
      ['Task', 'Owner', 'Due', 'State'],
      ['Update the emergency contacts', 'Lin Hao', '2026-11-13T00:00:00+08:00', 'done'],
    ]);
  });

  test('what a spreadsheet would run as a formula is text', () => {
    const report = ordinaryWeek();
    const [task] = report.tasks;
    const evil = { ...task!, title: { zh: '=HYPERLINK("http://example.com")', en: '-1+1' } };
    const [, row] = parse(toCsv({ ...report, tasks: [evil] }, 'zh', 'tasks'), { bom: true }) as string[][];
    expect(row?.[0]).toBe('\'=HYPERLINK("http://example.com")');
    // A number below zero stays one.
    const cold = { ...report.excursions, worst: -3.5 };
    expect(cold.worst).toBeLessThan(0);
  });
});

describe('the report as Markdown', () => {
  test.each(['zh', 'en'] as const)(
    'tells the same, and nothing that people wrote makes a heading or a link of it (%s)',
    async (language) => {
      const report = ordinaryWeek({ siteName: { zh: '# 站 [x](y)', en: '# site [x](y)' } });
      const said = Buffer.from(await paper('week', report, language, 'md')).toString();
      expect(said.startsWith(language === 'zh' ? '# 【模拟】机房运行周报' : '# [SIMULATED]')).toBe(true);
      expect(said).toContain(language === 'zh' ? '## 机房环境' : '## Room climate');
      expect(said).toContain('\\# ');
      expect(said).not.toContain('[x](y)');
    },
  );
});

describe('what all papers say', () => {
  test.each([
    ['an ordinary week', ordinaryWeek],
    ['a terrible one', terribleWeek],
    ['nothing recorded', emptyWeek],
    ['a year', wholeYear],
  ] as const)(
    '%s: every table has as many values a row as columns, and no word is missing in a language',
    (_name, make) => {
      for (const language of ['zh', 'en'] as const) {
        for (const { columns, rows } of reportTables(make(), language))
          for (const { values } of rows) expect(values).toHaveLength(columns.length);
        const { parts } = periodDocument(make(), language);
        expect(parts.length).toBeGreaterThan(5);
      }
      const headings = (language: Language) =>
        periodDocument(make(), language).parts.flatMap((part) => (part.kind === 'heading' ? [part] : []));
      expect(headings('zh').map(({ id }) => id)).toEqual(headings('en').map(({ id }) => id));
      expect(headings('en').filter(({ text }) => /\p{Script=Han}/u.test(text))).toEqual([]);
    },
  );

  test('what there was none of is said by its name', () => {
    const texts = periodDocument(ordinaryWeek(), 'zh').parts.flatMap((part) =>
      part.kind === 'text' ? [part.text] : [],
    );
    expect(texts).toContain('本周没有：超出限值的时段、事件、未做与逾期的工作、变更。');
  });
});
