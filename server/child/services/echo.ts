/** RFC 862: whatever comes goes back. Bytes are bytes: telnet's own are not looked at. */
import type { Service } from "./service.ts";

const NOTHING = Buffer.alloc(0);

/** It remembers nothing, so one serves for all. */
export const echoService: Service = {
  receive: (bytes) => bytes,
  quiet() {},
  end: () => NOTHING,
  unfinished: false,
  quitting: "no",
  endingWait: 0,
};
