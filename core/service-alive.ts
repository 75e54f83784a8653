/** What each service says of itself on the bus every few seconds; its silence means that it is gone. */
export interface ServiceAlive {
  /** `collector`, `alerts` (the instance that acts), `dashboard-api`. */
  readonly service: string;
  readonly at: string;
  /** What it knows that it does not do as it should; null: all is well. */
  readonly trouble: string | null;
  /** How often it stood still for over two seconds since it started, the longest of them, and when that was last. */
  readonly stalls: { readonly count: number; readonly longestS: number; readonly lastAt: string | null };
}
