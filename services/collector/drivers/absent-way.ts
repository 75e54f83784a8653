import { ZhishouError } from '#core/errors.ts';
import type { PolledDriver } from './polled-driver.ts';

/** A device whose way of reading is not there in this process: it says so at each poll, and disturbs nobody. */
export const absentWay = (device: string, way: string): PolledDriver => ({
  poll: () => Promise.reject(new ZhishouError('BAD_CONFIGURATION', device, `${way} is not read here`)),
  profile: () => null,
  close: () => {},
});
