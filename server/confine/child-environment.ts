/**
 * What a child is given of the master's environment: what programs need to run and to speak the
 * user's language, and nothing that could be a secret. That is why the names are listed that are
 * passed on, and not those that are kept.
 */
const PASSED_ON = /^(PATH|HOME|TZ|TMPDIR|LANG|LC_\w+|BUN_(?!CONFIG_|AUTH_)\w+|MIMALLOC_\w+)$/;

/**
 * `asOther` is true where the child runs as another user than the master, whose home is none of its
 * business; `also` are names that the user wants passed on.
 */
export function childEnvironment(
  environment: Record<string, string | undefined>,
  { asOther, also }: { asOther: boolean; also: readonly string[] },
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined &&
        (also.includes(entry[0]) ||
          (PASSED_ON.test(entry[0]) && !(asOther && entry[0] === "HOME"))),
    ),
  );
}
