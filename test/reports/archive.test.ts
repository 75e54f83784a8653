import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { instant } from '#core/time.ts';
import { makeTemporaryFolder } from '#platform/environment.ts';
import { type ArchiveCheck, type NewEdition, openReportArchive, type ReportArchive } from '#platform/report-archive.ts';

/** What was archived stays as it was, and whoever changes it is found out. */
let folder: ReturnType<typeof makeTemporaryFolder>;
let archive: ReportArchive;
const file = (): string => join(folder.path, 'reports.sqlite');
const open = (): ReportArchive => openReportArchive(file(), join(folder.path, 'reports'));
beforeEach(() => {
  folder = makeTemporaryFolder('zhishou-archive-test-');
  archive = open();
});
afterEach(() => {
  archive.close();
  folder.remove();
});

const edition = (week: number, id = `weekly-2026-W${week}`): NewEdition => ({
  ...{ id, periodId: `weekly-2026-W${week}`, period: 'weekly', name: `2026-W${week}`, madeBy: 'zhishou', reason: null },
  ...{ from: instant(week * 1000), to: instant(week * 1000 + 1000), madeAt: instant(week * 1000 + 2000) },
  summary: { zh: '好', en: 'good' },
});
const files = (text: string) => ['a.docx', 'a.json'].map((name) => ({ name, bytes: Buffer.from(`${text} ${name}`) }));
function check(): ArchiveCheck {
  const looking = archive.verify();
  let step = looking.next();
  while (step.done !== true) step = looking.next();
  return step.value;
}

test('O-WK-1 files are written once, read-only, and come back after a restart with their SHA-256', () => {
  const kept = archive.add(edition(46), files('first'));
  expect(() => archive.add(edition(46), files('other'))).toThrow(/never written over/);
  archive.close();
  archive = open();
  expect(archive.get('weekly-2026-W46')).toEqual(kept);
  expect(Buffer.from(archive.file('weekly-2026-W46', 'a.docx')).toString()).toBe('first a.docx');
  expect(statSync(join(folder.path, 'reports/weekly-2026-W46/a.docx')).mode & 0o222).toBe(0);
  expect(archive.intact('weekly-2026-W46')).toBe(true);
  expect(archive.nextId('weekly-2026-W46')).toBe('weekly-2026-W46-2');
  expect(check()).toEqual({ editions: 1, files: 2, broken: [] });
});

test.each([
  ['a file that was rewritten', () => rewrite('weekly-2026-W47/a.json'), 'a.json was changed'],
  [
    'a line that was taken out',
    () => sql("DELETE FROM editions WHERE id = 'weekly-2026-W47'"),
    'line 2 of the list is missing',
  ],
  [
    'a line whose hash of a file was exchanged',
    () => sql("UPDATE editions SET body = replace(body, 'good', 'fine') WHERE id = 'weekly-2026-W47'"),
    'does not fit the one before',
  ],
])('O-WK-1 %s is found by verify', (_what, damage, reason) => {
  for (const week of [46, 47, 48]) archive.add(edition(week), files(`week ${week}`));
  damage();
  archive.close();
  archive = open();
  expect(
    check()
      .broken.map((one) => one.reason)
      .join('; '),
  ).toContain(reason);
});

test('a file that was changed after it was looked at is no longer called intact, and is not given out', () => {
  archive.add(edition(47), files('week 47'));
  expect(archive.intact('weekly-2026-W47')).toBe(true);
  rewrite('weekly-2026-W47/a.json');
  expect(archive.intact('weekly-2026-W47')).toBe(false);
  expect(() => archive.file('weekly-2026-W47', 'a.json')).toThrow(/was changed/);
  expect(Buffer.from(archive.file('weekly-2026-W47', 'a.docx')).toString()).toBe('week 47 a.docx');
});

test('what a power cut left half written, in no list, gives way to the real one', () => {
  mkdirSync(join(folder.path, 'reports/weekly-2026-W46.unfinished'), { recursive: true });
  mkdirSync(join(folder.path, 'reports/weekly-2026-W46'));
  writeFileSync(join(folder.path, 'reports/weekly-2026-W46/a.docx'), 'half');
  archive.add(edition(46), files('whole'));
  expect(readdirSync(join(folder.path, 'reports'))).toEqual(['weekly-2026-W46']);
  expect(readFileSync(join(folder.path, 'reports/weekly-2026-W46/a.docx'), 'utf8')).toBe('whole a.docx');
});

test('mail is planned once a person, tried again, and sent anew only when somebody asks for it', () => {
  const { mail } = archive;
  mail.plan('e', ['lin', 'gao'], instant(10));
  mail.plan('e', ['lin'], instant(99));
  expect(mail.due(instant(9))).toBeNull();
  const first = mail.due(instant(10));
  expect(first).toMatchObject({ person: 'gao', attempts: 0, round: 0 });
  if (first === null) throw new Error('nothing is due');
  mail.failed(first, 'no route to host', instant(70));
  const second = mail.due(instant(10));
  if (second === null) throw new Error('nothing is due');
  mail.sent(second, instant(11));
  expect(mail.nextAt()).toBe(70);
  mail.plan('e', ['lin'], instant(80), true);
  expect(mail.of('e')).toMatchObject([
    { person: 'gao', attempts: 1, error: 'no route to host', sentAt: null },
    { person: 'lin', attempts: 0, round: 1, sentAt: 11, nextAt: 80 },
  ]);
});

function rewrite(name: string): void {
  const path = join(folder.path, 'reports', name);
  chmodSync(path, 0o600);
  writeFileSync(path, 'as somebody likes it');
}
function sql(statement: string): void {
  const database = new DatabaseSync(file());
  database.exec(statement);
  database.close();
}
