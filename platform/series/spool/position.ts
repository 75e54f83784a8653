/** A place in the spool. Segments are read in the order of their numbers. */
export interface Position {
  readonly segment: number;
  /** How often the segment was thinned; a place in one that has been thinned since stands for its beginning. */
  readonly level: number;
  /** Of a frame, in bytes. */
  readonly offset: number;
  /** Readings of that frame that are behind us. */
  readonly skip: number;
}

export const START: Position = { segment: 0, level: 0, offset: 0, skip: 0 };

export const beginningOf = (segment: number, level: number): Position => ({ segment, level, offset: 0, skip: 0 });

/** Negative when `a` comes first. */
export const comparePositions = (a: Position, b: Position): number =>
  a.segment - b.segment || a.offset - b.offset || a.skip - b.skip;

/** From one place up to another; to the end of all that will ever come without `to`. */
export interface Stretch {
  readonly from: Position;
  readonly to: Position | null;
}

export const touches = ({ from, to }: Stretch, segment: number): boolean =>
  from.segment <= segment && (to === null || to.segment > segment || (to.segment === segment && to.offset > 0));
