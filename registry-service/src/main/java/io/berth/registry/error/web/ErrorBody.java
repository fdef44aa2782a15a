package io.berth.registry.error.web;

import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryError;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The body of every error response (distribution specification, "Error Codes").
 *
 * <pre>{"errors": [{"code": "NAME_INVALID", "message": "invalid repository name", "detail": {"name": "Foo"}}]}</pre>
 */
record ErrorBody(List<Entry> errors) {
    /**
     * One error.
     *
     * @param detail what it is about; null, and so left out, when there is nothing to add
     */
    record Entry(ErrorCode code, String message, @Nullable Map<String, String> detail) {
        static Entry of(RegistryError error) {
            return new Entry(error.code(), error.message(), error.detail().isEmpty() ? null : error.detail());
        }
    }

    static ErrorBody of(List<RegistryError> errors) {
        return new ErrorBody(errors.stream().map(Entry::of).toList());
    }

    static ErrorBody of(ErrorCode code, String message) {
        return of(List.of(RegistryError.of(code, message)));
    }
}
