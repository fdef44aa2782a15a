up
effective() { inside "$1" 'sed -n "s/^CapEff:[[:space:]]*//p" /proc/1/status'; }
is 00000000a80425fb effective default
is 00000000aa0435fb effective added
is 0000000000000001 effective dropped
is "$(sed -n 's/^CapBnd:[[:space:]]*//p' /proc/self/status)" effective privileged
is 'ok' inside privileged 'test -e /dev/kmsg && echo ok'
