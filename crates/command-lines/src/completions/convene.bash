# Completes `convene`: the program itself knows its commands, conferences, rooms and people.
_convene() {
    local line
    COMPREPLY=()
    while IFS=$'\t' read -r line _; do
        COMPREPLY+=("$line")
    done < <(convene __complete -- "${COMP_WORDS[@]:1:COMP_CWORD-1}" "=${COMP_WORDS[COMP_CWORD]}" 2>/dev/null)
}
# As file names, so that bash quotes spaces.
complete -o filenames -o nosort -F _convene convene
