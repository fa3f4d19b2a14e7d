/** Installs the programs that the tests drive. */
import { install } from "./install.mjs";

install("test/setup", [
  { program: "bash", package: "bash" },
  { program: "zsh", package: "zsh" },
  { program: "fish", package: "fish" },
  { program: "perl", package: "perl" },
  { program: "telnet", package: "telnet" },
  { program: "vim", package: "vim" },
  { program: "top", package: "procps" },
  { program: "git", package: "git" },
  { program: "php", package: "php-cli" },
  { program: "ssh", package: "openssh-client" },
  { program: "ssh-keygen", package: "openssh-client" },
  { program: "sshd", package: "openssh-server" },
  { program: "nc", package: "netcat-openbsd", shows: ["-N"] },
  { program: "ps", package: "procps" },
  { program: "pstree", package: "psmisc" },
  { program: "setpriv", package: "util-linux" },
  { program: "prlimit", package: "util-linux" },
  { program: "unshare", package: "util-linux" },
  { program: "mount", package: "mount" },
  { program: "chromium-headless-shell", package: "chromium-headless-shell" },
  { program: "prometheus", package: "prometheus" },
  { program: "promtool", package: "prometheus" },
]);
