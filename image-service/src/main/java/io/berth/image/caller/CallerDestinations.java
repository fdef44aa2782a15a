package io.berth.image.caller;

import io.berth.outgoing.Destinations;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * Which addresses this service connects to for whom: for operators every one, who may reach them anyway; for everybody else those of
 * the public Internet and those that an operator allows. Whatever fetches for a caller asks here. Thread-safe.
 */
@Component
public final class CallerDestinations {
    private final Destinations others;

    CallerDestinations(OutgoingProperties properties) {
        this.others = Destinations.publicAnd(List.of()).and(properties.allowed());
    }

    /** For a caller's commands. */
    public Destinations of(Caller caller) {
        return caller.restricted() ? others : Destinations.ANY;
    }
}
