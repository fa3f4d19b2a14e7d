/** All that the page says, in English. Each other language has a file with the same entries. */
export const en = {
  /** As the language calls itself. */
  name: "English",
};

/** Every language has all texts. */
export type Texts = typeof en;
