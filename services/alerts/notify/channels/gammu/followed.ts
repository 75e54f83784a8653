import type { ChannelNews } from '#core/ports.ts';
import type { Duration } from '#core/time.ts';

/** A text message of ours on its way. */
export interface Followed {
  readonly delivery: string;
  /** Its file's name, the same in every folder. */
  readonly name: string;
  readonly number: string;
  readonly parts: number;
  /** Reports of arrival so far: one a part. */
  readonly reports: number;
  readonly state: 'waiting' | 'sent';
  /** Since when, on the monotonic clock. */
  readonly since: Duration;
}

/** The network's word on a message, or null while it says nothing final. */
export type Report = 'arrived' | 'failed' | null;

/** Gammu's words for the status of 3GPP TS 23.040, section 9.2.3.15 (libgammu/phone/pdu). */
export const reportOf = (text: string): Report =>
  text.startsWith('Delivered') ? 'arrived' : text.startsWith('Failed') ? 'failed' : null;

export interface Reported {
  readonly followed: readonly Followed[];
  readonly news: ChannelNews | null;
}

/**
 * Which message a report is of: it does not say, so the oldest sent to that telephone. A text of three messages has arrived
 * with its third report. A report that was lost on its way makes a later message look unconfirmed, which errs on the safe side.
 */
export function takeReport(
  followed: readonly Followed[],
  report: Report,
  isFrom: (number: string) => boolean,
): Reported {
  const of = followed.find(({ state, number }) => state === 'sent' && isFrom(number));
  if (of === undefined || report === null) return { followed, news: null };
  const without = followed.filter((one) => one !== of);
  if (report === 'failed')
    return { followed: without, news: receipt(of, 'failed', 'the network could not deliver it') };
  const reports = of.reports + 1;
  if (reports < of.parts) {
    return { followed: followed.map((one) => (one === of ? { ...of, reports } : one)), news: null };
  }
  return { followed: without, news: receipt(of, 'arrived', null) };
}

export const receipt = ({ delivery }: Followed, result: 'arrived' | 'failed', detail: string | null): ChannelNews => ({
  kind: 'receipt',
  delivery,
  result,
  detail,
});
