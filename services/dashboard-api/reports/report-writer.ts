import type { Device } from '#core/config/device.ts';
import type { Person } from '#core/config/people.ts';
import type { IncidentView, StepView } from '#core/incident.ts';
import type { DeliveryView } from '#core/notification.ts';
import type { Language, Text } from '#core/text.ts';
import type { Instant } from '#core/time.ts';
import { formatLength, localTimeFormatter } from './report-format.ts';

/** What a report is written from, and the tools its parts share. */
export interface ReportInput {
  readonly incident: IncidentView;
  /** Of this incident. */
  readonly deliveries: readonly DeliveryView[];
  readonly people: readonly Person[];
  readonly devices: readonly Device[];
  readonly siteName: Text;
  readonly timeZone: string;
  readonly language: Language;
  readonly generatedAt: Instant;
}

/** What the parts of the report need of the input, in the report's language. */
export interface Writer {
  readonly input: ReportInput;
  readonly language: Language;
  readonly say: (text: Text) => string;
  readonly localTime: (iso: string) => string;
  readonly length: (lengthS: number) => string;
  /** A person's name for an id; what is no person's id stays as it is. */
  readonly person: (id: string) => string;
  readonly device: (id: string) => string;
}

export function createWriter(input: ReportInput): Writer {
  const { language } = input;
  const say = (text: Text): string => text[language];
  const people = new Map(input.people.map((person) => [person.id, say(person.name)]));
  const devices = new Map(input.devices.map((device) => [device.id, say(device.name)]));
  return {
    input,
    language,
    say,
    localTime: localTimeFormatter(input.timeZone),
    length: (lengthS) => formatLength(lengthS, language),
    person: (id) => (id === 'zhishou' ? (language === 'zh' ? '值守' : 'Zhishou') : (people.get(id) ?? id)),
    device: (id) => devices.get(id) ?? id,
  };
}

/** Null while it has not both begun and ended. */
export const durationOf = (step: StepView): number | null =>
  step.startedAt === null || step.endedAt === null
    ? null
    : Math.max(0, (Date.parse(step.endedAt) - Date.parse(step.startedAt)) / 1000);
