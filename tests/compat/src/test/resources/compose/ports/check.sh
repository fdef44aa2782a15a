up
get() { busybox wget -qO- -T 5 "http://$1/"; }
eventually served get 127.0.0.1:18080
is served get 127.0.0.1:18081
is 0.0.0.0:18081 compose port web 81
is 0.0.0.0:18053 compose port --protocol udp web 53
is 0.0.0.0:18091 compose port web 91
random=$(docker port "$(name web)" 80 | sed -n 's/^0.0.0.0://p' | head -n 1)
is served get "127.0.0.1:$random"
compose stop -t 0 web
fails '' get 127.0.0.1:18080
