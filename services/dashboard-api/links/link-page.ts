import type { Config } from '#core/config/config.ts';
import type { Language } from '#core/text.ts';
import { fromIso, type Instant, toIso } from '#core/time.ts';
import type { LinkMatter } from './link-matter.ts';
import { type LinkWord, linkWord } from './link-words.ts';

/**
 * The page behind a signed link: one HTML document without script, picture or font, so that it works on an old telephone and a
 * bad line. Nothing on it changes anything but its one button.
 */
export interface LinkPageParts {
  readonly config: Pick<Config, 'people' | 'site'>;
  readonly language: Language;
  readonly now: Instant;
}

export interface Pressed {
  readonly matter: LinkMatter;
  /** Whose link it is. */
  readonly person: string;
  /** It was acknowledged by this very press. */
  readonly justNow: boolean;
}

export function matterPage({ matter, person, justNow }: Pressed, parts: LinkPageParts): string {
  const { config, language, now } = parts;
  const say = (word: LinkWord, values?: Record<string, string>): string => asHtml(linkWord(language, word, values));
  const clock = (iso: string): string => clockTime(iso, now, config.site.time_zone);
  const ageMs = now - (fromIso(matter.since) ?? now);
  const lasted = ageMs < 60_000 ? null : lengthWords(ageMs, language);
  const asked = matter.state === 'open' && matter.acknowledged === null;
  const marks = [...(matter.simulated ? ['simulated' as const] : []), ...(matter.drill ? ['drill' as const] : [])];
  const name = nameOf(config, person, language);
  const state = ((): string => {
    if (matter.state === 'over')
      return `<p class="calm">${matter.endedAt === null ? say('overNow') : say('over', { time: clock(matter.endedAt) })}</p>`;
    const had = matter.acknowledged;
    if (had === null)
      return `<form method="post"><button>${say('acknowledge')}</button></form><p class="note">${say('acknowledgeNote')}</p>`;
    if (justNow && had.by === person) return `<p class="done">${say('thanks', { name })}</p>`;
    if (had.by === person) return `<p class="done">${say('byYou', { time: clock(had.at) })}</p>`;
    return `<p class="calm">${say('byOther', { name: nameOf(config, had.by, language), time: clock(had.at) })}</p>`;
  })();
  const within = matter.within === null ? null : lengthWords(matter.within * 1000, language);
  const heading = within === null ? say('happening') : say('todoWithin', { length: within });
  const facts =
    matter.state === 'over'
      ? ''
      : `<dl>${clocksHtml(matter, parts)}<dt>${heading}</dt><dd>${asHtml(matter.now[language])}</dd>${
          matter.consequence === null
            ? ''
            : `<dt>${say('atStake')}</dt><dd>${asHtml(matter.consequence[language])}</dd>`
        }</dl>`;
  return document(
    parts,
    matter.title[language],
    `<p class="mark ${matter.severity}">${[say(matter.severity), ...marks.map((mark) => say(mark))].join(' · ')}</p>
<h1>${asHtml(matter.title[language])}</h1>
<p class="where">${asHtml(matter.where[language])}<br>${say(lasted === null ? 'sinceNow' : 'since', { time: clock(matter.since), length: lasted ?? '' })}</p>
${asked ? state + facts : state + facts}${matter.state === 'over' ? '' : numbersHtml(parts)}`,
  );
}

/** Why there is nothing to press: calm, and what to do instead. */
export function noticePage(
  what: 'expired' | 'used' | 'invalid' | 'failed' | 'tooMany',
  parts: LinkPageParts,
  again = false,
): string {
  const { language } = parts;
  const title = linkWord(language, `${what}Title`);
  const button = again ? `<form method="post"><button>${asHtml(linkWord(language, 'retry'))}</button></form>` : '';
  // Whoever holds no link of ours learns no number of ours.
  const numbers = what === 'failed' ? numbersHtml(parts) : '';
  return document(
    parts,
    title,
    `<h1>${asHtml(title)}</h1><p class="calm">${asHtml(linkWord(language, what))}</p>${button}${numbers}`,
  );
}

function clocksHtml({ clocks, state }: LinkMatter, { config, language, now }: LinkPageParts): string {
  if (clocks === null || state === 'over') return '';
  const row = (word: LinkWord, value: string | null): string =>
    value === null ? '' : `<div><dt>${asHtml(linkWord(language, word))}</dt><dd>${asHtml(value)}</dd></div>`;
  const at = (iso: string | null): string | null => (iso === null ? null : clockTime(iso, now, config.site.time_zone));
  const { chargePercent, temperatureC, temperatureLimitC, exhaustion, latestSafeStart, threat } = clocks;
  const rows =
    threat === 'heat'
      ? [
          row(
            'temperature',
            temperatureC === null ? null : `${temperatureC.toFixed(1)} °C / ${temperatureLimitC ?? '–'} °C`,
          ),
        ]
      : [
          row('battery', chargePercent === null ? null : `${Math.round(chargePercent)} %`),
          row('empty', at(exhaustion.at)),
          row('latest', at(latestSafeStart)),
        ];
  return `</dl><dl class="clocks">${rows.join('')}</dl><dl>`;
}

