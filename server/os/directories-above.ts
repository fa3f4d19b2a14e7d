import { dirname } from "node:path";

/** Returns the directories above a path, from the one it is in to `/`; none above `/` itself. */
export function directoriesAbove(path: string): string[] {
  const above = dirname(path);
  return above === path ? [] : [above, ...directoriesAbove(above)];
}
