import type { ModbusConnection } from '#core/config/connections.ts';
import type { Profile } from '#core/config/profile.ts';
import { resolveProfile } from '#core/config/resolve-profile.ts';
import { ZhishouError } from '#core/errors.ts';
import type { Clock } from '#core/ports.ts';
import { type Duration, hours, minutes } from '#core/time.ts';
import type { ModbusConnector, ModbusLink } from '#platform/modbus/modbus-link.ts';
import { exceptionName } from '#platform/modbus/pdu.ts';
import { recogniseModbus } from '../modbus-identity.ts';
import { compileModbus, evaluateModbus, type ModbusPlan, readsOf } from '../modbus-plan.ts';
import { halves, type Learned, nothingLearned, type Read, Registers, spanKey } from '../modbus-reads.ts';
import type { PolledDriver } from './polled-driver.ts';

/**
 * Reads one Modbus unit by its profile's register map. What it refuses is asked for in halves, down to the single value; that
 * is remembered, and tried again every few hours, as a firmware or a module may be another one then.
 */
export interface ModbusDriverOptions {
  readonly device: string;
  readonly connection: ModbusConnection;
  /** An id of `profiles`, or null: it must tell itself what it is. */
  readonly profile: string | null;
  readonly profiles: readonly Profile[];
  readonly connector: ModbusConnector;
  readonly clock: Clock;
}

const FORGET_AFTER: Duration = hours(6);
/** It answers, but refuses everything: another device at this address, or one that is starting. */
const RETRY_AFTER: Duration = minutes(1);

/** Section 7 of the Application Protocol: an address, or a count, that it does not serve; other exceptions are no word about the map. */
const ILLEGAL_ADDRESS = 2;
const ILLEGAL_VALUE = 3;
const ILLEGAL_FUNCTION = 1;

interface Session {
  readonly plan: ModbusPlan;
  readonly learned: Learned;
  readonly since: Duration;
  /** It served nothing: with what it refused. */
  readonly refusal: string | null;
}

export function createModbusDriver(options: ModbusDriverOptions): PolledDriver {
  const { device, connection, connector, clock, profiles } = options;
  let link: ModbusLink | null = null;
  let profile = options.profile === null ? null : resolveProfile(options.profile, profiles);
  let session: Session | null = null;

  const identify = async (open: ModbusLink): Promise<Profile> => {
    if (options.profile !== null && profile === null)
      throw new ZhishouError('BAD_CONFIGURATION', device, `there is no profile ${options.profile}`);
    if (profile !== null) return profile;
    const id = await recogniseModbus(open, profiles);
    profile = id === null ? null : resolveProfile(id, profiles);
    if (profile !== null) return profile;
    const maps = profiles.filter((one) => one.modbus.points.length > 0).map((one) => one.id);
    const detail = `it does not tell what it is; name its profile, one of ${maps.join(', ')}`;
    throw new ZhishouError('BAD_CONFIGURATION', device, detail);
  };
  const begin = async (open: ModbusLink): Promise<Session> => {
    const plan = compileModbus(await identify(open));
    if (plan.spans.length === 0)
      throw new ZhishouError('BAD_CONFIGURATION', device, `the profile ${plan.profile.id} has no registers`);
    return { plan, learned: nothingLearned(), since: clock.monotonic(), refusal: null };
  };
  const isOld = ({ since, refusal }: Session): boolean =>
    clock.monotonic() - since >= (refusal === null ? FORGET_AFTER : RETRY_AFTER);

  return {
    poll: async () => {
      link ??= connector.open(connection);
      const now: Session = session === null || isOld(session) ? await begin(link) : session;
      session = now;
      const { registers, served, refusal } = await readAll(link, readsOf(now.plan, now.learned), now.learned);
      session = { ...now, refusal: served ? null : (refusal ?? now.refusal) };
      if (served) return evaluateModbus(now.plan, registers);
      throw new ZhishouError('REFUSED', device, `it serves nothing of ${now.plan.profile.id}: ${session.refusal}`);
    },
    profile: () => profile,
    close: () => {
      link?.close();
      link = null;
    },
  };
}

interface Answers {
  readonly registers: Registers;
  /** Something was served. */
  readonly served: boolean;
  /** The last exception. */
  readonly refusal: string | null;
}

async function readAll(link: ModbusLink, reads: readonly Read[], learned: Learned): Promise<Answers> {
  const registers = new Registers();
  let served = false;
  let refusal: string | null = null;
  const open = [...reads];
  for (let read = open.shift(); read !== undefined; read = open.shift()) {
    const answer = await link.read(read.table, read.at, read.length);
    if ('values' in answer) {
      registers.put(read, answer.values);
      served = true;
      continue;
    }
    const { exception } = answer;
    refusal = exceptionName(exception);
    if (exception === ILLEGAL_ADDRESS || exception === ILLEGAL_VALUE) {
      const parts = halves(read);
      const [second] = parts?.[1].spans ?? [];
      if (parts !== null && second !== undefined) {
        learned.cuts.add(spanKey(second));
        open.unshift(...parts);
        continue;
      }
    }
    for (const span of read.spans) {
      // Busy or failed is said of this moment: the value is missing now, and is asked for again.
      if (exception === ILLEGAL_ADDRESS || exception === ILLEGAL_VALUE || exception === ILLEGAL_FUNCTION)
        learned.refused.add(spanKey(span));
      else registers.lack(span, `the device answers with ${refusal}`);
    }
  }
  return { registers, served, refusal };
}
