package io.berth.registry.error.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryError;
import java.util.List;
import java.util.Map;

/**
 * The body of every error response (distribution specification, "Error Codes").
 *
 * <pre>{"errors": [{"code": "NAME_INVALID", "message": "invalid repository name", "detail": {"name": "Foo"}}]}</pre>
 */
record ErrorBody(List<Entry> errors) {
    record Entry(
            ErrorCode code,
            String message,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, String> detail) {}

    static ErrorBody of(List<RegistryError> errors) {
        return new ErrorBody(errors.stream()
                .map(error -> new Entry(error.code(), error.message(), error.detail()))
                .toList());
    }

    static ErrorBody of(ErrorCode code, String message) {
        return of(List.of(RegistryError.of(code, message)));
    }
}
