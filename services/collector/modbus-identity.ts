import type { Profile } from '#core/config/profile.ts';
import { ZhishouError } from '#core/errors.ts';
import type { ModbusLink } from '#platform/modbus/modbus-link.ts';

/**
 * Which profile a Modbus device has, by Read Device Identification (function 43/14). Most simple devices do not know that question;
 * those are told by the profile that people name.
 */
export async function recogniseModbus(link: ModbusLink, profiles: readonly Profile[]): Promise<string | null> {
  const ways = profiles.flatMap((profile) =>
    profile.recognise.flatMap((how) => ('modbus' in how ? [{ profile: profile.id, how }] : [])),
  );
  const starts = [
    ...new Set(ways.map(({ how }) => how.modbus.from ?? (how.modbus.object < OWN ? 0 : how.modbus.object))),
  ].sort((a, b) => a - b);
  const told = new Map<number, string>();
  for (const from of starts) {
    for (const [object, text] of await identify(link, from)) told.set(object, text);
  }
  const fitting = ways
    .filter(({ how }) => new RegExp(how.modbus.like).test(told.get(how.modbus.object) ?? ''))
    .sort((a, b) => b.how.weight - a.how.weight);
  return fitting[0]?.profile ?? null;
}

/** From here on the maker's own objects. */
const OWN = 128;

/** A device that answers the question with nonsense is one that does not know it. */
async function identify(link: ModbusLink, from: number): Promise<ReadonlyMap<number, string>> {
  try {
    return await link.identify(from);
  } catch (error) {
    if (error instanceof ZhishouError && error.code === 'BAD_ANSWER') return new Map();
    throw error;
  }
}
