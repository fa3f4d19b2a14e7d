/** What the tests of attacks on the page share. */
export const PASSWORD = "correct horse";
export const WATCH_PASSWORD = "battery staple";

/** The environment of a server with both passwords. */
export const PASSWORDS = {
  BROOD_DASHBOARD_PASSWORD: PASSWORD,
  BROOD_DASHBOARD_WATCH_PASSWORD: WATCH_PASSWORD,
};

export function basic(password: string): { Authorization: string } {
  return { Authorization: `Basic ${Buffer.from(`anna:${password}`).toString("base64")}` };
}
