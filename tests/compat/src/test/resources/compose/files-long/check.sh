up
is 'file 2' inspect app 'index .Config.Labels "com.example.from"}} {{index .Config.Labels "com.example.two"'
is 'character special file 1 b' inside app 'stat -c "%F %t %T" /dev/log-only'
fails 'Operation not permitted' inside app 'echo x >/dev/log-only'
is text inside app 'cat /dir/file.txt'
