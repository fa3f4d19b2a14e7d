/** All that the page says, in Korean. */
import type { Texts } from "./en.ts";

export const ko: Texts = {
  name: "한국어",
};
