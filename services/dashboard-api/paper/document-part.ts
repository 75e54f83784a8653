/** What a paper is made of, the same for Word and PDF: whoever writes one says what stands in it, never how it is drawn. */
export type DocumentPart =
  | { readonly kind: 'title'; readonly text: string }
  /** Level 2 stands within a part; without one it begins a part. */
  | { readonly kind: 'heading'; readonly text: string; readonly level?: 2 }
  | { readonly kind: 'text'; readonly text: string; readonly quiet?: boolean; readonly strong?: boolean }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | ({ readonly kind: 'chart' } & DrawnChart)
  /** A few figures side by side, large: what is read when nothing else is. */
  | { readonly kind: 'figures'; readonly items: readonly KeyFigure[] }
  | {
      readonly kind: 'table';
      /** None: a table of facts without a head. */
      readonly columns: readonly string[];
      /** Shares of the width. */
      readonly widths: readonly number[];
      readonly rows: readonly (readonly Cell[])[];
      /** Numbers stand under each other at their end. None: all at the start. */
      readonly align?: readonly ('start' | 'end')[];
    };

/** `note` stands small below: what weakens the figure, when it was. */
export type Cell = string | { readonly text: string; readonly note?: string; readonly strong?: boolean };

export interface KeyFigure {
  readonly label: string;
  readonly value: string;
  /** `▲0.4`, and against what. */
  readonly change: string;
  /** Out of what it should be: said by a mark and bold type, never by colour alone. */
  readonly pressing: boolean;
}

export interface DrawnChart {
  readonly title: string;
  readonly png: Buffer;
  /** Of the drawing; none: those of an incident's chart. */
  readonly size?: { readonly width: number; readonly height: number };
}

/** What stands on every page, and in the file's own description. */
export interface PaperFrame {
  readonly title: string;
  readonly header: string;
  readonly footer: string;
}
