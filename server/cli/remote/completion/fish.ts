import type { CommandCandidate, FlagCandidate } from "./candidates.ts";

/** Returns the script for fish: `brood completion fish | source`. */
export function fishScript(commands: readonly CommandCandidate[]): string {
  return `# brood for fish: brood completion fish | source

# The IDs of the live children of the server that --url names, or of the default one.
function __brood_children
    set -l words (commandline -opc)
    set -l url
    if set -l at (contains -i -- --url $words)
        set url --url $words[(math $at + 1)]
    end
    set -a url (string match -- '--url=*' $words)
    $words[1] completion children $url 2>/dev/null
end

function __brood_needs_command
    test (count (commandline -opc)) -eq 1
end

function __brood_command
    set -l words (commandline -opc)
    test (count $words) -gt 1; and test $words[2] = $argv[1]
end

complete -c brood -f
complete -c brood -n __brood_needs_command -l help -d 'show help'
${commands.flatMap(commandLines).join("\n")}
`;
}

function commandLines({ name, help, flags, operands }: CommandCandidate): string[] {
  const begin = `complete -c brood -n ${quote(`__brood_command ${name}`)}`;
  return [
    `complete -c brood -n __brood_needs_command -a ${name} -d ${quote(help)}`,
    ...flags.map((flag) => `${begin} ${flagOptions(flag)}`),
    ...(operands === "children" ? [`${begin} -a '(__brood_children)'`] : []),
    ...(operands !== "children" && operands.length > 0 ? [`${begin} -a ${list(operands)}`] : []),
  ];
}

function flagOptions({ name, help, value, choices, takesFile }: FlagCandidate): string {
  const takes = value === null ? "" : ` -r${takesFile ? " -F" : " -f"}`;
  const offered = choices.length === 0 ? "" : ` -a ${list(choices)}`;
  return `-l ${name}${takes}${offered} -d ${quote(help)}`;
}

/** Returns words as one argument, which fish splits at its unescaped spaces. */
function list(words: readonly string[]): string {
  return quote(words.map((word) => word.replaceAll(" ", "\\ ")).join(" "));
}

/** Within single quotes fish interprets \\\\ and \\', and leaves any other \\ alone. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "\\'")}'`;
}
