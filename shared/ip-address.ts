/**
 * Tells whether text is an IP address. `node:net` has this too, but loading it
 * takes 5 ms of each start.
 */

const V4_PART = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const V4 = `(?:${V4_PART}\\.){3}${V4_PART}`;
const V6_PART = "[0-9a-fA-F]{1,4}";

/** From Node.js, lib/internal/net.js. By the number of parts before `::`. */
const V6 = [
  `(?:${V6_PART}:){7}(?:${V6_PART}|:)`,
  `(?:${V6_PART}:){6}(?:${V4}|:${V6_PART}|:)`,
  `(?:${V6_PART}:){5}(?::${V4}|(?::${V6_PART}){1,2}|:)`,
  `(?:${V6_PART}:){4}(?:(?::${V6_PART}){0,1}:${V4}|(?::${V6_PART}){1,3}|:)`,
  `(?:${V6_PART}:){3}(?:(?::${V6_PART}){0,2}:${V4}|(?::${V6_PART}){1,4}|:)`,
  `(?:${V6_PART}:){2}(?:(?::${V6_PART}){0,3}:${V4}|(?::${V6_PART}){1,5}|:)`,
  `(?:${V6_PART}:){1}(?:(?::${V6_PART}){0,4}:${V4}|(?::${V6_PART}){1,6}|:)`,
  `:(?:(?::${V6_PART}){0,5}:${V4}|(?::${V6_PART}){1,7}|:)`,
].join("|");

const IS_V4 = new RegExp(`^${V4}$`);
const IS_V6 = new RegExp(`^(?:${V6})(?:%[0-9a-zA-Z\\-.:]+)?$`);

/** Returns 4 or 6 for an address of that version, and 0 for anything else. */
export function isIP(text: string): 0 | 4 | 6 {
  if (IS_V4.test(text)) return 4;
  return IS_V6.test(text) ? 6 : 0;
}
