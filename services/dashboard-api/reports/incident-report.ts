import type { StepView, TimelineEntry, TimelineKind } from '#core/incident.ts';
import type { DeliveryView } from '#core/notification.ts';
import { isMinor, sayFigures } from '#core/record-words.ts';
import type { IncidentReport, ReportEvent, ReportNotification, ReportStep } from '#core/report.ts';
import { sameText } from '#core/text.ts';
import { toIso } from '#core/time.ts';
import { findFailed, findLate, isSpared, proposeImprovements } from './report-findings.ts';
import { formatElapsed, titleWithDevice } from './report-format.ts';
import { describeRestarts } from './report-restarts.ts';
import { describeAcknowledgement, describeFacts, summarize } from './report-summary.ts';
import {
  DELIVERY_WORDS,
  KIND_WORDS,
  MODE_MARKS,
  OBLIGATION_WORDS,
  SIMULATED_MARK,
  SPARED_WORD,
  STAGE_WORDS,
  STEP_WORDS,
} from './report-words.ts';
import { createWriter, durationOf, type ReportInput, type Writer } from './report-writer.ts';

const DECISIONS: ReadonlySet<TimelineKind> = new Set(['decision', 'answer', 'order', 'level']);

/**
 * The incident's report, written from its record alone (O-RPT-1): what happened in plain words; who did what, when and why, with
 * the figures each decision used (I7); who was told; what was late; what failed; what to improve.
 */
export function writeIncidentReport(input: ReportInput): IncidentReport {
  const writer = createWriter(input);
  const { incident, language } = input;
  const { say } = writer;
  const timeline = incident.timeline.map((entry) => writeEvent(writer, entry));
  const late = findLate(writer);
  const failed = findFailed(writer);
  const restarts = describeRestarts(writer);
  const marks = [incident.simulated ? SIMULATED_MARK : null, MODE_MARKS[incident.mode]];
  return {
    incident: incident.id,
    language,
    title:
      language === 'zh'
        ? `${say(input.siteName)}：${say(incident.plan.title)} 事件报告`
        : `${say(input.siteName)}: ${say(incident.plan.title)}, incident report`,
    marks: marks.flatMap((mark) => (mark === null ? [] : [say(mark)])),
    generatedAt: toIso(input.generatedAt),
    final: incident.phase === 'closed',
    plan: { id: incident.plan.id, version: incident.plan.version, title: say(incident.plan.title) },
    summary: summarize(writer, { late, failed, restarts }),
    facts: describeFacts(writer),
    restarts,
    decisions: timeline.filter((event) => DECISIONS.has(event.kind)),
    timeline,
    steps: incident.steps.map((step) => writeStep(writer, step)),
    acknowledgement: describeAcknowledgement(writer),
    notifications: input.deliveries
      .toSorted((a, b) => (a.sentAt ?? a.queuedAt).localeCompare(b.sentAt ?? b.queuedAt))
      .map((delivery) => writeNotification(writer, delivery)),
    late,
    failed,
    obligations: writeObligations(writer),
    improvements: proposeImprovements(writer, { late, failed }),
    // Whoever knows the series and the other drills adds them.
    score: null,
    charts: [],
  };
}

function writeEvent({ record, localTime, person, say, reader }: Writer, entry: TimelineEntry): ReportEvent {
  return {
    seq: entry.seq,
    at: entry.at,
    localTime: localTime(entry.at),
    elapsed: formatElapsed(entry.elapsedS),
    kind: entry.kind,
    kindLabel: say(KIND_WORDS[entry.kind]),
    what: record(entry.what),
    who: person(entry.who),
    why: entry.why === null ? null : record(entry.why),
    figures: sayFigures(entry, reader),
    step: entry.step,
    minor: isMinor(entry),
  };
}

function writeStep({ say, record, person, device }: Writer, step: StepView): ReportStep {
  const stage = STAGE_WORDS[step.stage];
  const answeredBy = step.answer?.by ?? step.person;
  return {
    id: step.id,
    title: say(step.title),
    stage: stage === undefined ? step.stage : say(stage),
    state: step.state,
    stateLabel: say(STEP_WORDS[step.state]),
    device: step.device === null ? null : device(step.device),
    who: answeredBy === null ? null : person(answeredBy),
    answer: step.answer === null ? null : say(step.answer.label),
    startedAt: step.startedAt,
    endedAt: step.endedAt,
    durationS: durationOf(step),
    expectedS: step.expectedS,
    attempts: step.attempts,
    detail: step.detail === null ? null : record(step.detail),
  };
}

function writeNotification(
  { say, record, channel, input, localTime }: Writer,
  delivery: DeliveryView,
): ReportNotification {
  const known = input.people.some((person) => person.id === delivery.person);
  return {
    at: delivery.queuedAt,
    sentAt: delivery.sentAt,
    localTime: localTime(delivery.sentAt ?? delivery.queuedAt),
    person: known || delivery.personName.zh !== '' ? say(delivery.personName) : delivery.person,
    channel: channel(delivery.channel),
    subject: delivery.subject,
    state: delivery.state,
    stateLabel: say(isSpared(delivery) ? SPARED_WORD : DELIVERY_WORDS[delivery.state]),
    attempts: delivery.attempts,
    error: delivery.error === null ? null : record(sameText(delivery.error)),
  };
}

/** Each rule of the room that the plan's steps keep, and whether they did. */
function writeObligations({ input, say, device }: Writer): IncidentReport['obligations'] {
  const steps = new Map<string, StepView[]>();
  for (const step of input.incident.steps) {
    for (const id of step.obligations) steps.set(id, [...(steps.get(id) ?? []), step]);
  }
  return [...steps]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([id, own]) => ({
      id,
      steps: own.map((step) => titleWithDevice(say(step.title), step.device === null ? null : device(step.device))),
      state: say(OBLIGATION_WORDS[obligationState(own)]),
    }));
}

function obligationState(steps: readonly StepView[]): keyof typeof OBLIGATION_WORDS {
  if (steps.some((step) => step.state === 'failed' || step.state === 'cut')) return 'failed';
  if (steps.every((step) => step.state === 'skipped')) return 'unneeded';
  const isOpen = (step: StepView): boolean => ['pending', 'waiting', 'running', 'verifying'].includes(step.state);
  return steps.some(isOpen) ? 'open' : 'kept';
}
