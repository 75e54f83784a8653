import type { AlertView } from '#core/alert.ts';
import type { FunctionName, Person } from '#core/config/people.ts';
import type { IncidentView } from '#core/incident.ts';
import type { PlannedOutage } from '#core/outage.ts';
import { FUNCTION_NAMES } from '#core/record-words.ts';
import type { HandOverNote, RotaChange } from '#core/rota/changes.ts';
import type { Layer } from '#core/rota/layer.ts';
import { type Language, sameText, type Text } from '#core/text.ts';
import { fromIso, type Instant } from '#core/time.ts';

/** What people are told of the rota: short, with local times. */
export interface Told {
  readonly subject: Text;
  readonly body: Text;
}

/** What whoever takes over should know of. */
export interface OpenMatters {
  readonly incidents: readonly Pick<IncidentView, 'plan'>[];
  readonly alerts: readonly Pick<AlertView, 'title' | 'silenced' | 'maintenance' | 'inhibitedBy'>[];
  readonly outages: readonly Pick<PlannedOutage, 'from' | 'to'>[];
}

export interface RotaWords {
  readonly zone: string;
  readonly nameOf: (person: string) => Text;
  readonly roleOf: (role: FunctionName) => Text;
}

export const createWords = (zone: string, people: readonly Person[], layers: readonly Layer[]): RotaWords => ({
  zone,
  nameOf: (id) => people.find((person) => person.id === id)?.name ?? sameText(id),
  roleOf: (role) => layers.find((layer) => layer.role === role)?.name ?? FUNCTION_NAMES[role],
});

/** `11月23日周一 08:30` / `Mon 23 Nov 08:30`, on the site's own clock. */
export function momentText(at: Instant, zone: string): Text {
  const say = (language: Language): string => {
    const month = language === 'zh' ? 'long' : 'short';
    const date = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
      ...{ weekday: 'short', day: 'numeric', month, timeZone: zone },
    }).format(at);
    const time = new Intl.DateTimeFormat('en-GB', {
      ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: zone },
    }).format(at);
    return `${date.replace(',', '')} ${time}`;
  };
  return { zh: say('zh'), en: say('en') };
}

const momentOf = (iso: string, zone: string): Text => {
  const at = fromIso(iso);
  return at === null ? sameText(iso) : momentText(at, zone);
};

/** A swap or a cover, told to the people whom it concerns; `off`: it was called off. */
export function changeTexts(change: RotaChange, words: RotaWords, layer: Layer | undefined, off: string | null): Told {
  const role = words.roleOf(change.role);
  const what = change.kind === 'swap' ? swapWords(change, words, layer) : coverWords(change, words);
  const by = words.nameOf(off ?? change.by);
  const why =
    change.reason === '' ? sameText('') : { zh: `原因：${change.reason}。`, en: ` Reason: ${change.reason}.` };
  return off === null
    ? {
        subject: { zh: `${role.zh}排班调整`, en: `The rota has changed (${role.en})` },
        body: { zh: `${what.zh}。${why.zh}由${by.zh}登记。`, en: `${what.en}.${why.en} Entered by ${by.en}.` },
      }
    : {
        subject: { zh: `${role.zh}排班调整已取消`, en: `A change of the rota was called off (${role.en})` },
        body: { zh: `已取消：${what.zh}。由${by.zh}取消。`, en: `Called off: ${what.en}. By ${by.en}.` },
      };
}

function swapWords(change: RotaChange & { kind: 'swap' }, words: RotaWords, layer: Layer | undefined): Text {
  const side = ({ turn }: { turn: string }, person: string): Text => {
    const from = layer?.turn(turn)?.from;
    const when = from === undefined ? sameText(turn) : momentText(from, words.zone);
    const name = words.nameOf(person);
    return { zh: `${when.zh} 起的班次由${name.zh}值`, en: `${name.en} takes the turn from ${when.en}` };
  };
  const [one, other] = [side(change.a, change.b.person), side(change.b, change.a.person)];
  return { zh: `${one.zh}，${other.zh}`, en: `${one.en}, ${other.en}` };
}

