up
is '1||noted' inspect map 'index .Config.Labels "com.example.one"}}|{{index .Config.Labels "com.example.empty"}}|{{index .HostConfig.Annotations "com.example.note"'
is '2||again' docker inspect --format '{{index .Config.Labels "com.example.two"}}|{{index .Config.Labels "com.example.service"}}|{{index .HostConfig.Annotations "com.example.note"}}' compose-named
is compose-named docker ps --filter label=com.example.two=2 --format '{{.Names}}'
