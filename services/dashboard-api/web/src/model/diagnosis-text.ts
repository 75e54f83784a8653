import type { Diagnosis } from '#core/diagnosis.ts';

/** A diagnosis as plain text for a report of a fault: the same for whoever reads it, in English and UTC, without credentials. Pure. */
export function diagnosisText(
  diagnosis: Diagnosis,
  about: { readonly site: string; readonly version: string; readonly at: string },
): string {
  const { device, way, address, profile, intervalS, points, polls, counts, messages } = diagnosis;
  const width = Math.max(10, ...points.map(({ name }) => name.length));
  const pointLines = points.map(({ name, raw, value, unit, quality, reason, oid, source }) => {
    const made = value === null ? '–' : `${String(value)}${unit === '' ? '' : ` ${unit}`}`;
    const doubt = quality === 'good' ? '' : `  [${quality}${reason === undefined ? '' : `: ${reason}`}]`;
    return `${name.padEnd(width)}  raw ${String(raw)} -> ${made}${doubt}  at ${oid ?? '–'}${source === null ? '' : `  (${source})`}`;
  });
  const pollLines = polls.map(
    ({ at, tookMs, cause, outcome, detail, points: count }) =>
      `${at}  ${String(tookMs).padStart(6)} ms  ${cause.padEnd(8)}  ${outcome}${outcome === 'ok' ? `, ${count} values` : ''}${detail === null ? '' : `: ${detail}`}`,
  );
  return [
    `Zhishou ${about.version}, site ${about.site}, ${about.at}`,
    `device    ${device}`,
    `read over ${way}, ${address}, every ${intervalS} s`,
    `profile   ${profile ?? 'none fits'}`,
    ...(counts === null
      ? []
      : [
          `counts    ${counts.polls} polls, ${counts.failed} failed, ${counts.timedOut} timed out, ${counts.refused} refused, ${counts.overdue} overdue`,
        ]),
    '',
    `Last polls (${polls.length})`,
    ...pollLines,
    '',
    `Points (${points.length})`,
    ...pointLines,
    ...(messages.length === 0 ? [] : ['', `Messages (${messages.length})`]),
    ...messages.map(({ at, topic, retained, text }) => `${at}  ${topic}${retained ? ' (retained)' : ''}  ${text}`),
    '',
  ].join('\n');
}
