#compdef akwiz
_akwiz() {
    local IFS=$'\n' lines line value
    local -a words_done=() folders=() questions=()
    lines=("${(@f)$(_CLAP_IFS=$'\n' _CLAP_COMPLETE_INDEX=$((CURRENT - 1)) AKWIZ_COMPLETE=zsh akwiz -- "${words[@]}" 2>/dev/null)}")
    for line in $lines; do
        value=${line%%:*}
        # After a folder and after the equals sign of a question the word goes on.
        if [[ $value == */ ]]; then
            folders+=("${value%/}${line#$value}")
        elif [[ $value == *= ]]; then
            questions+=("$line")
        else
            words_done+=("$line")
        fi
    done
    [[ -n $folders ]] && _describe -V 'values' folders -S '/' -r '/'
    [[ -n $questions ]] && _describe -V 'values' questions -S ''
    [[ -n $words_done ]] && _describe -V 'values' words_done
}
compdef _akwiz akwiz
