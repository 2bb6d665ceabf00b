/** Shells that a script can be printed for. */
export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/**
 * All of them ask `mesh __complete -- WORDS...` (the last word is at the cursor), which answers one candidate a line, with a
 * tab before its description, and `:files` where names of files may stand.
 */
export const shellScripts: Readonly<Record<Shell, string>> = {
  bash: `# Completion of mesh for bash. Load it with: source <(mesh completion bash)
_mesh_complete() {
  COMPREPLY=()
  local value description
  while IFS=$'\\t' read -r value description; do
    if [[ $value == :files ]]; then
      while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")
    else
      COMPREPLY+=("$value")
    fi
  done < <("\${COMP_WORDS[0]}" __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
# Older shells cannot leave the order alone.
complete -o filenames -o nosort -F _mesh_complete mesh 2>/dev/null || complete -o filenames -F _mesh_complete mesh
`,
  zsh: `#compdef mesh
# Completion of mesh for zsh. Load it with: source <(mesh completion zsh)
_mesh() {
  local -a candidates
  local value description files
  while IFS=$'\\t' read -r value description; do
    if [[ $value == :files ]]; then
      files=yes
    else
      candidates+=("\${value//:/\\\\:}:$description")
    fi
  done < <("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( \${#candidates} )) && _describe mesh candidates
  [[ -n $files ]] && _files
}
# Loaded as a file of the function path, it is the function itself; sourced, it has to be made known.
if [[ \${funcstack[1]} == _mesh ]]; then _mesh "$@"; else compdef _mesh mesh; fi
`,
  fish: `# Completion of mesh for fish. Load it with: mesh completion fish | source
function __mesh_complete
  set -l words (commandline -opc) (commandline -ct)
  for line in ($words[1] __complete -- $words[2..-1] 2>/dev/null)
    if test "$line" = ":files"
      __fish_complete_path (commandline -ct)
    else
      echo $line
    end
  end
end
complete -c mesh -f -a "(__mesh_complete)"
`,
};
