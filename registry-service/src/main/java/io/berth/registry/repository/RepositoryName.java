package io.berth.registry.repository;

import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import java.util.regex.Pattern;

/**
 * A repository's name, {@code library/busybox} (distribution specification, "Pulling manifests").
 *
 * @param value at most 255 characters of the specification's grammar
 */
public record RepositoryName(String value) {
    private static final int MAX_LENGTH = 255;
    private static final String COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*+";
    private static final Pattern GRAMMAR = Pattern.compile(COMPONENT + "(?:/" + COMPONENT + ")*+");

    /** @throws RegistryException NAME_INVALID for anything outside the grammar */
    public RepositoryName {
        // The length first: the pattern never sees more than a name can have.
        if (value.length() > MAX_LENGTH || !GRAMMAR.matcher(value).matches()) {
            throw RegistryException.about(ErrorCode.NAME_INVALID, "name", value);
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
