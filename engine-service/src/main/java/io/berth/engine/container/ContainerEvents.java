package io.berth.engine.container;

import io.berth.engine.event.EngineEvents;
import java.util.HashMap;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Events of containers, with the attributes that Docker gives them: labels, image and name. */
@Component
public final class ContainerEvents {
    private final EngineEvents events;

    ContainerEvents(EngineEvents events) {
        this.events = events;
    }

    /** Publishes an event without further attributes. */
    public void publish(Container container, String action) {
        publish(container, action, Map.of());
    }

    /** Publishes an event. */
    public void publish(Container container, String action, Map<String, String> attributes) {
        ContainerSnapshot snapshot = container.snapshot();
        Map<String, String> all = new HashMap<>(snapshot.spec().labels());
        all.put("image", snapshot.spec().imageReference());
        all.put("name", snapshot.name());
        all.putAll(attributes);
        events.publish("container", action, container.id().value(), all);
    }
}
