import { FUNCTIONS } from '#core/config/people.ts';
import { PERIODS } from '#core/paperwork/period-report.ts';
import type { Parts } from '../parts.ts';
import { checkKnown, type Teller } from './references.ts';

/** site.yaml, `reports`: to whom they go exists, and there is a way for them to go. */
export function checkReports({ site, people }: Parts, tell: Teller): void {
  const reports = site?.value.reports;
  if (site === null || reports === undefined) return;
  const known = people.ids === null ? null : new Set([...people.ids, ...FUNCTIONS]);
  for (const period of PERIODS) {
    const names = reports[period]?.mail ?? [];
    for (const [i, name] of names.entries())
      checkKnown(tell, site, ['reports', period, 'mail', i], name, known, 'person or function');
    const hasMail = Object.values(site.value.channels).some(({ kind }) => kind === 'smtp');
    if (names.length > 0 && !hasMail)
      tell(
        site,
        ['reports', period, 'mail'],
        'no channel of kind smtp: nobody would get it',
        'add one to channels, or take mail out',
      );
  }
  for (const [i, format] of reports.attach.entries())
    if (!reports.formats.includes(format))
      tell(
        site,
        ['reports', 'attach', i],
        `${format} is not made: nothing would be attached`,
        `add ${format} to formats`,
      );
}
