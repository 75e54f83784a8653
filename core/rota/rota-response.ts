import type { FunctionName } from '../config/people.ts';
import type { Text } from '../text.ts';
import type { HandOverNote, RotaChange, RotaView } from './changes.ts';
import type { SpanReason } from './layer.ts';

/** What the HTTP interface answers of rota and calendar. Instants are ISO 8601 in UTC, dates the site's own. */

export interface RotaSpanView {
  readonly from: string;
  readonly to: string;
  readonly person: string | null;
  readonly why: SpanReason;
  readonly turn: string | null;
  /** The swap or cover that made it so. */
  readonly change: string | null;
  readonly reason: string | null;
}

export interface RotaTurnView {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** After swaps, before covers. */
  readonly person: string | null;
}

export interface RotaLayerView {
  readonly role: FunctionName;
  readonly name: Text;
  readonly now: Pick<RotaView['layers'][number], 'person' | 'until' | 'unacceptedSince' | 'turn'>;
  readonly turns: readonly RotaTurnView[];
  readonly spans: readonly RotaSpanView[];
  /** Swaps that no longer fit rota.yaml and do nothing. */
  readonly voided: readonly string[];
}

export interface RotaResponse {
  /** Of changes and notes, for the `If-Match` of orders that change the rota. */
  readonly version: string;
  readonly from: string;
  readonly to: string;
  readonly timeZone: string;
  readonly people: readonly {
    readonly id: string;
    readonly name: Text;
    readonly phone: string | null;
    /** Can be told something: may stand in. */
    readonly reachable: boolean;
  }[];
  readonly layers: readonly RotaLayerView[];
  readonly gaps: readonly {
    readonly role: FunctionName;
    readonly from: string;
    readonly to: string;
    readonly why: SpanReason;
  }[];
  readonly changes: readonly RotaChange[];
  readonly notes: readonly HandOverNote[];
}

export interface CalendarResponse {
  readonly timeZone: string;
  readonly days: readonly {
    readonly date: string;
    readonly worked: boolean;
    /** 法定节假日 or 调休, or the site's own lines. */
    readonly special: 'holiday' | 'worked' | null;
    readonly name: Text | null;
    readonly source: 'national' | 'own' | null;
  }[];
  /** Years of these days whose national holidays nobody has told yet. */
  readonly missingYears: readonly number[];
}

export interface RotaFeedView {
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
}
export interface RotaFeedResponse {
  readonly feed: RotaFeedView | null;
}
/** `path` holds the secret, once. */
export interface RotaFeedMadeResponse {
  readonly feed: RotaFeedView;
  readonly path: string;
}
