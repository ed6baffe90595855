# bash takes = and : for ends of words, and they stand inside of akwiz' words: the line is put together again, and what bash has already is
# cut off what it is given.
_akwiz() {
    local line=${COMP_LINE:0:COMP_POINT} words=() last=-1 rest i
    for ((i = 0; i <= COMP_CWORD; i++)); do
        rest=${line#"${line%%[![:space:]]*}"}
        if ((last < 0)) || [[ $rest != "$line" ]]; then
            last=$((last + 1))
            words[last]=
        fi
        if ((i == COMP_CWORD)); then
            words[last]+=$rest
        else
            words[last]+=${COMP_WORDS[i]}
            line=${rest#"${COMP_WORDS[i]}"}
        fi
    done
    local IFS=$'\013' space=true
    compopt +o nospace 2>/dev/null && space=false
    COMPREPLY=($(_CLAP_IFS=$IFS _CLAP_COMPLETE_INDEX=$last _CLAP_COMPLETE_COMP_TYPE=$COMP_TYPE _CLAP_COMPLETE_SPACE=$space \
        AKWIZ_COMPLETE=bash akwiz -- "${words[@]}" 2>/dev/null)) || COMPREPLY=()
    if [[ $space == false && ${COMPREPLY-} =~ [=/:]$ ]]; then
        compopt -o nospace
    fi
    local ends=
    [[ $COMP_WORDBREAKS == *=* ]] && ends+='='
    [[ $COMP_WORDBREAKS == *:* ]] && ends+=':'
    if [[ -n $ends && ${words[last]} == *[$ends]* ]]; then
        local typed=${words[last]}
        COMPREPLY=("${COMPREPLY[@]#"${typed%"${typed##*[$ends]}"}"}")
    fi
}
if [[ ${BASH_VERSINFO[0]} -gt 4 || ${BASH_VERSINFO[0]} -eq 4 && ${BASH_VERSINFO[1]} -ge 4 ]]; then
    complete -o nospace -o bashdefault -o nosort -F _akwiz akwiz
else
    complete -o nospace -o bashdefault -F _akwiz akwiz
fi
