import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { IncidentView, TimelineEntry } from '#core/incident.ts';
import type { Reading } from '#core/reading.ts';
import { instant, minutes, plus } from '#core/time.ts';
import { createMemorySeriesStore } from '#platform/series/memory-series-store.ts';
import { chartPng, chartSvg } from '#services/dashboard-api/reports/chart-image.ts';
import { writeIncidentReport } from '#services/dashboard-api/reports/incident-report.ts';
import { collectCharts } from '#services/dashboard-api/reports/report-charts.ts';
import { toDocx } from '#services/dashboard-api/reports/report-docx.ts';
import { toPdf } from '#services/dashboard-api/reports/report-pdf.ts';
import { describeReal } from '../support/real.ts';
import { delivery, incident, iso, makeConfig, START, step } from './support.ts';

const config = makeConfig();
const ARTEFACTS = join(import.meta.dirname, 'artefacts');

/** An outage of 42 minutes as a store would have it: the battery falls, the room warms. */
function outageSeries() {
  const series = createMemorySeriesStore();
  const reading = (device: string, point: string, offsetS: number, value: number, unit: string): Reading =>
    ({
      device,
      point,
      value,
      unit,
      quality: 'good',
      reason: null,
      measuredAt: instant(START + offsetS * 1000),
      receivedAt: instant(START + offsetS * 1000),
      changedAt: instant(START + offsetS * 1000),
      simulated: true,
    }) as unknown as Reading;
  const rows: Reading[] = [];
  for (let offset = -600; offset <= 2700; offset += 10) {
    const out = Math.min(Math.max(offset, 0), 2400);
    rows.push(
      reading('ups-1', 'battery.charge', offset, 100 - out / 40, '%'),
      reading('ups-1', 'ups.realpower', offset, offset > 1500 ? 900 : 2400, 'W'),
      reading('th-1', 'ambient.temperature', offset, 23 + out / 600, '°C'),
    );
  }
  void series.write(rows);
  return series;
}

const entry = (change: Partial<TimelineEntry>): TimelineEntry => ({ ...incident().timeline[0]!, ...change });
const outage: Partial<IncidentView> = {
  phase: 'closed',
  closedAt: iso(2520),
  outcome: 'recovered',
  pointOfNoReturn: { passedAt: iso(1560), step: 'shutdown-servers:server-1' },
  acknowledged: { by: 'lin-hao', at: iso(65) },
  timeline: [
    entry({}),
    entry({
      seq: 2,
      at: iso(1500),
      elapsedS: 1500,
      kind: 'decision',
      what: { zh: '开始关机流程', en: 'The shutdown sequence starts' },
      why: { zh: '预计停电超过 90 分钟', en: 'the outage is expected to exceed 90 min' },
      figures: { exhaustionInS: 1830, needS: 930, chargePercent: 61.2, loadWatts: 2402 },
    }),
    entry({
      seq: 3,
      at: iso(2380),
      kind: 'power',
      what: { zh: '市电恢复，等待稳定', en: 'Mains is back, waiting for it to be stable' },
    }),
  ],
  steps: [
    step({
      state: 'done',
      endedAt: iso(900),
      answer: { id: 'over', label: { zh: '超过 90 分钟', en: 'More than 90 minutes' }, by: 'lin-hao', at: iso(900) },
    }),
    step({
      id: 'backup:server-1',
      kind: 'act',
      title: { zh: '备份：一号服务器', en: 'Back up: Server 1' },
      state: 'failed',
      device: 'server-1',
      startedAt: iso(1500),
      endedAt: iso(1900),
      detail: { zh: '没有备份文件', en: 'the backup file is not there' },
    }),
  ],
};

const chartsIn = (language: 'zh' | 'en') =>
  collectCharts({
    incident: incident(outage),
    series: outageSeries(),
    devices: config.devices,
    timeZone: 'Asia/Shanghai',
    language,
    now: plus(START, minutes(60)),
  });

const reportIn = (language: 'zh' | 'en') =>
  writeIncidentReport({
    incident: incident(outage),
    deliveries: [delivery()],
    people: config.people.people,
    devices: config.devices,
    rules: [],
    accounts: [],
    siteName: config.site.name,
    timeZone: 'Asia/Shanghai',
    language,
    generatedAt: plus(START, minutes(60)),
  });

const drawnIn = async (language: 'zh' | 'en') =>
  (await chartsIn(language)).map((chart) => ({ title: chart.title, png: chartPng(chart, 'Asia/Shanghai') }));

