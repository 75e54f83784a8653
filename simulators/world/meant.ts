import { ZhishouError } from '#core/errors.ts';

/** Which of the room's devices a command means. */

export const notFound = (device: string): ZhishouError =>
  new ZhishouError('NOT_FOUND', device, 'not in the simulated room');

/** Those of this kind that are meant: the one that is named, or all. */
export function meant<T extends { readonly id: string }>(all: readonly T[], device: string | undefined): number[] {
  if (device === undefined) return all.map((_, index) => index);
  const index = all.findIndex((one) => one.id === device);
  if (index < 0) throw notFound(device);
  return [index];
}
