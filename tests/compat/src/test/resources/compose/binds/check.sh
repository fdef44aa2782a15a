up
is text inside app 'cat /file.txt'
fails 'Read-only' inside app 'echo x >/file.txt'
inside app 'echo written >/dir/by-container'
is written cat dir/by-container
inside app 'touch /made/x'
test -f made/x
is '1024 1770' inside app 'echo $(df -k /tmpfs | tail -1 | tr -s " " | cut -d" " -f2) $(stat -c %a /tmpfs)'
is below inside app 'cat /sub/file'
fails 'bind source path does not exist' compose --profile missing up -d missing
