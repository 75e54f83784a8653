/** O-PWR-1: a cut that the power department has announced. Instants are ISO 8601 UTC. */
export interface PlannedOutage {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** UPSes that lose their mains; empty: all. */
  readonly upses: readonly string[];
  readonly reason: string;
  readonly by: string;
  readonly at: string;
  readonly cancelled: { readonly by: string; readonly at: string; readonly reason: string } | null;
}
