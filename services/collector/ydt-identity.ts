import type { Profile } from '#core/config/profile.ts';
import { ZhishouError } from '#core/errors.ts';
import type { YdtFrame } from '#platform/ydt/ydt-frame.ts';
import type { YdtStation } from '#platform/ydt/ydt-line.ts';
import { textOf } from './ydt-fields.ts';

/** What a device says of itself: to which kind (CID1) it answers, and its maker's information (CID2 51H). */
export interface YdtIdentity {
  readonly cid1: number;
  readonly version: number;
  /** Name, software and maker; empty when it does not tell. */
  readonly maker: string;
}

const MAKER_INFORMATION = 0x51;
const WRONG_VERSION = 1;

/** The version that is spoken with a device; its own, once it has told it. */
export interface Speech {
  version: number;
}

/** Asks, and once more in the device's own version when it says that it speaks another one. */
export async function askIn(
  station: YdtStation,
  speech: Speech,
  { cid1, cid2, info }: { readonly cid1: number; readonly cid2: number; readonly info: Uint8Array },
): Promise<YdtFrame> {
  const answer = await station.ask({ version: speech.version, cid1, cid2, info });
  if (answer.code !== WRONG_VERSION || answer.version === speech.version) return answer;
  speech.version = answer.version;
  return station.ask({ version: speech.version, cid1, cid2, info });
}

/** Does the device answer to this CID1? Null: it says nothing. Rejects when the serial server does not answer. */
export async function identify(station: YdtStation, speech: Speech, cid1: number): Promise<YdtIdentity | null> {
  try {
    const answer = await askIn(station, speech, { cid1, cid2: MAKER_INFORMATION, info: new Uint8Array() });
    return { cid1, version: answer.version, maker: answer.code === 0 ? makerText(answer.info) : '' };
  } catch (error) {
    if (error instanceof ZhishouError && (error.code === 'TIMED_OUT' || error.code === 'BAD_ANSWER')) return null;
    throw error;
  }
}

/** The standard has ten characters of name, two bytes of version and twenty characters of maker; makers have longer ones. */
export function makerText(info: Uint8Array): string {
  if (info.length !== 32) return textOf(info.map((byte) => (byte === 0 ? 0x20 : byte))).replaceAll(/ +/g, ' ');
  const version = [...info.subarray(10, 12)].join('.');
  return [textOf(info.subarray(0, 10)), version, textOf(info.subarray(12))].filter((part) => part !== '').join(' ');
}

/** The CID1 by which some profile recognises a device, the weightiest first. */
export function knownKinds(profiles: readonly Profile[]): readonly number[] {
  const ways = profiles
    .flatMap((profile) => profile.recognise.flatMap((how) => ('ydt' in how ? [how] : [])))
    .sort((a, b) => b.weight - a.weight);
  return [...new Set(ways.map(({ ydt }) => Number.parseInt(ydt.cid1, 16)))];
}

/** The profile that fits best, null when none does. */
export function profileOf({ cid1, maker }: YdtIdentity, profiles: readonly Profile[]): string | null {
  const fitting = profiles
    .flatMap((profile) =>
      profile.recognise.flatMap((how) => {
        if (!('ydt' in how) || Number.parseInt(how.ydt.cid1, 16) !== cid1) return [];
        if (how.ydt.maker !== undefined && !new RegExp(how.ydt.maker).test(maker)) return [];
        return [{ profile: profile.id, weight: how.weight }];
      }),
    )
    .sort((a, b) => b.weight - a.weight);
  return fitting[0]?.profile ?? null;
}