function numbersHtml({ config, language }: LinkPageParts): string {
  const contacts = Object.values(config.people.contacts);
  if (contacts.length === 0) return '';
  const items = contacts
    .slice(0, 8)
    .map(
      ({ name, phone }) =>
        `<li><a href="tel:${asHtml(phone.replaceAll(/[^\d+]/g, ''))}">${asHtml(name[language])} ${asHtml(phone)}</a></li>`,
    );
  return `<h2>${asHtml(linkWord(language, 'numbers'))}</h2><ul>${items.join('')}</ul>`;
}

const nameOf = ({ people }: LinkPageParts['config'], id: string, language: Language): string =>
  people.people.find((person) => person.id === id)?.name[language] ?? id;

const STYLE = `*{box-sizing:border-box}body{margin:0;background:#e6e9eb;color:#1a2025;font:17px/1.55 system-ui,-apple-system,"Noto Sans SC",sans-serif;-webkit-text-size-adjust:100%}
main{max-width:34rem;margin:0 auto;padding:24px 16px 40px}h1{font-size:26px;line-height:1.3;margin:8px 0}h2{font-size:15px;margin:28px 0 8px;color:#47525a}p{margin:8px 0}
.mark{display:inline-block;margin:0;padding:2px 10px;font-weight:600;border-radius:4px;color:#fff;background:#5b4a9e}.mark.high{background:#b81d1d}.mark.medium{background:#f0a030;color:#2a1700}
.where,.note,footer{color:#47525a}.note{font-size:15px;text-align:center}button{display:block;width:100%;min-height:72px;margin:24px 0 8px;border:0;border-radius:8px;background:#1d5c87;color:#fff;font:inherit;font-size:22px;font-weight:600}
.done,.calm{margin:20px 0;padding:16px;border-radius:8px;background:#f4f6f7;font-size:19px}.done{border-left:6px solid #1d5c87;font-weight:600}dl{margin:20px 0}dl:empty{display:none}dt{margin-top:14px;font-size:15px;color:#47525a}dd{margin:0;white-space:pre-line}
.clocks{display:flex;flex-wrap:wrap;margin:20px -4px}.clocks div{flex:1 1 8rem;margin:4px;padding:8px 12px;border-radius:8px;background:#f4f6f7}.clocks dt{margin:0}.clocks dd{font-size:22px;font-weight:600;font-variant-numeric:tabular-nums}
ul{list-style:none;margin:0;padding:0}li a{display:block;padding:12px 16px;margin:0 0 8px;border-radius:8px;background:#f4f6f7;color:#1d5c87}footer{margin-top:32px;font-size:15px}footer a{color:#1d5c87}
@media(prefers-color-scheme:dark){body{background:#13171a;color:#e3e8eb}h2,.where,.note,footer,dt{color:#b3bdc4}.done,.calm,.clocks div,li a{background:#1c2125}li a,footer a{color:#86bbe0}button{background:#86bbe0;color:#0c1a24}.done{border-color:#86bbe0}.mark.high{background:#ff7a70;color:#2b0503}}`;

function document({ config, language }: LinkPageParts, title: string, body: string): string {
  const site = config.site.name[language];
  return `<!doctype html><html lang="${language === 'zh' ? 'zh-CN' : 'en'}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex,nofollow"><title>${asHtml(title)} · ${asHtml(site)}</title><style>${STYLE}</style></head>
<body><main>${body}<footer>${asHtml(site)} · <a href="/">${asHtml(linkWord(language, 'openPage'))}</a></footer></main></body></html>`;
}

const asHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

function lengthWords(lengthMs: number, language: Language): string {
  const minutes = Math.floor(Math.max(0, lengthMs) / 60_000);
  const [h, n] = [Math.floor(minutes / 60), minutes % 60];
  return h === 0
    ? linkWord(language, 'minutes', { n: String(n) })
    : linkWord(language, 'hours', { h: String(h), n: String(n) });
}

/** `03:04`, with its date when that is not today. */
function clockTime(iso: string, now: Instant, zone: string): string {
  const [then, today] = [iso, toIso(now)].map((at) => Temporal.Instant.from(at).toZonedDateTimeISO(zone));
  if (then === undefined || today === undefined) return iso;
  const time = then.toPlainTime().toString({ smallestUnit: 'minute' });
  return then.toPlainDate().equals(today.toPlainDate()) ? time : `${then.toPlainDate().toString().slice(5)} ${time}`;
}
