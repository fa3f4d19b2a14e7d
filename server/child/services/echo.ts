/** RFC 862: sends back what it receives. Telnet's commands are bytes like any others. */
import type { ByteService } from "./byte-service.ts";

const NOTHING = Buffer.alloc(0);

/** It has no state, so one object serves every client. */
export const echoService: ByteService = {
  receive: (bytes) => bytes,
  end: () => NOTHING,
};
