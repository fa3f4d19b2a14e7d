/** A service of bytes, for the tests: sends each back with its bits inverted. */
import { service } from "brood";

export default service({
  bytes: (client, bytes) => client.write(bytes.map((byte) => byte ^ 0xff)),
});
