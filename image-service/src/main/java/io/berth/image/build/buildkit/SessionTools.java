package io.berth.image.build.buildkit;

import io.berth.image.build.RemoteSources;
import io.berth.image.data.DataDirectory;
import io.berth.image.layer.LayerStore;
import org.springframework.stereotype.Component;

/** What a client's session is read with. */
@Component
record SessionTools(
        AgentSockets agents, ClientImages images, DataDirectory data, LayerStore layers, RemoteSources sources) {}
