import type { CommandCandidate, FlagCandidate } from "./candidates.ts";

/** Returns the script for bash: `eval "$(brood completion bash)"`. */
export function bashScript(commands: readonly CommandCandidate[]): string {
  return `# brood for bash: eval "$(brood completion bash)"

# Offers those of its arguments that start with what was typed.
_brood_offer() {
  local word
  for word in "$@"; do
    [[ $word == "$typed"* ]] && COMPREPLY+=("$(printf %q "$word")")
  done
}

_brood_files() {
  local IFS=$'\\n'
  compopt -o filenames
  COMPREPLY+=($(compgen -f -- "$typed"))
}

# The IDs of the live children of the server that --url names, or of the default one.
_brood_children() {
  local id rest url=() named='--url[= ]+([^ ]+)'
  # bash splits a URL at its colons; COMP_LINE has all of it.
  [[ $COMP_LINE =~ $named ]] && url=(--url "\${BASH_REMATCH[1]}")
  while IFS=$'\\t' read -r id rest; do
    _brood_offer "$id"
  done < <("\${COMP_WORDS[0]}" completion children "\${url[@]}" 2> /dev/null)
}

_brood() {
  local typed=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  # bash splits --sort=cpu into three words.
  if [[ $typed == = ]]; then
    typed=
  elif [[ $before == = ]]; then
    before=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  typed=\${typed//\\\\/}
  if ((COMP_CWORD == 1)); then
    _brood_offer ${words(commands.map(({ name }) => name))} --help
    return
  fi
  case "\${COMP_WORDS[1]} $before" in
${commands.flatMap(valueCases).join("\n")}
  esac
  case "\${COMP_WORDS[1]}" in
${commands.map(commandCase).join("\n")}
  esac
}

complete -F _brood brood
`;
}

/** Returns the cases that complete the value of a flag. */
function valueCases({ name, flags }: CommandCandidate): string[] {
  return flags
    .filter(({ value }) => value !== null)
    .map((flag) => `    ${quote(`${name} --${flag.name}`)}) ${offer(flag)}return ;;`);
}

function offer({ choices, takesFile }: FlagCandidate): string {
  const parts = [
    ...(choices.length > 0 ? [`_brood_offer ${words(choices)}`] : []),
    ...(takesFile ? ["_brood_files"] : []),
  ];
  return parts.map((part) => `${part}; `).join("");
}

function commandCase({ name, flags, operands }: CommandCandidate): string {
  const offered = words(flags.map((flag) => `--${flag.name}`));
  const other = operands === "children" ? "_brood_children" : `_brood_offer ${words(operands)}`;
  return `    ${name}) if [[ $typed == -* ]]; then _brood_offer ${offered}; else ${other}; fi ;;`;
}

function words(all: readonly string[]): string {
  return all.map(quote).join(" ");
}

function quote(word: string): string {
  return /^[\w-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
