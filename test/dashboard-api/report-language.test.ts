import { describe, expect, test } from 'vitest';
import { FUNCTIONS } from '#core/config/people.ts';
import { FIGURES, type FigureMeaning, type IncidentView } from '#core/incident.ts';
import { UPS_STATUS_TOKENS } from '#core/points.ts';
import { isMinor, PHASE_NAMES, type RecordReader, sayEvidence, sayFigure } from '#core/record-words.ts';
import { hours, instant, minutes, seconds } from '#core/time.ts';
import { writeIncidentReport } from '#services/dashboard-api/reports/incident-report.ts';
import { toMarkdown } from '#services/dashboard-api/reports/report-markdown.ts';
import { MiniWorld } from '../alerts/plans/mini-world.ts';
import { sampleConfig } from '../alerts/plans/outage-rig.ts';

/** The report of real outages, in the reader's language and nothing else. */

const reader = (language: 'zh' | 'en'): RecordReader => ({
  language,
  moment: () => '2026-11-21 11:00:00',
  length: (lengthS) => `${lengthS} 秒`,
  name: (of, id) => (of === 'device' && id === 'server-1' ? '一号服务器' : null),
});

/** Latin words that remain once names, units and what machines are told or call themselves are taken away. */
function foreignWords(text: string): string[] {
  const rest = text
    // Commands, addresses, identifiers: `ssh zhishou@127.0.0.1:22: sudo …`, `snmp set pdu-1 outlet.off 6`, `inc-…/backup:server-1/1`, O-PWR-4.
    .replaceAll(/(ssh|snmp.{1,2}set|mqtt|local) [^|\n]*/g, '')
    .replaceAll(/“[^”]*”/g, '')
    .replaceAll(/\S*\d\S*/g, '')
    .replaceAll(/\b(UPS|W|zh)\b/g, '');
  return [...new Set(rest.match(/[A-Za-z]{2,}/g) ?? [])];
}

async function outage(answer: string, crash: boolean): Promise<IncidentView> {
  const world = new MiniWorld();
  await world.run(seconds(20));
  world.setMains(false);
  await world.run(seconds(40));
  world.answer(answer, answer === 'duration' ? { minutes: 20 } : {});
  if (crash) {
    await world.until(
      (view) => view.steps.some((step) => step.operation === 'shutdown' && step.state === 'verifying'),
      hours(1),
    );
    world.crash();
  }
  await world.until((view) => view.phase === 'shut-down' || view.phase === 'closed', minutes(70));
  world.setMains(true);
  await world.until((view) => view.outcome === 'recovered' || view.phase === 'closed', hours(4));
  const view = world.view();
  // What the small world's machines say is not what the real ones say; the table above has that.
  const timeline = view.timeline.map((entry) =>
    entry.why !== null && entry.why.zh === entry.why.en ? { ...entry, why: null } : entry,
  );
  return { ...view, timeline: crash ? view.timeline : timeline };
}

const config = sampleConfig();
const report = (incident: IncidentView, language: 'zh' | 'en') =>
  writeIncidentReport({
    incident,
    deliveries: [],
    people: config.people.people,
    accounts: [],
    devices: config.devices,
    rules: config.rules,
    siteName: config.site.name,
    timeZone: 'Asia/Shanghai',
    language,
    generatedAt: instant(Date.parse(incident.closedAt ?? incident.timeline.at(-1)?.at ?? incident.openedAt)),
  });

