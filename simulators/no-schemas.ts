import type { FastifyServerOptions } from 'fastify';

/** For servers whose routes have no schemas: fastify else loads two compilers of JSON Schema that nobody uses. */
export const NO_SCHEMAS: Required<Pick<FastifyServerOptions, 'schemaController'>> = {
  schemaController: {
    compilersFactory: {
      buildValidator: () => () => () => true,
      buildSerializer: () => () => (data: unknown) => JSON.stringify(data),
      // Fastify's types are those of its own two compilers.
    } as never,
  },
};
