/** A service of bytes, for the tests: sends each back with its bits turned. */
import { service } from "brood";

export default service({
  bytes: (client, bytes) => client.write(bytes.map((byte) => byte ^ 0xff)),
});
