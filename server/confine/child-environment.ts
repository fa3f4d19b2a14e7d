/**
 * The part of the master's environment that a child gets: what programs need to run, and to speak
 * the user's language, but nothing that could be a secret. So this lists the variables that are
 * passed on, not those that are withheld.
 */
const PASSED_ON = /^(PATH|HOME|TZ|TMPDIR|LANG|LC_\w+|BUN_(?!CONFIG_|AUTH_)\w+|MIMALLOC_\w+)$/;

/**
 * Returns the child's environment. `asOther`: the child runs as a different user from the master,
 * so it doesn't get the master's HOME. `also`: names of further variables to pass on.
 */
export function childEnvironment(
  environment: Record<string, string | undefined>,
  { asOther, also }: { asOther: boolean; also: readonly string[] },
): Record<string, string> {
  const isPassedOn = (name: string) =>
    also.includes(name) || (PASSED_ON.test(name) && !(asOther && name === "HOME"));
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && isPassedOn(entry[0]),
    ),
  );
}
