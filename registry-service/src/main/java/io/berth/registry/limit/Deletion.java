package io.berth.registry.limit;

import org.springframework.stereotype.Component;

/** Whether clients may delete; what the registry does by itself, such as retention, is not asked about. Immutable. */
@Component
public class Deletion {
    private final boolean allowed;

    Deletion(LimitProperties properties) {
        this.allowed = properties.deletion();
    }

    public boolean allowed() {
        return allowed;
    }
}
