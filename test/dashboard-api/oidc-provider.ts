import { createHash, createHmac, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import fastify from 'fastify';

/**
 * A sign-in provider for tests, true to the protocol: OpenID Connect Discovery 1.0, authorization code with PKCE (RFC 7636), ID tokens
 * signed RS256 with Node's own crypto. It can be told to lie in the ways that matter.
 */
export interface TestProvider {
  readonly issuer: string;
  /** What the browser's visit to the authorization address comes to: the address that it is sent back to. */
  authorize(location: string, claims: Readonly<Record<string, unknown>>): string;
  /** Who is signed in there: a browser that comes is sent back at once as this person. */
  visitedBy(claims: Readonly<Record<string, unknown>>): void;
  /** From now on ID tokens are made so. */
  lie(lie: Lie): void;
  /** Asked of the token endpoint so far. */
  readonly exchanges: readonly Readonly<Record<string, string>>[];
  /** A new signing key; the old one is no longer shown. */
  rotateKey(): void;
  close(): Promise<void>;
}

export interface Lie {
  /** Over the claims as they would be. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly without?: readonly string[];
  readonly header?: Readonly<Record<string, unknown>>;
  /** `none`: no signature; `foreign`: by a key that the provider does not show; `hmac`: with the client's secret. */
  readonly signature?: 'none' | 'foreign' | 'hmac';
  readonly noIdToken?: true;
  readonly discovery?: Readonly<Record<string, unknown>>;
  readonly tokenStatus?: number;
}

export const CLIENT = { id: 'zhishou', secret: 'made-up-client-secret' } as const;

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const newKey = (): { kid: string; publicKey: KeyObject; privateKey: KeyObject } => ({
  kid: randomBytes(4).toString('hex'),
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }),
});

interface Issued {
  readonly challenge: string;
  readonly nonce: string;
  readonly redirectUri: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

export async function startProvider(options: { endSession?: boolean } = {}): Promise<TestProvider> {
  const codes = new Map<string, Issued>();
  const exchanges: Record<string, string>[] = [];
  const foreign = newKey();
  let key = newKey();
  let lie: Lie = {};
  let visitor: Readonly<Record<string, unknown>> = { sub: 'nobody' };
  const app = fastify({ forceCloseConnections: true });
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
  let url = '';
  app.get('/.well-known/openid-configuration', async () => ({
    issuer: url,
    authorization_endpoint: `${url}/authorize`,
    token_endpoint: `${url}/token`,
    jwks_uri: `${url}/jwks`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    code_challenge_methods_supported: ['S256'],
    ...(options.endSession === true ? { end_session_endpoint: `${url}/end` } : {}),
    ...lie.discovery,
  }));
  app.get('/authorize', (request, reply) => reply.redirect(authorize(new URL(request.url, url).href, visitor)));
  app.get('/jwks', async () => ({
    keys: [{ ...key.publicKey.export({ format: 'jwk' }), kid: key.kid, use: 'sig', alg: 'RS256' }],
  }));
  app.post('/token', async (request, reply) => {
    const body = request.body as Record<string, string>;
    exchanges.push(body);
    if (lie.tokenStatus !== undefined) return reply.code(lie.tokenStatus).send({ error: 'server_error' });
    const problem = whatIsWrong(request.headers.authorization, body);
    if (problem !== null) return reply.code(400).send({ error: problem });
    const issued = codes.get(body.code ?? '');
    codes.delete(body.code ?? '');
    const { nonce = '', claims = {} } = issued ?? {};
    return {
      access_token: 'not-used',
      token_type: 'Bearer',
      expires_in: 60,
      ...(lie.noIdToken === true ? {} : { id_token: idToken(url, nonce, claims) }),
    };
  });
  url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    issuer: url,
    exchanges,
    lie: (next) => {
      lie = next;
    },
    rotateKey: () => {
      key = newKey();
    },
    close: () => app.close(),
    authorize,
    visitedBy: (claims) => {
      visitor = claims;
    },
  };

  function authorize(location: string, claims: Readonly<Record<string, unknown>>): string {
    const asked = new URL(location).searchParams;
    if (asked.get('client_id') !== CLIENT.id || asked.get('response_type') !== 'code') throw new Error(location);
    if (asked.get('code_challenge_method') !== 'S256' || !(asked.get('scope') ?? '').includes('openid'))
      throw new Error(location);
    const code = randomBytes(8).toString('hex');
    const redirectUri = asked.get('redirect_uri') ?? '';
    codes.set(code, {
      challenge: asked.get('code_challenge') ?? '',
      nonce: asked.get('nonce') ?? '',
      redirectUri,
      claims,
    });
    return `${redirectUri}?${new URLSearchParams({ code, state: asked.get('state') ?? '' })}`;
  }

  /** RFC 6749 section 5.2 and RFC 7636 section 4.6. */
  function whatIsWrong(authorization: string | undefined, body: Record<string, string>): string | null {
    const basic = Buffer.from((authorization ?? '').replace(/^Basic /, ''), 'base64').toString();
    // Both parts are form-encoded (RFC 6749 section 2.3.1).
    if (decodeURIComponent(basic) !== `${CLIENT.id}:${CLIENT.secret}`) return 'invalid_client';
    const issued = codes.get(body.code ?? '');
    const challenge = createHash('sha256')
      .update(body.code_verifier ?? '')
      .digest('base64url');
    const fits = issued?.challenge === challenge && issued.redirectUri === body.redirect_uri;
    return fits ? null : 'invalid_grant';
  }

  function idToken(url: string, nonce: string, claims: Readonly<Record<string, unknown>>): string {
    const now = Math.floor(Date.now() / 1000);
    const body: Record<string, unknown> = {
      ...{ iss: url, aud: CLIENT.id, iat: now, exp: now + 300, nonce },
      ...claims,
      ...lie.claims,
    };
    for (const name of lie.without ?? []) delete body[name];
    const alg = lie.signature === 'none' ? 'none' : lie.signature === 'hmac' ? 'HS256' : 'RS256';
    const text = `${base64url({ alg, kid: key.kid, ...lie.header })}.${base64url(body)}`;
    if (lie.signature === 'none') return `${text}.`;
    if (lie.signature === 'hmac')
      return `${text}.${createHmac('sha256', CLIENT.secret).update(text).digest('base64url')}`;
    const { privateKey } = lie.signature === 'foreign' ? foreign : key;
    return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
  }
}
