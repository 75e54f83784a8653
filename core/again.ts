/** A topic whose last value is said again: nothing of it has changed but when it was said. Within one process only. */
export interface Again {
  readonly topic: string;
  /** The message as it is now, for those who want it like any other. */
  value(): object;
}
