/** A service without what it needs, for the tests. */
import { service } from "brood";

export default service({
  state() {
    throw new Error("no state");
  },
  line: (client, line) => client.write(line),
});
