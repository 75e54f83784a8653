import { z } from 'zod';
import { durationSchema, hostSchema, portSchema } from './common.ts';
import { httpRequestSchema } from './connections.ts';

/**
 * devices.yaml, `checks`: what a host must do for people, looked at from outside (O-WK-2): it answers a ping, takes connections,
 * serves a page with the right words in it, shows a certificate that is good for a while. Each tells `service.<name>.available`.
 */
const common = {
  /** Part of the points' names: `web` gives `service.web.available`. */
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,30}$/, 'a name has small letters, digits and hyphens, 31 at most, e.g. web'),
  every: durationSchema.prefault('1m').refine((every) => every >= 5000, 'no more often than every 5s'),
  timeout: durationSchema
    .prefault('5s')
    .refine((timeout) => timeout >= 100 && timeout <= 30_000, 'between 100ms and 30s'),
};

const httpCheckSchema = httpRequestSchema.extend({
  method: z.enum(['GET', 'HEAD']).default('GET'),
  /** Status codes that mean: available. Default: 200 to 399. */
  accept: z.array(z.number().int().min(100).max(599)).min(1).optional(),
  /** What the page must say, anywhere in its first 256 KB. */
  contains: z.string().min(1).max(1000).optional(),
});

export const checkSchema = z.union([
  /** An ICMP echo (RFC 792), by the system's `ping`. */
  z.strictObject({ ...common, ping: z.strictObject({ host: hostSchema }) }),
  z.strictObject({
    ...common,
    tcp: z.strictObject({
      host: hostSchema,
      port: portSchema,
      /** What the service says first, as far as it goes: `SSH-2.0`, `220 `. */
      greets: z.string().min(1).max(200).optional(),
    }),
  }),
  z.strictObject({ ...common, http: httpCheckSchema }),
  z.strictObject({
    ...common,
    tls: z.strictObject({
      host: hostSchema,
      port: portSchema.default(443),
      /** Whose certificate is asked for (RFC 6066 section 3) and must be shown. Default: the host, when that is a name. */
      server_name: hostSchema.optional(),
      /** False: any issuer, its own included. What is looked at then is how long it is valid. */
      trusted: z.boolean().default(true),
    }),
  }),
]);
export type Check = z.infer<typeof checkSchema>;

export const checksSchema = z
  .array(checkSchema)
  .max(50)
  .superRefine((checks, context) => {
    const seen = new Set<string>();
    for (const [place, { name }] of checks.entries()) {
      if (seen.has(name))
        context.addIssue({ code: 'custom', message: `a second check called ${name}`, path: [place, 'name'] });
      seen.add(name);
    }
  });