function coverWords(change: RotaChange & { kind: 'cover' }, { nameOf, zone }: RotaWords): Text {
  const [from, to] = [momentOf(change.from, zone), momentOf(change.to, zone)];
  const name = nameOf(change.person);
  return {
    zh: `${from.zh} 至 ${to.zh} 由${name.zh}代班`,
    en: `${name.en} stands in from ${from.en} to ${to.en}`,
  };
}

export interface HandOver {
  readonly role: FunctionName;
  readonly before: Person | null;
  readonly until: Instant;
  readonly note: HandOverNote | null;
  readonly open: OpenMatters;
}

/** To whoever takes over: from whom, until when, what was left to say, what is open. */
export function handOverTexts({ role, before, until, note, open }: HandOver, words: RotaWords): Told {
  const name = words.roleOf(role);
  const end = momentText(until, words.zone);
  const lines: Text[] = [
    { zh: `您已接班：${name.zh}，至 ${end.zh}。`, en: `You have taken over: ${name.en}, until ${end.en}.` },
  ];
  if (before !== null) {
    const { zh, en } = before.name;
    const phone = before.phone === undefined ? '' : ` ${before.phone}`;
    lines.push({ zh: `上一班：${zh}${phone}。`, en: `Before you: ${en}${phone}.` });
  }
  lines.push(
    note === null
      ? { zh: '没有交接说明。', en: 'There is no hand-over note.' }
      : { zh: `交接说明：${note.text}`, en: `Hand-over note: ${note.text}` },
    ...openLines(open, words.zone),
    { zh: '请在“值班”页确认接班。', en: 'Please confirm on the rota page that you have taken over.' },
  );
  return {
    subject: { zh: `您已接班（${name.zh}），至 ${end.zh}`, en: `You have taken over (${name.en}), until ${end.en}` },
    body: { zh: lines.map(({ zh }) => zh).join('\n'), en: lines.map(({ en }) => en).join('\n') },
  };
}

const MOST_NAMED = 5;

function openLines({ incidents, alerts, outages }: OpenMatters, zone: string): Text[] {
  const told = alerts.filter(({ inhibitedBy }) => inhibitedBy === null);
  const quiet = told.filter(({ silenced, maintenance }) => silenced !== null || maintenance != null);
  const loud = told.filter((alert) => !quiet.includes(alert));
  const parts = [
    listed(
      { zh: '进行中的事件', en: 'Open incidents' },
      incidents.map(({ plan }) => plan.title),
    ),
    listed(
      { zh: '未解除的告警', en: 'Alerts that fire' },
      loud.map(({ title }) => title),
    ),
    listed(
      { zh: '已搁置或检修中的告警', en: 'Alerts shelved or under maintenance' },
      quiet.map(({ title }) => title),
    ),
    listed(
      { zh: '计划停电', en: 'Announced outages' },
      outages.map(({ from, to }) => {
        const [begins, ends] = [momentOf(from, zone), momentOf(to, zone)];
        return { zh: `${begins.zh}–${ends.zh}`, en: `${begins.en} – ${ends.en}` };
      }),
    ),
  ].filter((line) => line !== null);
  return parts.length > 0 ? parts : [{ zh: '目前没有未了的事项。', en: 'Nothing is open.' }];
}

function listed(title: Text, items: readonly Text[]): Text | null {
  if (items.length === 0) return null;
  const more = items.length - MOST_NAMED;
  const named = items.slice(0, MOST_NAMED);
  const zh = named.map((item) => item.zh).join('；') + (more > 0 ? `；另有 ${more} 项` : '');
  const en = named.map((item) => item.en).join('; ') + (more > 0 ? `; and ${more} more` : '');
  return { zh: `${title.zh}（${items.length}）：${zh}。`, en: `${title.en} (${items.length}): ${en}.` };
}
