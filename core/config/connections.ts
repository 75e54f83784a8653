import { z } from 'zod';
import { Secret } from '../secret.ts';
import { durationSchema, hostSchema, portSchema, secretSchema } from './common.ts';

/** How devices and controllers are spoken with: addresses, names, credentials. One schema a protocol. */

export const snmpConnectionSchema = z.strictObject({
  host: hostSchema,
  port: portSchema.default(161),
  version: z.enum(['1', '2c', '3']).default('2c'),
  /** v1/v2c; also the community expected in traps. */
  community: z.union([z.string().min(1), secretSchema]).optional(),
  user: z.string().optional(),
  level: z.enum(['noAuthNoPriv', 'authNoPriv', 'authPriv']).optional(),
  auth: z.enum(['md5', 'sha', 'sha224', 'sha256', 'sha384', 'sha512']).optional(),
  auth_key: secretSchema.optional(),
  priv: z.enum(['des', 'aes', 'aes256b', 'aes256r']).optional(),
  priv_key: secretSchema.optional(),
  context: z.string().optional(),
  timeout: durationSchema.prefault('2s'),
  retries: z.number().int().min(0).max(5).default(1),
});
export type SnmpConnection = z.infer<typeof snmpConnectionSchema>;

/** MQTT 3.1.1 section 4.7.1: `+` is a whole level, `#` the last one. */
const topicFilterSchema = z
  .string()
  .min(1)
  .max(200)
  .regex(/^([^+#/]*|\+)(\/([^+#/]*|\+))*(\/#)?$/, 'a topic; + stands for one level, # for the rest');

export const mqttConnectionSchema = z.strictObject({
  /** What the device speaks on: `zigbee2mqtt/th-1`, or a filter over its topics: `shellies/flood-1/#`, `tele/rack/+`. */
  topic: topicFilterSchema,
  /** Other topics that tell about it: its discovery configuration, its gateway's birth and will. */
  also: z.array(topicFilterSchema).max(20).optional(),
  /** Which device it is, where messages tell of several: the name that `zhishou decode mqtt` shows, `room/edge-1/pdu`. */
  name: z.string().min(1).max(200).optional(),
});
export type MqttConnection = z.infer<typeof mqttConnectionSchema>;

/** SHA-256 of a certificate, as `openssl x509 -fingerprint -sha256` prints it or without colons; or a file that holds it. */
const fingerprintSchema = z
  .union([z.string(), secretSchema])
  .transform((given) => (given instanceof Secret ? given.reveal() : given).replace(/^.*=/, '').trim())
  .pipe(z.string().regex(/^([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$/, 'a SHA-256 fingerprint: 64 hexadecimal digits'));

/** Keys and passwords belong into `headers` or into `user` and `password`: a URL is shown to people. */
export const urlSchema = z.url({ protocol: /^https?$/ }).refine((url) => {
  const { username, password } = new URL(url);
  return username === '' && password === '';
}, 'a URL carries no user and no password');

export const ipmiConnectionSchema = z.strictObject({
  host: hostSchema,
  port: portSchema.default(623),
  /** IPMI 2.0 section 22.28: 16 bytes; section 22.30: 20 bytes. */
  user: z.string().min(1).max(16),
  password: secretSchema.refine(
    (password) => new TextEncoder().encode(password.reveal()).length <= 20,
    'an IPMI password has 20 bytes at most',
  ),
  /** RMCP+ cipher suite (IPMI 2.0 table 22-20): 17 is SHA-256, 3 the older SHA-1. */
  cipher: z.number().int().min(0).max(17).default(17),
  level: z.enum(['user', 'operator', 'administrator']).default('operator'),
});
export const REDFISH_RESETS = [
  'GracefulShutdown',
  'ForceOff',
  'On',
  'ForceOn',
  'PowerCycle',
  'GracefulRestart',
] as const;
export const redfishConnectionSchema = z.strictObject({
  /** The controller's address: `https://10.0.0.9`. */
  url: urlSchema,
  user: z.string().min(1),
  password: secretSchema,
  /** DSP0266, Authentication: `basic` sends the credentials with each request, `session` opens a session and closes it again. */
  auth: z.enum(['basic', 'session']).default('basic'),
  /** Below /redfish/v1: `Systems/1`. Without one the only system is taken. */
  system: z
    .string()
    .regex(/^[A-Za-z0-9._~-]+(\/[A-Za-z0-9._~-]+)*$/, 'a path below /redfish/v1, e.g. Systems/1')
    .optional(),
  /** The certificate's SHA-256 fingerprint, for the self-signed one that most controllers carry. */
  fingerprint: fingerprintSchema.optional(),
});
export const nutConnectionSchema = z.strictObject({
  host: hostSchema,
  port: portSchema.default(3493),
  ups: z.string().min(1),
  user: z.string().optional(),
  password: secretSchema.optional(),
});
/** To read a UPS by; reading needs a user only where the server asks for one. */
export const nutReadConnectionSchema = nutConnectionSchema.extend({ timeout: durationSchema.prefault('5s') });
export type NutReadConnection = z.infer<typeof nutReadConnectionSchema>;
export const modbusConnectionSchema = z.strictObject({
  host: hostSchema,
  port: portSchema.default(502),
  /** Modbus over Serial Line V1.02 section 2.2: 1–247 behind a gateway; a device of its own on TCP may want 0 or 255. */
  unit: z.number().int().min(0).max(255).default(1),
  /** `tcp` is Modbus TCP; `rtu` the frames of the serial line through a serial server's TCP port. */
  framing: z.enum(['tcp', 'rtu']).default('tcp'),
  /** For one answer; units behind the same host and port are asked in turn. */
  timeout: durationSchema.prefault('1s'),
  /** The line is left silent so long before a question. Default: 30 ms with RTU, none with TCP. */
  gap: durationSchema.optional(),
});
export type ModbusConnection = z.infer<typeof modbusConnectionSchema>;

/** YD/T 1363.3 (电总协议) behind a serial server's TCP port. */
export const ydtConnectionSchema = z.strictObject({
  host: hostSchema,
  port: portSchema,
  /** The device's own on the line, 1–254; 0 only where it is alone there: whoever answers is taken. */
  address: z.number().int().min(0).max(254).default(1),
  /** VER of the frames: 20, 21 or 22. A device that says that it speaks another one is spoken with in its own. */
  version: z
    .string()
    .regex(/^[0-9A-F]{2}$/, 'two hexadecimal digits in quotes, e.g. "21"')
    .default('21')
    .transform((text) => Number.parseInt(text, 16)),
  /** For one answer; the standard gives a device half a second. Devices behind the same host and port are asked in turn. */
  timeout: durationSchema.prefault('1s'),
  /** The line is left silent so long before a question. */
  gap: durationSchema.prefault('50ms'),
});
export type YdtConnection = z.infer<typeof ydtConnectionSchema>;
/** To read a server's sensors by. Controllers are slow: none is asked more often than `every`. */
const controllerPace = { every: durationSchema.prefault('30s'), timeout: durationSchema.prefault('60s') };
export const ipmiReadConnectionSchema = ipmiConnectionSchema.extend({
  /** Looking needs no more. */
  level: ipmiConnectionSchema.shape.level.unwrap().default('user'),
  ...controllerPace,
});
export type IpmiReadConnection = z.infer<typeof ipmiReadConnectionSchema>;
export const redfishReadConnectionSchema = redfishConnectionSchema.extend(controllerPace);
export type RedfishReadConnection = z.infer<typeof redfishReadConnectionSchema>;
export const httpRequestSchema = z.strictObject({
  url: urlSchema,
  headers: z.record(z.string(), z.union([z.string(), secretSchema])).default({}),
  /** Status codes that mean: taken. */
  accept: z.array(z.number().int()).default([200, 201, 202, 204]),
  fingerprint: fingerprintSchema.optional(),
});
