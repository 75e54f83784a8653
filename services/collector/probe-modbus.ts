import { type ModbusConnection, modbusConnectionSchema } from '#core/config/connections.ts';
import { ZhishouError } from '#core/errors.ts';
import { createModbusDriver } from './drivers/modbus-driver.ts';
import { type ProbeDependencies, type ProbeSession, toProbePoint } from './probe-result.ts';

const FORM = 'write it as modbus://HOST:PORT/UNIT?profile=ID&framing=tcp|rtu';
const OPTIONS = ['profile', 'framing', 'timeout', 'gap'];

/** One unit, by its address. Throws BAD_REQUEST for a wrong address, NOT_FOUND for an unknown profile. */
export function openModbusProbe(url: string, deps: ProbeDependencies): ProbeSession {
  const { connection, profile } = parseModbusUrl(url);
  const { clock, profiles, links } = deps;
  if (links?.modbus === undefined || clock === undefined)
    throw new ZhishouError('BAD_CONFIGURATION', 'probe', 'modbus is not read here');
  const id = deps.profile ?? profile;
  if (id !== null && !profiles.some((one) => one.id === id))
    throw new ZhishouError('NOT_FOUND', id, 'there is no such profile');
  const device = `${connection.host} unit ${connection.unit}`;
  const driver = createModbusDriver({ device, connection, profile: id, profiles, connector: links.modbus, clock });
  return {
    read: async () => {
      const values = await driver.poll();
      const points = values.map((value) => toProbePoint(value, undefined));
      return { recognised: driver.profile()?.id ?? null, points };
    },
    close: driver.close,
  };
}

/** `modbus://10.0.0.5:502/1?profile=renke-rs-ws`, `modbus://10.0.0.6:8899/3?framing=rtu&timeout=2s&profile=xy-md02`. */
export function parseModbusUrl(url: string): { connection: ModbusConnection; profile: string | null } {
  const wrong = (detail: string): ZhishouError => new ZhishouError('BAD_REQUEST', 'probe address', detail);
  if (!URL.canParse(url)) throw wrong(FORM);
  const { protocol, hostname, port, pathname, searchParams } = new URL(url);
  if (protocol !== 'modbus:' || hostname === '') throw wrong(FORM);
  for (const key of searchParams.keys())
    if (!OPTIONS.includes(key)) throw wrong(`"${key}" is not an option; known: ${OPTIONS.join(', ')}`);
  const unit = pathname.replace(/^\//, '');
  if (unit !== '' && !/^\d{1,3}$/.test(unit)) throw wrong(FORM);
  const given = {
    host: hostname.replace(/^\[|\]$/g, ''),
    ...(port === '' ? {} : { port: Number(port) }),
    ...(unit === '' ? {} : { unit: Number(unit) }),
    ...Object.fromEntries(
      ['framing', 'timeout', 'gap'].flatMap((key) => {
        const value = searchParams.get(key);
        return value === null ? [] : [[key, value]];
      }),
    ),
  };
  const checked = modbusConnectionSchema.safeParse(given);
  if (checked.success) return { connection: checked.data, profile: searchParams.get('profile') };
  const [issue] = checked.error.issues;
  throw wrong(`${issue?.path.join('.') ?? 'option'}: ${issue?.message ?? 'wrong'}`);
}
