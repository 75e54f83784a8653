/**
 * A value that is made when somebody reads more of it than what is known already: most of what is published of an incident is
 * read by nobody in a simulation. To all who look it is the value itself. `make` must give the same whenever it is called.
 */
export function lazily<T extends object>(known: Partial<T>, make: () => T): T {
  let made: T | null = null;
  const whole = (): T => {
    made ??= make();
    return made;
  };
  return new Proxy(known as T, {
    get: (_, key) => (Object.hasOwn(known, key) ? Reflect.get(known, key) : Reflect.get(whole(), key)),
    has: (_, key) => Reflect.has(whole(), key),
    ownKeys: () => Reflect.ownKeys(whole()),
    getOwnPropertyDescriptor: (_, key) => {
      const found = Reflect.getOwnPropertyDescriptor(whole(), key);
      return found === undefined ? undefined : { ...found, configurable: true };
    },
    set: () => false,
  });
}