describe('figures in words', () => {
  test.each(Object.entries(FIGURES) as [string, FigureMeaning][])(
    '%s has a name in both languages, and its unit',
    (name, meaning) => {
      expect(meaning.zh).toMatch(/[\u4e00-\u9fff]|^UPS$/);
      expect(meaning.en).not.toMatch(/[\u4e00-\u9fff]/);
      expect(foreignWords(meaning.zh)).toEqual([]);
      const values: Record<FigureMeaning['unit'], [number | string | boolean, RegExp]> = {
        s: [90, /^90 秒$/],
        min: [2, /^120 秒$/],
        '%': [12.34, /^12\.3 %$/],
        W: [12.34, /^12 W$/],
        '°C': [12.34, /^12\.3 °C$/],
        count: [3, /^3$/],
        instant: ['2026-11-21T03:00:00.000Z', /^2026-11-21 11:00:00$/],
        'yes-no': [true, /^是$/],
        id: ['x-1', /^x-1$/],
      };
      const [value, said] = values[meaning.unit];
      expect(sayFigure(name, value, reader('zh')).value).toMatch(said);
      expect(sayFigure(name, null, reader('zh')).value).toBe('未知');
    },
  );

  test.each([
    ['phase', Object.keys(PHASE_NAMES)],
    ['status', UPS_STATUS_TOKENS],
    ['to', FUNCTIONS],
    ['mode', ['live', 'advice', 'drill', 'rehearsal']],
    ['outcome', ['stood-down', 'shutdown', 'recovered']],
    ['exhaustionSource', ['ups', 'slope', 'model', 'silence']],
    ['result', ['ok', 'failed', 'unknown']],
  ])('every %s that the engine can name has a word in both languages', (name, ids) => {
    for (const id of ids) {
      expect(foreignWords(sayFigure(name, id, reader('zh')).value)).toEqual([]);
      expect(sayFigure(name, id, reader('en')).value).not.toMatch(/[\u4e00-\u9fff]/);
    }
    expect(sayFigure('to', 'duty director', reader('zh')).value).toBe('值班员、主任');
  });

  test.each([
    [
      '✓ 127.0.0.1:22 is closed · ✗ pdu-1/outlet.3.realpower is 390',
      '✓ 127.0.0.1:22 端口已关闭；✗ pdu-1 3 号插座有功功率：390 W',
    ],
    ['? server-1/host.reachable: no reading since the action began', '? 一号服务器 主机可达：操作开始后尚无新读数'],
    ['✓ ups-1/ups.status is OB LB', '✓ ups-1 UPS 状态：电池供电、电量低'],
    ['✓ exit code 0: {"run":"a"}', '✓ 退出码 0，输出“{"run":"a"}”'],
    ['set 1.3.6.1 to 2', '已将 1.3.6.1 设为 2'],
    ['something new', 'something new'],
  ])('evidence %s', (said, chinese) => {
    expect(sayEvidence(said, reader('en'))).toBe(said);
    const words = sayEvidence(said, reader('zh'));
    expect(words).toBe(chinese);
  });
});

describe('the report of a whole outage', () => {
  test.each(['over-limit', 'within-limit', 'duration', 'unknown'])(
    'in Chinese has no Latin word but names, units and commands, in English no Chinese, answer %s',
    async (answer) => {
      const incident = await outage(answer, false);
      const chinese = report(incident, 'zh');
      expect(foreignWords(toMarkdown({ ...chinese, incident: '' }))).toEqual([]);
      expect(toMarkdown(report(incident, 'en')).match(/[\u4e00-\u9fff]+/g) ?? []).toEqual([]);
    },
  );

  test('tells of a restart in the middle: that it was, what was verified first, that nothing was done twice', async () => {
    const incident = await outage('over-limit', true);
    const { restarts, summary } = report(incident, 'zh');
    expect(restarts).toHaveLength(1);
    expect(restarts[0]).toMatch(
      /本系统重启（距前一条记录 .+），事件从停下处继续；.*新的读数确认了当时的状态；当时进行中的 \d+ 步先核实实际效果：「.+」；.*没有一步(执行两次|重复生效)。$/,
    );
    expect(summary.join('')).toContain('期间本系统重启 1 次');
    expect(report(await outage('over-limit', false), 'en').restarts).toEqual([]);
  });

  test('folds recomputed clocks and looks that proved nothing yet, and nothing else', async () => {
    const { timeline } = report(await outage('over-limit', true), 'zh');
    const minor = timeline.filter((event) => event.minor);
    expect(minor.length).toBeGreaterThan(5);
    expect(new Set(minor.map(({ kind }) => kind))).toEqual(new Set(['clocks', 'evidence']));
    expect(timeline.some((event) => event.kind === 'evidence' && !event.minor)).toBe(true);
    const failed = { kind: 'evidence', why: { zh: '命令被拒绝', en: 'refused' } };
    expect(isMinor({ ...incidentEntry, ...failed } as never)).toBe(false);
  });
});

const incidentEntry = { seq: 1, at: '', elapsedS: 0, what: { zh: '', en: '' }, who: '', figures: {}, step: null };
