up
eventually '2 exited' inspect failing '.RestartCount}} {{.State.Status'
is 3 docker run --rm -v "${COMPOSE_PROJECT_NAME}_runs:/data" berth-test/busybox sh -c 'wc -l </data/runs'
is 'unless-stopped no' echo "$(inspect unless .HostConfig.RestartPolicy.Name)" "$(inspect never .HostConfig.RestartPolicy.Name)"
eventually exited inspect never .State.Status
