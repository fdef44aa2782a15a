up
fails 'No space left' inside app 'echo x >/dev/mine'
is 'character special file 1 7' inside app 'stat -c "%F %t %T" /dev/mine'
fails 'Operation not permitted' inside app 'echo x >/dev/log-only'
is '[c 1:3 mr b 7:* rmw]' inspect app .HostConfig.DeviceCgroupRules
inside app 'mknod /tmp/loop9 b 7 9 && test -b /tmp/loop9'
