/**
 * Measuring noise without a generator's state: the same device, point and moment always give the same noise, however often
 * and by whomever it is read, so that reading never changes the world, another device never changes this one's noise, and a
 * restored world goes on as it would have (I8).
 */

/** FNV-1a over a name; worked out once for what is read often. */
export function nameHash(name: string): number {
  let h = 2_166_136_261;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 16_777_619);
  return h;
}

/** Thirty-two well-mixed bits of a name's hash and a moment (murmur3's finish). */
function mixed(name: number, moment: number): number {
  let h = name ^ (moment | 0);
  if (moment >= 2_147_483_648) h ^= Math.imul(Math.floor(moment / 4_294_967_296) + 1, 2_654_435_761);
  h = Math.imul(h ^ (h >>> 16), 2_246_822_507);
  h = Math.imul(h ^ (h >>> 13), 3_266_489_909);
  return h ^ (h >>> 16);
}

/** Uniform in [0, 1) from a name's hash and a moment. */
export const hashedUnit = (name: number, moment: number): number => (mixed(name, moment) >>> 0) / 4_294_967_296;

/** Uniform in [0, 1) from a text and a number. Example: `hashUnit('th-1/t', 17)` is always the same. */
export const hashUnit = (name: string, moment: number): number => hashedUnit(nameHash(name), moment);

/** Nearly normal around 0 with this deviation (three uniforms of ten bits each, added up), never beyond three deviations. */
export function hashedNoise(name: number, moment: number, deviation: number): number {
  const bits = mixed(name, moment);
  const sum = (bits & 1023) + ((bits >>> 10) & 1023) + ((bits >>> 20) & 1023);
  return (sum / 1023 - 1.5) * 2 * deviation;
}
