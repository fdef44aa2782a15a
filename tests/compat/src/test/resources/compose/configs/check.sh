export SERVER=example.test VARIABLE='by environment'
up
is 'listen 80' inside app 'cat /site'
is 'server=example.test
user=$USER' inside app 'cat /etc/app/inline.conf'
is 'by environment' inside app 'cat /variable'
is 444 inside app 'stat -c %a /etc/app/inline.conf'
export SERVER=other.test
up --force-recreate
has server=other.test inside app 'cat /etc/app/inline.conf'
