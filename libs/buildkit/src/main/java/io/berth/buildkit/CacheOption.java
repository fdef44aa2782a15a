package io.berth.buildkit;

import io.berth.json.Frozen;
import java.util.Map;

/**
 * Where cache comes from or goes to ({@code --cache-from}, {@code --cache-to}).
 *
 * @param type such as {@code registry}, {@code inline}, {@code local}
 * @param attributes such as {@code ref}, {@code mode}
 */
public record CacheOption(String type, Map<String, String> attributes) {
    public CacheOption {
        attributes = Frozen.map(attributes);
    }
}
