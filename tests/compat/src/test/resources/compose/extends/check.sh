up
is 'same yes' inside same 'echo $LEVEL $ONLY_BASE'
is 'other common' inside other 'echo $LEVEL $FILE'
is base inspect same 'index .Config.Labels "from"'
is 00000000aa0425fb inside other 'sed -n "s/^CapEff:[[:space:]]*//p" /proc/1/status'
