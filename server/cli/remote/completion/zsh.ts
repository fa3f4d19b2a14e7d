import type { CommandCandidate, FlagCandidate } from "./candidates.ts";

/**
 * Returns the script for zsh: `source <(brood completion zsh)`, or a file `_brood` in its $fpath.
 */
export function zshScript(commands: readonly CommandCandidate[]): string {
  return `#compdef brood
# brood for zsh: source <(brood completion zsh), or saved as _brood in a directory of $fpath

# The IDs of the live children of the server that --url names, or of the default one.
_brood_children() {
  local -a children url
  local line at=\${words[(I)--url]}
  (( at )) && url=(--url "\${(Q)words[at + 1]}")
  at=\${words[(I)--url=*]}
  (( at )) && url=("\${(Q)words[at]}")
  for line in "\${(@f)$("$brood" completion children $url 2> /dev/null)}"; do
    [[ -n $line ]] && children+=("\${line%%$'\\t'*}:\${\${line#*$'\\t'}//:/\\\\:}")
  done
  _describe -t children child children
}

_brood() {
  local brood=\${(Q)words[1]}
  local -a commands
  commands=(
${commands.map(({ name, help }) => `    ${quote(`${name}:${help}`)}`).join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe -t commands command commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
${commands.map(commandCase).join("\n")}
  esac
}

if [[ $funcstack[1] == _brood ]]; then
  _brood "$@"
else
  compdef _brood brood
fi
`;
}

function commandCase({ name, flags, operands }: CommandCandidate): string {
  const specs = flags.map(flagSpec);
  if (operands === "children") specs.push("'*:child:_brood_children'");
  else if (operands.length > 0) specs.push(quote(`1:shell:(${operands.join(" ")})`));
  return `    ${name})\n      _arguments -s ${specs.map((spec) => `\\\n        ${spec}`).join(" ")}\n      ;;`;
}

function flagSpec({ name, help, value, choices, takesFile }: FlagCandidate): string {
  const description = `[${help.replace(/[[\]\\:]/g, "\\$&")}]`;
  if (value === null) return quote(`--${name}${description}`);
  const words = choices.map((choice) => choice.replaceAll(" ", "\\ ")).join(" ");
  const label = value.replaceAll(":", "\\:");
  const action = takesFile ? "_files" : choices.length > 0 ? `(${words})` : " ";
  const spec = `--${name}=${description}:${label}:${action}`;
  return takesFile && choices.length > 0
    ? quote(`--${name}=${description}:${label}:{ compadd -- ${words}; _files }`)
    : quote(spec);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
