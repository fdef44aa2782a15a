fails 'network compose-external-net' up
docker network create compose-external-net >/dev/null
docker volume create compose-external-volume >/dev/null
trap 'compose down -t 0 >/dev/null 2>&1; docker network rm compose-external-net; docker volume rm compose-external-volume' EXIT
up
inside app 'echo data >/kept/file'
is 2 inside app 'ip -o -4 addr | grep -c "scope global"'
compose down -v -t 0
# What is external stays.
is compose-external-net docker network inspect --format '{{.Name}}' compose-external-net
is data docker run --rm -v compose-external-volume:/kept berth-test/busybox cat /kept/file
