# What zsh offers for a line, one in each line: zsh -f zsh-offers.zsh SCRIPT LINE.
# The line editor wants a terminal of its own, in which a second zsh reads this file too.
if [[ $1 == inside ]]; then
  autoload -U compinit && compinit -u -D
  source $2
  compadd() {
    # With -O, -A and -D nothing is offered yet.
    if [[ " ${(j: :)@[1,(i)(-|--)]} " == *\ -[OAD]\ * ]]; then
      builtin compadd "$@"
      return
    fi
    local -a found
    builtin compadd -A found "$@"
    print -rl -- "offered "${^found}
    builtin compadd "$@"
  }
  finished() { print -r -- "offers end" }
  comppostfuncs=(finished)
  bindkey "^I" complete-word
  print -r -- "ready"
  return
fi
zmodload zsh/zpty
zpty editor zsh -f -i
zpty -w editor "PROMPT= RPROMPT=; source ${(q)0} inside ${(q)1}"
while zpty -r editor said; do [[ $said == *ready$'\r'* ]] && break; done
zpty -w -n editor "$2"$'\t'
while zpty -r editor said; do
  [[ $said == *"offers end"* ]] && break
  [[ $said == *offered\ * ]] && print -r -- "${${said##*offered }%%[[:space:]]#}"
done
zpty -d editor
