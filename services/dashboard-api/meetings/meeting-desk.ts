import type { MeetingConfig } from '#core/config/meeting.ts';
import { messageOf } from '#core/errors.ts';
import type { Notice } from '#core/notice.ts';
import type { MeetingView } from '#core/paperwork/meeting-view.ts';
import type { Cancel, Clock, Log } from '#core/ports.ts';
import type { Text } from '#core/text.ts';
import { hours, type Instant, minus, minutes, plus, seconds, toIso } from '#core/time.ts';
import type { Notices } from '../notices.ts';
import type { Meetings } from './meetings.ts';

/** An hour before a meeting those who take part are told what is on its agenda; told once by its key, however often it is said. */
export interface MeetingDesk {
  start(): void;
  look(): Promise<void>;
  stop(): void;
}

const BEFORE = hours(1);
const EVERY = minutes(1);
const SOON = seconds(5);
const MOST_LISTED = 8;

export function createMeetingDesk(deps: {
  readonly settings: MeetingConfig | undefined;
  readonly timeZone: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly meetings: Pick<Meetings, 'coming' | 'plan' | 'mend'>;
  readonly notices: Notices;
}): MeetingDesk {
  const { settings, clock, log, meetings, notices, timeZone } = deps;
  const told = new Set<string>();
  let cancel: Cancel = () => {};

  async function look(): Promise<void> {
    try {
      meetings.mend();
      const next = meetings.coming();
      if (settings === undefined || next === null || told.has(next.id)) return;
      if (clock.now() < minus(next.at, BEFORE)) return;
      const view = meetings.plan(next.id);
      if (view !== null && (await notices.tell(noticeOf(view, settings, next.at, timeZone)))) told.add(next.id);
    } catch (error) {
      log.error({ error: messageOf(error) }, 'the meetings could not be looked at: it is tried again in a minute');
    }
  }
  const later = (delay: typeof EVERY): void => {
    cancel = clock.after(delay, () => {
      later(EVERY);
      void look();
    });
  };
  return {
    start() {
      if (settings !== undefined) later(SOON);
    },
    look,
    stop: () => cancel(),
  };
}

function noticeOf(view: MeetingView, settings: MeetingConfig, at: Instant, timeZone: string): Notice {
  const time = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(at);
  const pressing = view.agenda.filter((item) => item.pressing).length;
  const counts: Text = {
    zh: `共 ${view.agenda.length} 项${pressing === 0 ? '' : `，其中紧要 ${pressing} 项`}`,
    en: `${view.agenda.length} items${pressing === 0 ? '' : `, ${pressing} of them pressing`}`,
  };
  const first = view.agenda.slice(0, MOST_LISTED);
  const rest = view.agenda.length - first.length;
  const list = (l: keyof Text): string =>
    [
      ...first.map(({ title, detail }) => `· ${title[l]}${detail === null ? '' : ` (${detail[l]})`}`),
      ...(rest > 0 ? [`· … +${rest}`] : []),
    ]
      .join('\n')
      .slice(0, 3500);
  return {
    key: `meeting/${view.id}/agenda`,
    functions: settings.takes_part,
    people: [],
    severity: 'low',
    subject: { zh: `${view.title.zh}议程（${time}）`, en: `${view.title.en}: agenda (${time})` },
    body: { zh: `${time}。${counts.zh}：\n${list('zh')}`, en: `${time}. ${counts.en}:\n${list('en')}` },
    phase: 'information',
    conversation: `meeting/${view.id}`,
    path: `/meetings/${view.id}`,
    // While it goes on it is still worth reading.
    until: toIso(plus(at, hours(2))),
  };
}
