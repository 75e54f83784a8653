import type { Device } from '#core/config/device.ts';
import type { Person } from '#core/config/people.ts';
import type { Rule } from '#core/config/rule.ts';
import type { FigureName, IncidentView, StepView } from '#core/incident.ts';
import { formatLength } from '#core/length-words.ts';
import type { DeliveryView } from '#core/notification.ts';
import { type RecordReader, sayRecord } from '#core/record-words.ts';
import type { Language, Text } from '#core/text.ts';
import type { Instant } from '#core/time.ts';
import { localTimeFormatter } from './report-format.ts';
import { CHANNEL_WORDS } from './report-words.ts';

/** What a report is written from, and the tools its parts share. */
export interface ReportInput {
  readonly incident: IncidentView;
  /** Of this incident. */
  readonly deliveries: readonly DeliveryView[];
  readonly people: readonly Person[];
  readonly devices: readonly Device[];
  readonly rules: readonly Pick<Rule, 'id' | 'title'>[];
  /** Names of accounts that belong to no person of people.yaml. */
  readonly accounts: readonly { readonly user: string; readonly name: string }[];
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
  readonly channel: (id: string) => string;
  /** A text of the record, also what machines said, in the report's language. */
  readonly record: (text: Text) => string;
  readonly reader: RecordReader;
}

export function createWriter(input: ReportInput): Writer {
  const { language } = input;
  const say = (text: Text): string => text[language];
  const people = new Map([
    ...input.accounts.map(({ user, name }) => [user, name] as const),
    ...input.people.map((person) => [person.id, say(person.name)] as const),
  ]);
  const devices = new Map(input.devices.map((device) => [device.id, say(device.name)]));
  const device = (id: string): string => devices.get(id) ?? id;
  const localTime = localTimeFormatter(input.timeZone);
  const length = (lengthS: number): string => formatLength(lengthS, language);
  const reader: RecordReader = { language, moment: localTime, length, name: namesOf(input, say, devices, people) };
  return {
    input,
    language,
    say,
    localTime,
    length,
    person: (id) => (id === 'zhishou' ? (language === 'zh' ? '值守' : 'Zhishou') : (people.get(id) ?? id)),
    device,
    channel: (id) => CHANNEL_WORDS[id]?.[language] ?? id,
    record: (text) => sayRecord(text, reader),
    reader,
  };
}

/** What ids in figures stand for at this site and in this incident. */
function namesOf(
  { incident, rules }: ReportInput,
  say: (text: Text) => string,
  devices: ReadonlyMap<string, string>,
  people: ReadonlyMap<string, string>,
): RecordReader['name'] {
  const answers = new Map(incident.steps.flatMap((step) => step.answers.map(({ id, label }) => [id, say(label)])));
  const titles = new Map(rules.map(({ id, title }) => [id, say(title)]));
  /** `mains-lost/ups-1`: the rule's title and the device's name. */
  const alert = (key: string): string | null => {
    const [rule = '', on = ''] = key.split('/');
    const title = titles.get(rule);
    if (title === undefined) return null;
    const name = devices.get(on);
    return name === undefined || title.includes(name) ? title : `${title} (${name})`;
  };
  return (of: FigureName | 'device', id) => {
    if (of === 'answer') return answers.get(id) ?? null;
    if (of === 'device' || of === 'ups') return devices.get(id) ?? null;
    if (of === 'to') return people.get(id) ?? null;
    if (of === 'alert' || of === 'trigger') return alert(id);
    return of === 'plan' && id === incident.plan.id ? say(incident.plan.title) : null;
  };
}

/** Null while it has not both begun and ended. */
export const durationOf = (step: StepView): number | null =>
  step.startedAt === null || step.endedAt === null
    ? null
    : Math.max(0, (Date.parse(step.endedAt) - Date.parse(step.startedAt)) / 1000);
