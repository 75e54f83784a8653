import type { Config } from '#core/config/config.ts';
import { FUNCTION_NAMES } from '#core/record-words.ts';
import type { SpanReason } from '#core/rota/layer.ts';
import { proveRota, type RotaFault } from '#core/rota/prove.ts';
import { createLayers } from '#core/rota/rota.ts';
import type { Text } from '#core/text.ts';
import { type Instant, milliseconds, plus } from '#core/time.ts';
import { momentText } from './rota-texts.ts';

/** L24, L25: what `check` says of each minute of the coming year, for people: which rotation, from when until when, what to do. */
export interface RotaFinding {
  readonly severity: 'error' | 'warning';
  readonly message: Text;
  readonly mend: Text;
}

const YEAR = milliseconds(366 * 86_400_000);
/** So many of one kind are named; the rest is counted. */
const MOST_NAMED = 10;

export function rotaFindings(config: Config, now: Instant): RotaFinding[] {
  const faults = proveRota(config, createLayers(config), now, plus(now, YEAR));
  const kinds = Map.groupBy(faults, (fault) =>
    fault.kind === 'gap'
      ? `gap ${fault.role} ${fault.why}`
      : 'person' in fault
        ? `${fault.kind} ${fault.person}`
        : fault.kind,
  );
  return [...kinds.values()].flatMap((alike) => {
    const [first] = alike;
    if (first === undefined) return [];
    // A window of each week is one thing to know, and not fifty.
    const most = (first.kind === 'gap' && first.why === 'off') || first.kind === 'twice' ? 1 : MOST_NAMED;
    const more = alike.length - most;
    return alike.slice(0, most).map((fault, index) => {
      const finding = toFinding(fault, config);
      return index < most - 1 || more <= 0 ? finding : { ...finding, message: andMore(finding.message, more) };
    });
  });
}

const andMore = ({ zh, en }: Text, more: number): Text => ({
  zh: `${zh}；一年内另有 ${more} 次`,
  en: `${en}; and ${more} times more within the year`,
});

const WHY: Readonly<Record<Exclude<SpanReason, 'rotation' | 'swap' | 'override' | 'cover'>, Text>> = {
  off: { zh: '（off 中写明的时段）', en: ' (hours written under off)' },
  absent: { zh: '（轮值名单中没有人全程在岗）', en: ' (nobody of the order is there for the whole turn)' },
  'not-begun': { zh: '（轮值尚未开始）', en: ' (the rotation has not begun)' },
};

function toFinding(fault: RotaFault, config: Config): RotaFinding {
  if (fault.kind === 'no-holidays') {
    return {
      severity: 'warning',
      message: {
        zh: `没有 ${fault.year} 年的法定节假日与调休数据，节假日会被当作工作日`,
        en: `the national holidays of ${fault.year} are not known: they would be taken for working days`,
      },
      mend: {
        zh: '公布后更新软件，或把日期写入 calendar.yaml，并在 years_by_hand 中写明该年',
        en: 'once they are published update the software, or write them into calendar.yaml and the year into years_by_hand',
      },
    };
  }
  const [from, to] = [fault.from, fault.until].map((at) => momentWithYear(at, config.site.time_zone));
  const time = { zh: `${from?.zh} 至 ${to?.zh} `, en: `from ${from?.en} until ${to?.en} ` };
  const said = sentence(fault);
  const severity = fault.kind === 'twice' || (fault.kind === 'gap' && fault.why === 'off') ? 'warning' : 'error';
  return {
    severity,
    message: { zh: `${time.zh}${said.zh}`, en: `${time.en}${said.en}` },
    mend: {
      zh: fault.kind === 'unreachable' ? '在 people.yaml 中补充联系方式' : '修改 rota.yaml',
      en: fault.kind === 'unreachable' ? 'give them a route in people.yaml' : 'mend rota.yaml',
    },
  };
}

function sentence(fault: Exclude<RotaFault, { kind: 'no-holidays' }>): Text {
  if (fault.kind === 'twice') {
    const [one, other] = fault.roles.map((role) => FUNCTION_NAMES[role]);
    return {
      zh: `${fault.person} 同时担任${one?.zh}和${other?.zh}`,
      en: `${fault.person} has two turns at once: ${one?.en}, ${other?.en}`,
    };
  }
  const { zh, en } = FUNCTION_NAMES[fault.role];
  const duty = fault.role === 'duty';
  if (fault.kind === 'gap') {
    const why = fault.why in WHY ? WHY[fault.why as keyof typeof WHY] : { zh: '', en: '' };
    return {
      zh: duty ? `无人值班${why.zh}` : `没有${zh}${why.zh}`,
      en: `${duty ? 'nobody is on duty' : `nobody is ${en}`}${why.en} (L25)`,
    };
  }
  const who = { zh: `${zh} ${fault.person}`, en: duty ? `${fault.person}, on duty,` : `${fault.person}, ${en},` };
  return fault.kind === 'unknown'
    ? {
        zh: `${who.zh} 不在 people.yaml 中，等于无人值班`,
        en: `${who.en} is nobody of people.yaml: nobody is on duty (L25)`,
      }
    : { zh: `${who.zh} 没有联系方式，通知不到`, en: `${who.en} has no route and cannot be told (L25)` };
}

function momentWithYear(at: Instant, zone: string): Text {
  const { zh, en } = momentText(at, zone);
  const year = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).year;
  return { zh: `${year}年${zh}`, en: en.replace(/ (\d\d:\d\d)$/, ` ${year} $1`) };
}
