up
web() { compose ps --format '{{.Name}}' web | sort | tr '\n' ' '; }
is 'compose-scale-web-1 compose-scale-web-2 ' web
first=$(inspect web .Id)
up --scale web=4
is 'compose-scale-web-1 compose-scale-web-2 compose-scale-web-3 compose-scale-web-4 ' web
is "$first" inspect web .Id
# The name leads to all of them.
is 4 inside client "nslookup web 2>/dev/null | grep ^Address | grep -vc :53"
compose scale -d web=1 || compose up -d --scale web=1
is 'compose-scale-web-1 ' web
