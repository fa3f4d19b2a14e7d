/** A service whose state throws, for the tests. */
import { service } from "brood";

export default service({
  state() {
    throw new Error("no state");
  },
  line: (client, line) => client.write(line),
});
