FROM berth-test/busybox AS first
RUN echo first >/first
FROM berth-test/busybox AS final
ARG GREETING
ARG FROM_HOST
COPY --from=first /first /first
COPY --from=more file /more
RUN --mount=type=secret,id=key cat /run/secrets/key >/key
RUN echo "$GREETING $FROM_HOST" >/greeting; ulimit -n >/nofile; grep build.test /etc/hosts >/hosts; ls /sys/class/net >/nets; df -k /dev/shm | tail -n 1 >/shm
FROM final AS after
RUN exit 1
