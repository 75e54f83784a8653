import type { PersonCommand } from '#core/command.ts';
import type { Config } from '#core/config/config.ts';
import { messageOf } from '#core/errors.ts';
import { type Clock, type Log, sleep } from '#core/ports.ts';
import type { Secret } from '#core/secret.ts';
import type { Language } from '#core/text.ts';
import { milliseconds, toIso } from '#core/time.ts';
import { type LinkGrant, readLinkToken } from '#platform/link-token.ts';
import type { CommandGateway } from '../commands/gateway.ts';
import type { ReadModel } from '../read-model/model.ts';
import { alertMatter, incidentMatter, type LinkMatter, testMatter } from './link-matter.ts';
import { matterPage, noticePage } from './link-page.ts';

/**
 * What stands behind a signed link. Looking changes nothing: robots of chat programs look at every link. Pressing sends the same
 * order as the page would, in the name of the person that the link was made for; the service that acts judges the link again.
 */
export interface LinkDesk {
  look(token: string, wish: Language): LinkAnswer;
  press(token: string, wish: Language): Promise<LinkAnswer>;
  tooMany(wish: Language): LinkAnswer;
}

export interface LinkAnswer {
  readonly status: number;
  readonly html: string;
}

export interface LinkDeskDependencies {
  readonly config: Config;
  readonly model: Pick<ReadModel, 'alerts' | 'incidents' | 'deliveries'>;
  readonly commands: Pick<CommandGateway, 'send'>;
  /** The site's clock. */
  readonly clock: Clock;
  /** Real time. */
  readonly wall: Clock;
  readonly log: Log;
  readonly signatureKey: Secret;
}

type Held = { readonly grant: LinkGrant; readonly use: string; readonly expired: boolean };
/** The order's answer and the alert's new state come over different topics. */
const NEWS_WITHIN_MS = 1000;
const LOOK_EVERY = milliseconds(50);

export function createLinkDesk(deps: LinkDeskDependencies): LinkDesk {
  const { config, model, clock, wall, log } = deps;
  const people = new Map(config.people.people.map((person) => [person.id, person]));
  const parts = (language: Language) => ({ config, language, now: clock.now() });
  const languageOf = (grant: LinkGrant, wish: Language): Language => people.get(grant.person)?.language ?? wish;

  function read(token: string): Held | null {
    const matters = [
      ...model.alerts().map(({ id }) => ({ kind: 'alert' as const, id })),
      ...model.incidents().map(({ id }) => ({ kind: 'incident' as const, id })),
      ...[...new Set(model.deliveries().flatMap(({ test }) => test ?? []))].map((id) => ({
        kind: 'test' as const,
        id,
      })),
    ];
    const reading = readLinkToken(token, { matters, people: people.keys() }, deps.signatureKey, clock.now());
    return reading.ok ? reading : null;
  }

  function matterOf({ kind, id }: LinkGrant): LinkMatter | null {
    const told = kind === 'test' ? model.deliveries().find(({ test }) => test === id) : undefined;
    if (told !== undefined) return testMatter(told, config);
    const alert = kind === 'alert' ? model.alerts().find((view) => view.id === id) : undefined;
    if (alert !== undefined) return alertMatter(alert, config, model.incidents());
    const incident = kind === 'incident' ? model.incidents().find((view) => view.id === id) : undefined;
    return incident === undefined ? null : incidentMatter(incident, config);
  }

  const invalid = (language: Language): LinkAnswer => ({ status: 404, html: noticePage('invalid', parts(language)) });

  function show({ grant, expired }: Held, language: Language, justNow = false): LinkAnswer {
    const matter = matterOf(grant);
    if (matter === null) return invalid(language);
    const asked = matter.state === 'open' && matter.acknowledged === null;
    if (expired && asked) return { status: 410, html: noticePage('expired', parts(language)) };
    // Who has confirmed a test is kept where it was begun; here only what was pressed now is known.
    const pressed =
      justNow && grant.kind === 'test' ? { by: grant.person, at: toIso(clock.now()) } : matter.acknowledged;
    const shown = { matter: { ...matter, acknowledged: pressed }, person: grant.person, justNow };
    return { status: 200, html: matterPage(shown, parts(language)) };
  }

  async function send(token: string, { grant, use }: Held): Promise<boolean> {
    const name = people.get(grant.person)?.name[config.site.language] ?? grant.person;
    const by: PersonCommand['by'] = { user: grant.person, name, role: 'duty' };
    const body =
      grant.kind === 'incident'
        ? ({ kind: 'incident.acknowledge', incident: grant.id, grant: token } as const)
        : ({ kind: 'alert.acknowledge', alert: grant.id, grant: token } as const);
    const result = await deps.commands.send(by, body, use);
    return result.ok;
  }

  /** True when the model has heard of it. */
  async function heard(grant: LinkGrant): Promise<boolean> {
    const isAsked = (): boolean => {
      const matter = matterOf(grant);
      return matter?.state === 'open' && matter.acknowledged === null;
    };
    for (let waited = 0; isAsked() && waited < NEWS_WITHIN_MS; waited += LOOK_EVERY) await sleep(wall, LOOK_EVERY);
    return !isAsked();
  }

  return {
    look(token, wish) {
      const held = read(token);
      return held === null ? invalid(wish) : show(held, languageOf(held.grant, wish));
    },
    async press(token, wish) {
      const held = read(token);
      if (held === null) return invalid(wish);
      const language = languageOf(held.grant, wish);
      const matter = matterOf(held.grant);
      // Whoever was quicker stays: the page says who.
      if (matter === null || held.expired || matter.state === 'over' || matter.acknowledged !== null)
        return show(held, language);
      try {
        const ok = await send(token, held);
        if (!ok) return { status: 409, html: noticePage('failed', parts(language), true) };
      } catch (error) {
        log.warn({ kind: held.grant.kind, error: messageOf(error) }, 'a link could not acknowledge');
        return { status: 503, html: noticePage('failed', parts(language), true) };
      }
      if (held.grant.kind === 'test' || (await heard(held.grant))) return show(held, language, true);
      // It was used once, and what it acknowledged fires again.
      return { status: 410, html: noticePage('used', parts(language)) };
    },
    tooMany: (wish) => ({ status: 429, html: noticePage('tooMany', parts(wish)) }),
  };
}
