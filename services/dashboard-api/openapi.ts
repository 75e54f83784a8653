import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { Access } from './auth/access.ts';
import { CSRF_HEADER, SESSION_COOKIE } from './auth/access.ts';
import { API, type Server } from './routes/context.ts';

/** OpenAPI 3.1 from the same schemas that check the requests; readable at /docs without any other host. */
export async function describeApi(server: Server, version: string): Promise<void> {
  await server.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: '值守 Zhishou',
        description: 'Machine-room monitoring and emergency service. Words and rules: services/dashboard-api/API.md.',
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
    transformObject: jsonSchemaTransformObject,
  });
  await server.register(fastifySwaggerUi, {
    routePrefix: '/docs',
    uiConfig: { docExpansion: 'list', deepLinking: true, tryItOutEnabled: false },
    // Without this the page asks an outside validator about the description.
    initOAuth: {},
    staticCSP: false,
  });
  server.get(
    `${API}/openapi.json`,
    { config: { access: { who: 'everybody' } satisfies Access }, schema: { hide: true } },
    async () => server.swagger(),
  );
}
