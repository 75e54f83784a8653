import type { Cancel } from '#core/ports.ts';

/** A telephone that is told what to do, one call at a time. */
export interface Softphone {
  /** What it answered. Rejects with REFUSED when it would not, UNREACHABLE when it is gone. */
  command(name: string, params?: string): Promise<string>;
  onEvent(handler: (event: SoftphoneEvent) => void): Cancel;
  /** Why it is gone; never rejects. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

export interface SoftphoneEvent {
  /** baresip's: `CALL_ESTABLISHED`, `CALL_CLOSED`, `CALL_DTMF_START`, `REGISTER_OK` … */
  readonly type: string;
  readonly incoming: boolean;
  /** `486 Busy Here` of a closed call, the key of CALL_DTMF_START. */
  readonly param: string;
}
