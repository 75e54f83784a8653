import { type YdtConnection, ydtConnectionSchema } from '#core/config/connections.ts';
import type { Profile } from '#core/config/profile.ts';
import type { Metrics } from '#core/ports.ts';
import { instant, milliseconds } from '#core/time.ts';
import { createVirtualClock, type VirtualClock } from '#platform/clock/virtual-clock.ts';
import { createMemoryNet } from '#platform/modbus/memory-net.ts';
import { createByteConnector } from '#platform/serial-server/byte-link.ts';
import { createYdtLines, type YdtLines } from '#platform/ydt/ydt-line.ts';
import type { PolledDriver } from '#services/collector/drivers/polled-driver.ts';
import { createYdtDriver } from '#services/collector/drivers/ydt-driver.ts';
import { noFaults, startYdtLine, type YdtFace, type YdtFaults } from '#simulators/devices/ydt-line.ts';

/** A line in memory with these devices on it, and drivers that read over it. */
export interface YdtRig {
  readonly clock: VirtualClock;
  readonly faults: YdtFaults;
  readonly lines: YdtLines;
  readonly port: number;
  driver(options: {
    address: number;
    profile: string | null;
    profiles: readonly Profile[];
    version?: string;
    metrics?: Metrics;
  }): PolledDriver;
  /** Lets virtual time go by until it is settled. */
  pass<T>(work: Promise<T>): Promise<T>;
  /** Questions that came, as `2A 43`, by address. */
  readonly asked: readonly string[];
}

export const HOST = 'line.test';

export async function ydtRig(faces: readonly YdtFace[], clock = createVirtualClock(instant(0))): Promise<YdtRig> {
  const net = createMemoryNet();
  const faults = noFaults();
  const asked: string[] = [];
  const heard = faces.map(
    (face): YdtFace => ({
      ...face,
      info: (cid2, info) => {
        asked.push(`${face.address}: ${face.cid1.toString(16).toUpperCase()} ${cid2.toString(16).toUpperCase()}`);
        return face.info(cid2, info);
      },
    }),
  );
  const { port } = await startYdtLine({ serve: net.serve, at: { host: HOST, port: 0 }, faces: heard, faults, clock });
  const lines = createYdtLines(createByteConnector({ dial: net.dial, clock }));
  return {
    clock,
    faults,
    lines,
    port,
    asked,
    driver: ({ address, profile, profiles, version, metrics }) => {
      const connection: YdtConnection = ydtConnectionSchema.parse({
        host: HOST,
        port,
        address,
        ...(version === undefined ? {} : { version }),
      });
      return createYdtDriver({
        device: `device-${address}`,
        connection,
        profile,
        profiles,
        lines,
        clock,
        ...(metrics === undefined ? {} : { metrics }),
      });
    },
    pass: async (work) => {
      let settled = false;
      const done = work.finally(() => {
        settled = true;
      });
      done.catch(() => {});
      for (let i = 0; i < 5000 && !settled; i++) await clock.advanceByAsync(milliseconds(20));
      return done;
    },
  };
}