describe('the charts of a report (O-RPT-1)', () => {
  test('are battery, load and temperature from ten minutes before to five after, with the moments that mattered', async () => {
    const charts = await chartsIn('en');
    expect(charts.map(({ id, unit, lines }) => [id, unit, lines.map((line) => line.name)])).toEqual([
      ['battery', '%', ['UPS 1']],
      ['load', 'W', ['UPS 1']],
      ['temperature', '°C', ['TH 1']],
    ]);
    const [battery] = charts;
    expect(battery?.from).toBe(START - 600_000);
    expect(battery?.to).toBe(START + 2_820_000);
    expect(battery?.marks.map((mark) => mark.label)).toEqual(['began', 'sequence', 'no return', 'mains back', 'ended']);
    const values = battery?.lines[0]?.values.flatMap(([, value]) => (value === null ? [] : [value])) ?? [];
    expect(Math.max(...values)).toBeCloseTo(100, 0);
    expect(Math.min(...values)).toBeCloseTo(40, 0);
  });

  test('a gap in the readings stays a gap', async () => {
    const series = createMemorySeriesStore();
    const at = (offsetS: number) => instant(START + offsetS * 1000);
    const row = (offsetS: number) =>
      ({
        device: 'ups-1',
        point: 'battery.charge',
        value: 90,
        unit: '%',
        quality: 'good',
        reason: null,
        measuredAt: at(offsetS),
        receivedAt: at(offsetS),
        changedAt: at(offsetS),
        simulated: true,
      }) as unknown as Reading;
    await series.write([0, 10, 20, 30, 900, 910, 920].map(row));
    const [chart] = await collectCharts({
      incident: incident(outage),
      series,
      devices: config.devices,
      timeZone: 'UTC',
      language: 'en',
      now: plus(START, minutes(60)),
    });
    expect(chart?.lines[0]?.values.filter(([, value]) => value === null)).toHaveLength(1);
  });

  test('there is none without readings', async () => {
    const series = createMemorySeriesStore();
    expect(
      await collectCharts({
        incident: incident(outage),
        series,
        devices: config.devices,
        timeZone: 'UTC',
        language: 'zh',
        now: plus(START, minutes(60)),
      }),
    ).toEqual([]);
  });

  test('are drawn with the site’s local time and without anything of the machine it runs on', async () => {
    const svg = chartSvg((await chartsIn('zh'))[2]!, 'Asia/Shanghai');
    expect(svg).toContain('°C');
    expect(svg).toContain('开始关机流程');
    expect(svg).toContain('11:00');
    expect(svg.startsWith('<svg')).toBe(true);
  }, 20_000);
});

describe('the report as Word', () => {
  test('holds summary, findings, charts and steps, its title marked as a drill on every page', async () => {
    const file = await toDocx(reportIn('zh'), await drawnIn('zh'));
    keep('report-zh.docx', file);
    const entries = unzip(file);
    const text = xmlText(entries.get('word/document.xml'));
    for (const words of ['停电应急预案 事件报告', '改进事项', '没有备份文件', '超过 90 分钟', '查明原因并修复'])
      expect(text).toContain(words);
    expect([...entries.keys()].filter((name) => /^word\/media\/.+\.png$/.test(name))).toHaveLength(3);
    const header = [...entries].find(([name]) => /^word\/header\d*\.xml$/.test(name))?.[1];
    expect(xmlText(header)).toContain('【模拟】【演练】');
  }, 30_000);
});

describeReal('pdftotext', 'the report as PDF', () => {
  test.each(['zh', 'en'] as const)(
    'has its text as text, with the right glyphs (%s)',
    async (language) => {
      const file = await toPdf(reportIn(language), await drawnIn(language));
      const path = keep(`report-${language}.pdf`, file);
      const { stdout, status } = spawnSync('pdftotext', ['-layout', path, '-'], { encoding: 'utf8' });
      expect(status).toBe(0);
      const flat = stdout.replaceAll(/\s+/g, '');
      const words =
        language === 'zh'
          ? ['停电应急预案事件报告', '改进事项', '没有备份文件', '【模拟】', '1/']
          : ['incidentreport', 'Toimprove', 'thebackupfileisnotthere', '[SIMULATED]', '1/'];
      for (const one of words) expect(flat).toContain(one);
      const fonts = spawnSync('pdffonts', [path], { encoding: 'utf8' }).stdout;
      expect(fonts).toMatch(/NotoSansSC/);
      // Subsets only: the whole face would be ten megabytes.
      expect(file.length).toBeLessThan(1_500_000);
    },
    30_000,
  );
});

/** Kept for people to look at; the folder is not committed. */
function keep(name: string, file: Buffer): string {
  mkdirSync(ARTEFACTS, { recursive: true });
  const path = join(ARTEFACTS, name);
  writeFileSync(path, file);
  return path;
}

const xmlText = (xml: Buffer | undefined): string => (xml?.toString('utf8') ?? '').replaceAll(/<[^>]+>/g, '');

/** The entries of a zip archive by its central directory (PKWARE APPNOTE 4.3.12). */
function unzip(file: Buffer): Map<string, Buffer> {
  const entries = new Map<string, Buffer>();
  let at = file.readUInt32LE(file.lastIndexOf(Buffer.from('PK\x05\x06')) + 16);
  while (file.readUInt32LE(at) === 0x02014b50) {
    const [method, packed, nameLength] = [
      file.readUInt16LE(at + 10),
      file.readUInt32LE(at + 20),
      file.readUInt16LE(at + 28),
    ];
    const local = file.readUInt32LE(at + 42);
    const name = file.subarray(at + 46, at + 46 + nameLength).toString('utf8');
    const data = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28);
    const body = file.subarray(data, data + packed);
    entries.set(name, method === 0 ? body : inflateRawSync(body));
    at += 46 + nameLength + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32);
  }
  return entries;
}
