/** Installs what the contestants need. */
import { install } from "../install.mjs";

install("test/bench/setup", [
  { program: "php", package: "php-cli", ask: "-m", shows: ["pcntl", "sockets"] },
  { program: "tcpserver", package: "ucspi-tcp" },
  { program: "dash", package: "dash" },
  { program: "socat", package: "socat" },
  { program: "python3", package: "python3" },
  { program: "node", package: "nodejs" },
]);
