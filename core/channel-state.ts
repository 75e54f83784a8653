/** How each way out to people does, for the page. `failing`: nothing goes over it now but a try now and then. `untried`: nothing has gone over it yet. */
export const CHANNEL_STATES = ['untried', 'ok', 'failing'] as const;

export interface ChannelState {
  readonly id: string;
  /** Of site.yaml: `smtp`, `webhook` … */
  readonly kind: string;
  readonly state: (typeof CHANNEL_STATES)[number];
  /** Since when it fails. */
  readonly since: string | null;
  readonly error: string | null;
  readonly lastSuccessAt: string | null;
  readonly lastFailureAt: string | null;
  /** While it fails: when it is tried again. */
  readonly nextTryAt: string | null;
  /** Messages that wait for it. */
  readonly waiting: number;
  /** `left` of `messages` may still go within `perS` seconds; null: no limit. */
  readonly rate: { readonly messages: number; readonly perS: number; readonly left: number } | null;
  /** It tells what became of messages after they were sent. */
  readonly receipts: boolean;
}

export interface ChannelStates {
  readonly at: string;
  readonly channels: readonly ChannelState[];
}
