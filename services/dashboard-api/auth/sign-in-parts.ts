import type { Config } from '#core/config/config.ts';
import type { Clock, Log } from '#core/ports.ts';
import type { Secret } from '#core/secret.ts';
import type { Accounts } from '#platform/accounts-store.ts';
import { openOidcProvider } from '#platform/oidc-provider.ts';
import type { Passwords } from '#platform/passwords.ts';
import { type Authentication, createAuthentication } from './authentication.ts';
import { createFirstRun, type FirstRun } from './first-run.ts';
import { createOidcDesk, type OidcDesk } from './oidc-desk.ts';
import { createOneTimeCodes, type OneTimeCodes } from './one-time-codes.ts';

/** Everything by which people come in, put together. */
export interface SignInParts {
  readonly authentication: Authentication;
  readonly codes: OneTimeCodes;
  readonly firstRun: FirstRun;
  /** Null: site.yaml names no provider. */
  readonly oidc: OidcDesk | null;
}

export const CALLBACK_PATH = '/api/v1/oidc/callback';

export function createSignIn(deps: {
  config: Config;
  accounts: Accounts;
  passwords: Passwords;
  wall: Clock;
  log: Log;
  key: Secret;
  /** The first administrator is made on the page with a setup code, and not with a password on the console. */
  setup: boolean;
}): SignInParts {
  const { config, accounts, passwords, wall, log, key } = deps;
  const { http, name } = config.site;
  // Authenticator apps show it beside the account: latin letters are safe in all of them.
  const codes = createOneTimeCodes({ accounts, wall, key, issuer: `Zhishou ${name.en}`.replaceAll(':', ' ') });
  const authentication = createAuthentication({ accounts, passwords, wall, codes, codesFor: http.totp.required });
  const publicUrl = http.public_url?.replace(/\/+$/, '') ?? '';
  const oidc =
    http.oidc === undefined
      ? null
      : createOidcDesk({
          provider: openOidcProvider(http.oidc, `${publicUrl}${CALLBACK_PATH}`, wall),
          settings: http.oidc,
          ...{ config, accounts, authentication, wall, log, publicUrl },
        });
  return { authentication, codes, firstRun: createFirstRun({ accounts, passwords, wall, offered: deps.setup }), oidc };
}
