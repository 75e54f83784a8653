/** Notes what one of several looks at a device found; true while any of them finds it there. */
export type Aliveness = (look: string, found: boolean) => boolean;

export function createAliveness(): Aliveness {
  const there = new Set<string>();
  return (look, found) => {
    if (found) there.add(look);
    else there.delete(look);
    return there.size > 0;
  };
}
