import { createHash } from 'node:crypto';
import type { RotaView } from '#core/rota/changes.ts';
import type { RulesView } from '#core/rules-view.ts';
import type { Account } from '#platform/accounts-schema.ts';

/** A short name of exactly this content: what is equal has the same, what differs has another. */
export const versionOf = (content: unknown): string => digestOf(JSON.stringify(content) ?? '');

export const digestOf = (bytes: string | Buffer): string =>
  createHash('sha256').update(bytes).digest('base64url').slice(0, 16);

/** What an administrator edits. When somebody signed in last is no change of theirs. */
export const userVersion = ({ user, name, role, person, disabled }: Account): string =>
  versionOf({ user, name, role, person, disabled });

/** By rule: the version of what people have laid over it. */
export const ruleVersions = (view: RulesView | null): Record<string, string> =>
  Object.fromEntries(
    (view?.rules ?? []).map(({ id }) => [id, versionOf(view?.overrides.filter(({ rule }) => rule === id))]),
  );

/** Of what people have changed and written; not of who has the turn now. */
export const rotaVersion = (view: RotaView | null): string => versionOf([view?.changes ?? [], view?.notes ?? []]);
