import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { Access } from './auth/access.ts';
import { CSRF_HEADER, SESSION_COOKIE } from './auth/access.ts';
import { completeDescription, type DescribedRoute } from './openapi-complete.ts';
import { API, type Server } from './routes/context.ts';

const DESCRIPTION = `Machine-room monitoring and emergency service.

Instants are ISO 8601 in UTC, lengths are seconds and end in S, texts for people are {zh, en}. Lists come by pages: \`limit\`, and \`next\` of an
answer is the \`cursor\` of the next. Refusals are problems (RFC 9457) with a code. Words and rules: services/dashboard-api/API.md.`;

/** OpenAPI 3.1 from the same schemas that check the requests; readable at /docs without any other host. */
export async function describeApi(
  server: Server,
  version: string,
  /** Grows while routes are added; read when the description is made. */
  routes: readonly DescribedRoute[],
): Promise<void> {
  await server.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: '值守 Zhishou',
        description: DESCRIPTION,
        version,
        license: { name: 'Apache-2.0' },
      },
      components: {
        securitySchemes: {
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: SESSION_COOKIE,
            description: `From POST ${API}/session; changing requests also need the header ${CSRF_HEADER}.`,
          },
          token: { type: 'http', scheme: 'bearer', description: 'An API token.' },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: (input) => completeDescription(jsonSchemaTransformObject(input), routes) as never,
  });
  await server.register(fastifySwaggerUi, {
    routePrefix: '/docs',
    uiConfig: { docExpansion: 'list', deepLinking: true, tryItOutEnabled: false },
    // Without this the page asks an outside validator about the description.
    initOAuth: {},
    staticCSP: false,
  });
  // Made once, when somebody asks: no route comes after the start.
  let described: unknown;
  server.get(
    `${API}/openapi.json`,
    { config: { access: { who: 'everybody' } satisfies Access }, schema: { hide: true } },
    async () => {
      described ??= server.swagger();
      return described;
    },
  );
}
