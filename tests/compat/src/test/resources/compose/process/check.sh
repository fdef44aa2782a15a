up
eventually 'one 1' inside words 'cat /out'
eventually '/srv/app
1000
1001 2000 65534
an argument' inside list 'cat /tmp/out'
is 'sleep 1000 ' inside cleared "tr '\\0' ' ' </proc/1/cmdline"
has /dev/pts/ inside cleared 'readlink /proc/1/fd/0'
is 'true true' inspect cleared '.Config.Tty}} {{.Config.OpenStdin'
